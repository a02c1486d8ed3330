//! Configuration: the one room that reads the file and the environment.
//!
//! One TOML file; every value can be overridden by an environment variable (`http.listen` by `CHANCERY_HTTP__LISTEN`);
//! every secret can be given as a value or as a file (`url` or `url_file`). Whatever is wrong is collected, each fault
//! with its line, so that one look mends all of them.

mod admin;
mod fault;
mod keys;
mod leaves;
mod master;
mod mtls;
mod outbound;
mod proxies;
mod restricted;
mod second_approver;
mod sections;
mod signers;

use std::path::Path;

use chancery_domain::time::{Clock, Timestamp};

use crate::wiring::SystemClock;

pub(crate) use fault::ConfigFaults;
use leaves::Leaves;
pub(crate) use master::{new_master_key, read_master_key};
pub(crate) use mtls::{MtlsSection, MtlsWay};
pub(crate) use sections::{ClientCertificates, Config, LogFormat, LogSection, TlsFiles, WorkerSection, is_private};

/// Where the environment is read.
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the environment")]
fn environment() -> Vec<(String, String)> {
    std::env::vars().collect()
}

/// The time by this machine's clock, for what depends on a date.
fn now() -> Timestamp {
    SystemClock.now()
}

/// Reads the file and the environment over it.
pub(crate) fn load(path: &Path) -> Result<Config, ConfigFaults> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigFaults::unreadable(&shown, &error))?;
    parse(&shown, &text, environment())
}

/// Reads a configuration from its text and the environment.
pub(crate) fn parse(
    file: &str,
    text: &str,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigFaults> {
    let mut leaves = Leaves::read(text).map_err(|faults| ConfigFaults::new(file, faults))?;
    leaves.overlay(environment);
    let config = Config::build(&mut leaves);
    let faults = leaves.finish();
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => Err(ConfigFaults::new(file, faults)),
    }
}

#[cfg(test)]
mod tests;
