//! What went wrong, sorted by who is at fault.

use std::{error::Error, fmt};

use crate::change::Noun;

/// A failure of ours: the caller did nothing wrong and cannot mend it.
///
/// The cause is for the log alone; a door answers with the kind and never with the cause.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    what: &'static str,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// The two ways in which we fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Something we need is away; trying again later may help.
    Unavailable,
    /// Something that cannot be, is; trying again will not help.
    Broken,
}

impl Fault {
    /// Something that we depend on does not answer.
    pub fn unavailable(what: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FaultKind::Unavailable, what, cause: Some(cause.into()) }
    }

    /// An invariant of ours does not hold.
    pub fn broken(what: &'static str, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { kind: FaultKind::Broken, what, cause: Some(cause.into()) }
    }

    /// An invariant of ours does not hold, and there is no deeper cause to name.
    #[must_use]
    pub const fn bug(what: &'static str) -> Self {
        Self { kind: FaultKind::Broken, what, cause: None }
    }

    /// Which of the two ways this is.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)?;
        let mut cause: Option<&dyn Error> = self.cause.as_deref().map(|c| c as &dyn Error);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl Error for Fault {}

/// Why a write was not made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Another thing of this noun has the name already.
    #[error("this {} exists already", .0.label())]
    Taken(Noun),
    /// The row has moved on since it was read, or is gone.
    #[error("changed by somebody else in the meantime")]
    Stale,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why the change feed is not read on.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The change at which the reader is, is not there: the database was restored, or lost its last transactions to another
    /// one that took over, or the change was removed because nobody had read on for that long. Nobody can tell what is
    /// missing, so the reader begins anew.
    #[error("the change up to which the feed was read is not there any more")]
    Lost,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// A text that does not have the form that its type asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {rule}")]
pub struct Malformed {
    /// What was being read, such as `client_id`.
    pub what: &'static str,
    /// The rule that it breaks, ready to follow the name in a sentence.
    pub rule: &'static str,
}

impl Malformed {
    /// Names the thing and the rule it breaks.
    #[must_use]
    pub const fn new(what: &'static str, rule: &'static str) -> Self {
        Self { what, rule }
    }
}

/// A move that the state of a thing does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot go from {from} to {to}")]
pub struct IllegalMove {
    /// The state that it is in.
    pub from: &'static str,
    /// The state that was asked for.
    pub to: &'static str,
}
