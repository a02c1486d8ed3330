//! `chancery audit verify`: no server is asked.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use chancery_audit::{KeySet, Options, Verified, read_checkpoint, verify};
use clap::Args;
use serde_json::json;

use crate::error::CliError;
use crate::output::Output;

/// An export to check.
#[derive(Args, Debug)]
pub struct Verify {
    /// The export
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Public keys, as `audit keys --jwks` prints them; without it signatures are not looked at
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The checkpoint behind which the export begins, if it begins in the middle of a chain
    #[arg(long, value_name = "FILE")]
    after: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere, and that the export must reach
    #[arg(long, value_name = "FILE")]
    until: Option<PathBuf>,
}

impl Verify {
    /// Reads the export and names the first thing that is wrong.
    pub(crate) fn run(self, output: Output) -> Result<String, CliError> {
        let keys = self.keys.as_deref().map(|file| {
            let text = CliError::reading(file, fs::read_to_string(file))?;
            KeySet::read(&text).ok_or_else(|| not(file, "a JSON Web Key Set of audit keys"))
        });
        let checkpoint = |file: &PathBuf| {
            let text = CliError::reading(file, fs::read_to_string(file))?;
            // The last one counts, so that an earlier export serves as well.
            let last = text.lines().filter_map(read_checkpoint).next_back();
            last.ok_or_else(|| not(file, "a checkpoint, nor a file that holds one"))
        };
        let options = Options {
            keys: keys.transpose()?,
            after: self.after.as_ref().map(checkpoint).transpose()?,
            until: self.until.as_ref().map(checkpoint).transpose()?,
        };
        let file = CliError::reading(&self.file, File::open(&self.file))?;
        let verified = verify(BufReader::new(file).split(b'\n'), &options).map_err(|broken| CliError::Io {
            what: format!("{} does not verify", self.file.display()),
            cause: io::Error::new(io::ErrorKind::InvalidData, broken),
        })?;
        Ok(told(&verified, output))
    }
}

fn not(file: &Path, what: &str) -> CliError {
    CliError::Usage(format!("{} is not {what}", file.display()))
}

fn told(verified: &Verified, output: Output) -> String {
    let Verified { chain, first, last, checkpoints, signed } = verified;
    if output == Output::Table {
        let signatures = if *signed { "and their signatures verify" } else { "whose signatures nobody looked at" };
        let events = first.map_or_else(
            || format!("there is no event behind {last} in the chain {chain}"),
            |first| format!("events {first} to {last} of the chain {chain} are as they were written"),
        );
        return format!("{events}: {checkpoints} checkpoints, {signatures}\n");
    }
    let told =
        json!({"chain": chain, "first": first, "last": last, "checkpoints": checkpoints, "signaturesVerified": signed});
    format!("{told:#}\n")
}
