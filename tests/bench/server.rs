//! The servers, each on the first core.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use chancery_tests::{dev::Announcement, http::Http, program::binary};
use serde_json::json;
use tempfile::TempDir;

use crate::target::Target;

/// Clock ticks a second in `/proc` (`USER_HZ`), on every architecture that Linux runs on today.
const TICKS: u64 = 100;

/// A running server, killed when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) origin: String,
    _folder: Option<TempDir>,
}

impl Server {
    /// `chancery dev`, and what to ask of it.
    pub(crate) async fn chancery() -> Result<(Self, Target)> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data").display().to_string();
        let mut command = pinned(&binary()?);
        command.args(["dev", "--output", "json", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data", &data]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = BufReader::new(child.stdout.take().context("stdout")?);
        let announced = serde_json::Deserializer::from_reader(output).into_iter::<Announcement>().next();
        let announced = announced.context("it announced nothing")??;
        let server = Self { child, origin: announced.public_url.clone(), _folder: Some(folder) };
        let target = Target::of(&announced).await?;
        Ok((server, target))
    }

    /// The floor, with the same documents and the same client.
    pub(crate) async fn floor(target: &Target) -> Result<Self> {
        let mut child =
            pinned(&std::env::current_exe()?).arg("floor").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let task = json!({
            "discovery": target.discovery, "keys": target.keys, "issuer": target.issuer,
            "client_id": target.client.client_id, "client_secret": target.client.client_secret,
        });
        writeln!(child.stdin.as_mut().context("stdin")?, "{task}")?;
        let mut origin = String::new();
        BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut origin)?;
        let server = Self { child, origin: origin.trim().to_owned(), _folder: None };
        Http::new()?.get(&server.origin)?.send().await.context("the floor does not answer")?;
        Ok(server)
    }

    /// The processor time it has used, in user and in system mode.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        cpu_of(self.child.id())
    }
}

/// The processor time that a process has used, in user and in system mode.
pub(crate) fn cpu_of(process: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program stands in brackets and may hold spaces; utime and stime are the 12th and 13th after.
    let fields = stat.rsplit_once(')').context("no name")?.1.split_whitespace().skip(11).take(2);
    let ticks = fields.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `taskset` replaces itself by the program, so the child's id is the program's.
fn pinned(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "0"]).arg(program).stdin(Stdio::null());
    command
}
