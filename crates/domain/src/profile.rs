//! The security profile of a tenant: it sets the defaults and refuses what contradicts it.

use serde::{Deserialize, Serialize};

use crate::vocabulary::Algorithm;

/// The profiles that a tenant can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// New applications: PKCE for every client, code flow only.
    Oauth21,
    /// What certified OpenID Connect relying parties expect.
    Oidc,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 2] = [Self::Oauth21, Self::Oidc];

    /// The name in configuration and storage.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Oauth21 => "oauth21",
            Self::Oidc => "oidc",
        }
    }

    /// What a new tenant signs with unless told otherwise.
    #[must_use]
    pub const fn default_algorithm(self) -> Algorithm {
        match self {
            Self::Oauth21 => Algorithm::Es256,
            Self::Oidc => Algorithm::Rs256,
        }
    }

    /// Whether every client, confidential ones too, must send a PKCE challenge.
    #[must_use]
    pub const fn always_requires_pkce(self) -> bool {
        match self {
            Self::Oauth21 => true,
            Self::Oidc => false,
        }
    }

    /// Whether request objects are taken (OpenID Connect Core section 6).
    #[must_use]
    pub const fn takes_request_objects(self) -> bool {
        match self {
            Self::Oauth21 => false,
            Self::Oidc => true,
        }
    }

    /// Whether tokens may be signed with a secret that whoever verifies them has too.
    #[must_use]
    pub const fn allows_shared_secrets(self) -> bool {
        match self {
            Self::Oauth21 => false,
            Self::Oidc => true,
        }
    }

    /// Whether tokens may leave through the browser, where a tenant switches that on.
    #[must_use]
    pub const fn allows_front_channel_tokens(self) -> bool {
        match self {
            Self::Oauth21 => false,
            Self::Oidc => true,
        }
    }
}
