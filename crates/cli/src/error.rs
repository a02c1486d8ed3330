//! Why a command failed.

mod advice;
mod code;
mod exit;
mod report;
mod way;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use tonic::Status;

pub use self::exit::Exit;
use self::report::Report;
use crate::output::Output;

/// Why a command failed. At fault is the caller or the way to the server in every case: a fault of the server's own
/// arrives as [`CliError::Refused`] with the code INTERNAL.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The arguments do not go together, or something needed is missing.
    #[error("{0}")]
    Usage(String),
    /// Nothing is there to show who calls.
    #[error("{0}")]
    NoCredential(String),
    /// A file or a stream could not be read or written.
    #[error("{what}: {cause}")]
    Io {
        /// What was being done.
        what: String,
        /// Why it failed.
        cause: io::Error,
    },
    /// A person could not be signed in.
    #[error("cannot sign in: {why}")]
    SignIn {
        /// Why not.
        why: String,
        /// Whether it is only that the issuer cannot be reached.
        is_away: bool,
    },
    /// Something else answers where the admin API should be.
    #[error("what answers there does not speak the admin API, or went away in the middle ({why})")]
    Foreign {
        /// What came in place of an answer.
        why: String,
    },
    /// The server said no, or could not be reached.
    #[error("{}", .0.message())]
    Refused(Box<Status>),
    /// There is an answer, which says by itself how it ended.
    #[error("{}", exit.meaning())]
    Told {
        /// The answer.
        text: String,
        /// How the process ends.
        exit: Exit,
    },
    /// A command of several calls stopped in the middle.
    #[error("{done}; {then}")]
    HalfDone {
        /// What is done all the same.
        done: String,
        /// Why the rest is not.
        then: Box<CliError>,
    },
}

impl CliError {
    /// Tells about the failure on standard error: as lines for people, or as one object for scripts. The process is to
    /// end as [`CliError::exit`] says.
    #[must_use]
    pub fn report(&self, output: Output) -> ExitCode {
        if let Self::Told { text, exit } = self {
            return crate::print(text).map_or(ExitCode::FAILURE, |_| (*exit).into());
        }
        let report = Report::of(self);
        match output {
            Output::Table => eprint!("{}", report.for_people()),
            Output::Json | Output::Yaml => eprint!("{}", output.document(&report.for_scripts())),
        }
        self.exit().into()
    }

    /// How a command ends that failed like this.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::of(self)
    }

    /// A sign-in that was refused, or whose answer does not do.
    pub(crate) const fn sign_in(why: String) -> Self {
        Self::SignIn { why, is_away: false }
    }

    /// The result of reading a file, with the file named in the failure.
    pub(crate) fn reading<T>(file: &Path, result: io::Result<T>) -> Result<T, Self> {
        result.map_err(|cause| Self::Io { what: format!("cannot read {}", file.display()), cause })
    }
}

impl From<Status> for CliError {
    fn from(status: Status) -> Self {
        match way::causes(&status) {
            Some(why) if way::is_foreign(status.code(), &why) => Self::Foreign { why },
            Some(_) | None => Self::Refused(Box::new(status)),
        }
    }
}
