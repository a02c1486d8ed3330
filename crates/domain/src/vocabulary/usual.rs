//! Words that go without saying.

use super::{AccessTokenFormat, SubjectType};

impl SubjectType {
    /// Whether it is the one that goes without saying, which is not written down.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference to the field")]
    pub(crate) const fn is_public(&self) -> bool {
        match self {
            Self::Public => true,
            Self::Pairwise => false,
        }
    }
}

impl AccessTokenFormat {
    /// Whether it is the one that goes without saying, which settings at rest leave out.
    #[must_use]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference to the field")]
    pub(crate) const fn is_usual(&self) -> bool {
        match self {
            Self::Jwt => true,
            Self::Hmac | Self::Opaque => false,
        }
    }
}
