//! What is wrong with a module, in sentences for the person who configures it.

use std::path::PathBuf;

use chancery_domain::fault::Fault;
use cryptoki::error::{Error, RvError};

/// Why a token could not be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file is not there, or is no PKCS#11 module.
    #[error("cannot load the PKCS#11 module {}: {cause}", module.display())]
    NoModule {
        /// The file.
        module: PathBuf,
        /// What the loader says.
        cause: Error,
    },
    /// The module is there and does not begin to work.
    #[error("the PKCS#11 module {} does not begin to work: {cause}", module.display())]
    NoBeginning {
        /// The file.
        module: PathBuf,
        /// What the module says.
        cause: Error,
    },
    /// No token has that label.
    #[error("no token has the label {token:?}; {}", named(there))]
    NoToken {
        /// The label that was looked for.
        token: String,
        /// The labels that there are.
        there: Vec<String>,
    },
    /// Several tokens have that label, and a guess could make keys in the wrong one.
    #[error("{count} tokens have the label {token:?}; give them labels of their own")]
    Ambiguous {
        /// The label.
        token: String,
        /// How many have it.
        count: usize,
    },
    /// The PIN is not that of the token's user. It is not tried again, because tokens lock themselves.
    #[error(
        "the PIN is not that of the user of the token {token:?}; it is not tried again, lest the token lock itself"
    )]
    WrongPin {
        /// The label of the token.
        token: String,
    },
    /// The token has locked itself.
    #[error("the token {token:?} is locked after too many wrong PINs")]
    Locked {
        /// The label of the token.
        token: String,
    },
    /// The token has no user yet.
    #[error("the token {token:?} has no user PIN yet")]
    NoUser {
        /// The label of the token.
        token: String,
    },
    /// The operating system gives us no thread.
    #[error("no thread could be started for the sessions of the token: {0}")]
    NoThread(std::io::Error),
    /// Anything else that the module says.
    #[error("the token {token:?} does not answer: {cause}")]
    NoAnswer {
        /// The label of the token.
        token: String,
        /// What the module says.
        cause: Error,
    },
}

fn named(labels: &[String]) -> String {
    if labels.is_empty() {
        "the module has no token at all".to_owned()
    } else {
        format!("the module has {}", labels.iter().map(|label| format!("{label:?}")).collect::<Vec<_>>().join(", "))
    }
}

impl From<OpenError> for Fault {
    fn from(error: OpenError) -> Self {
        Self::unavailable("a hardware security module cannot be used", error)
    }
}

/// Whether a new session may mend it: the session, the login or a handle has gone, or the token was away.
pub(crate) const fn is_of_the_session(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::SessionCount
                | RvError::UserNotLoggedIn
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::SlotIdInvalid
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::OperationActive
                | RvError::CryptokiNotInitialized,
            _
        )
    )
}
