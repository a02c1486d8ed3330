//! Where the parameters of a request come from: for now from the request itself.
//!
//! Whatever brings parameters in another way (an object that the client signed, a request that it pushed before) puts
//! them into a [`Source`], and every check after that is the same. It knows the client, which is named in the request
//! itself however the rest comes, and it stands before the redirect URI, so what goes wrong here is a page.

use crate::parameters::Parameters;

/// The parameters that count.
pub(super) enum Source<'a> {
    /// Those that were sent.
    Plain(&'a Parameters),
}

impl<'a> Source<'a> {
    pub(super) const fn of(sent: &'a Parameters) -> Self {
        Self::Plain(sent)
    }

    pub(super) const fn parameters(&self) -> &Parameters {
        match self {
            Self::Plain(sent) => sent,
        }
    }
}
