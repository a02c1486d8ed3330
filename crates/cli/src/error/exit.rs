//! Exit codes: what a script may rely on.

use std::process::ExitCode;

use tonic::Code;

use super::CliError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It is done.
    Done,
    /// It was refused or failed, for a reason without a number of its own.
    Failed,
    /// The command line is wrong or not complete; or there are changes, where that was the question.
    Usage,
    /// What it names is not there.
    NotFound,
    /// The caller is not known, or may not.
    Denied,
    /// Somebody else was there first: the name is taken, or the version has moved on.
    Conflict,
    /// The server could not be reached or is busy: the same command may succeed later.
    Unavailable,
}

impl Exit {
    /// Every way to end.
    pub const ALL: [Self; 7] =
        [Self::Done, Self::Failed, Self::Usage, Self::NotFound, Self::Denied, Self::Conflict, Self::Unavailable];

    /// The number that the process ends with.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotFound => 3,
            Self::Denied => 4,
            Self::Conflict => 5,
            Self::Unavailable => 6,
        }
    }

    /// What it means, for help and reference.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "refused or failed, without a number of its own; or done in part",
            Self::Usage => "the command line is wrong; or there are changes, which was the question",
            Self::NotFound => "what it names is not there",
            Self::Denied => "the caller is not known, or may not",
            Self::Conflict => "somebody else was there first: the name is taken, or the etag is old",
            Self::Unavailable => "the server cannot be reached or is busy; the same may succeed later",
        }
    }

    /// The table of the help text.
    #[must_use]
    pub fn table() -> String {
        let line = |exit: Self| format!("  {}  {}", exit.number(), exit.meaning());
        format!("Exit codes:\n{}", Self::ALL.map(line).join("\n"))
    }

    /// How a command ends that failed like that.
    pub(super) fn of(error: &CliError) -> Self {
        match error {
            CliError::Usage(_) => Self::Usage,
            CliError::Told { exit, .. } => *exit,
            CliError::SignIn { is_away: true, .. } | CliError::Foreign { .. } => Self::Unavailable,
            CliError::SignIn { is_away: false, .. } | CliError::NoCredential(_) => Self::Denied,
            CliError::Refused(status) => Self::of_code(status.code()),
            // Whoever sees "not found" after half of the work would take it for the whole.
            CliError::Io { .. } | CliError::HalfDone { .. } => Self::Failed,
        }
    }

    const fn of_code(code: Code) -> Self {
        match code {
            Code::Ok => Self::Done,
            Code::NotFound => Self::NotFound,
            Code::Unauthenticated | Code::PermissionDenied => Self::Denied,
            Code::AlreadyExists | Code::Aborted => Self::Conflict,
            Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Cancelled => Self::Unavailable,
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Internal
            | Code::Unknown
            | Code::DataLoss => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.number().into()
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::*;

    #[test]
    fn every_end_has_its_number() {
        let table = Exit::table();
        for (number, exit) in Exit::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(exit.number()), number);
            assert!(table.contains(&format!("\n  {number}  ")), "{table}");
        }
    }

    #[test]
    fn a_script_tells_absence_from_a_server_that_is_away() {
        let end = |code| Exit::of(&Status::new(code, "").into());
        assert_eq!(end(Code::NotFound), Exit::NotFound);
        assert_eq!(end(Code::PermissionDenied), Exit::Denied);
        assert_eq!(end(Code::Aborted), Exit::Conflict);
        assert_eq!(end(Code::Unavailable), Exit::Unavailable);
        assert_eq!(end(Code::FailedPrecondition), Exit::Failed);
        assert_eq!(Exit::of(&CliError::Usage(String::new())), Exit::Usage);
        let then = Box::new(Status::not_found("").into());
        assert_eq!(Exit::of(&CliError::HalfDone { done: String::new(), then }), Exit::Failed);
    }
}
