//! The binary as a child process.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// A running `chancery`, killed when dropped. What it prints and logs goes to files in its folder.
pub struct Program {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

/// What a command that ended by itself left behind.
#[derive(Debug)]
pub struct Finished {
    /// Whether it succeeded.
    pub success: bool,
    /// The code that it ended with; nothing when it was killed.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl Program {
    /// Starts `chancery` with these arguments, its files in that folder under that name.
    pub fn start(folder: &Path, name: &str, arguments: &[&str]) -> Result<Self> {
        Self::start_with(folder, name, arguments, &[])
    }

    /// The same with these environment variables.
    pub fn start_with(folder: &Path, name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Self> {
        let stdout = folder.join(format!("{name}.out"));
        let stderr = folder.join(format!("{name}.log"));
        let append = |path: &Path| File::options().create(true).append(true).open(path);
        let child = Command::new(binary()?)
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(append(&stdout)?)
            .stderr(append(&stderr)?)
            .spawn()
            .context("starting chancery")?;
        Ok(Self { child, stdout, stderr })
    }

    /// Runs `chancery` to its end.
    pub async fn run(arguments: &[&str]) -> Result<Finished> {
        Self::run_with(arguments, &[]).await
    }

    /// Runs `chancery` to its end with these environment variables.
    pub async fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Finished> {
        let mut command = tokio::process::Command::new(binary()?);
        command.args(arguments).envs(environment.iter().copied()).stdin(Stdio::null()).kill_on_drop(true);
        let limit = Duration::from_secs(60);
        let output = tokio::time::timeout(limit, command.output())
            .await
            .with_context(|| format!("chancery {} did not end within a minute", arguments.join(" ")))??;
        Ok(Finished {
            success: output.status.success(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it printed so far.
    #[must_use]
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.stdout).unwrap_or_default()
    }

    /// What it logged so far.
    #[must_use]
    pub fn logged(&self) -> String {
        fs::read_to_string(&self.stderr).unwrap_or_default()
    }

    /// Waits until that is so; fails when the process ends before, or at the limit.
    pub async fn until<T>(&mut self, what: &str, mut so: impl AsyncFnMut(&Self) -> Option<T>) -> Result<T> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            if let Some(it) = so(self).await {
                return Ok(it);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("chancery ended ({status}) before {what}:\n{}{}", self.printed(), self.logged());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("no {what} within a minute:\n{}{}", self.printed(), self.logged())
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for it to end by itself.
    pub async fn end(&mut self, within: Duration) -> Result<ExitStatus> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        bail!("chancery still runs after {within:?}:\n{}", self.logged())
    }

    /// Asks it to stop (SIGTERM) and waits for the end.
    pub async fn stop(mut self) -> Result<ExitStatus> {
        self.signal("-TERM")?;
        self.end(Duration::from_secs(30)).await
    }

    /// Takes the processor away from it (SIGSTOP): it stands still, and does not know.
    pub fn freeze(&self) -> Result<()> {
        self.signal("-STOP")
    }

    /// Lets it go on where it stood (SIGCONT).
    pub fn thaw(&self) -> Result<()> {
        self.signal("-CONT")
    }

    /// Asks it to take files up again (SIGHUP).
    pub fn hang_up(&self) -> Result<()> {
        self.signal("-HUP")
    }

    /// Presses Ctrl-C (SIGINT).
    pub fn interrupt(&self) -> Result<()> {
        self.signal("-INT")
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let sent = Command::new("kill").args([signal, &self.pid().to_string()]).status()?;
        anyhow::ensure!(sent.success(), "kill {signal} failed");
        Ok(())
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The binary of this build: it stands beside the test or one folder above it.
pub fn binary() -> Result<PathBuf> {
    program_of_this_build("chancery")
}

/// A program of this build by its name.
pub fn program_of_this_build(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join(name)).find(|path| path.is_file());
    found.with_context(|| {
        format!("there is no {name} beside the tests: build it with `cargo build --workspace --all-targets`")
    })
}
