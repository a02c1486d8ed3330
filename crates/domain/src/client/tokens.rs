//! What a client registers about the tokens that it gets: what signs and encrypts them, how long they live, and under
//! which name they speak of people.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Client, Encryption, IdTokenSigning, lifetimes::TokenLifetimes, sector::SectorIdentifierUri};
use crate::{
    fault::Malformed,
    key_policy::KeyPolicy,
    vocabulary::{Algorithm, SubjectType},
};

/// What a client registers about that. What signs its ID tokens stands in a field of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientTokens {
    /// What signs its UserInfo answers; they are plain JSON where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signing: Option<Algorithm>,
    /// How its ID tokens are encrypted, behind their signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_encryption: Option<Encryption>,
    /// How its UserInfo answers are encrypted, behind their signature where they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_encryption: Option<Encryption>,
    /// What signs the answers that it gets from the introspection endpoint (RFC 9701 section 6); it gets no signed ones
    /// where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_signing: Option<Algorithm>,
    /// Under which name it knows people.
    #[serde(skip_serializing_if = "SubjectType::is_public")]
    pub subject_type: SubjectType,
    /// Which clients know people under the same names as it, where these are pairwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<SectorIdentifierUri>,
    /// Whether its access tokens are bound to the key of a DPoP proof, all of them (RFC 9449 section 5.2).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dpop_bound: bool,
    /// How long its tokens live, where that is not as long as the tenant's.
    #[serde(skip_serializing_if = "TokenLifetimes::is_usual")]
    pub lifetimes: TokenLifetimes,
}

impl ClientTokens {
    /// Whether nothing was registered.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Client {
    /// Whether what it registered about its tokens fits together.
    pub(super) fn check_tokens(&self) -> Result<(), Malformed> {
        let tokens = &self.metadata.tokens;
        let has_keys = self.metadata.keys.is_some();
        for (what, encryption) in [
            ("id_token_encrypted_response_alg", tokens.id_token_encryption),
            ("userinfo_encrypted_response_alg", tokens.userinfo_encryption),
            ("authorization_encrypted_response_alg", self.metadata.authorization_encryption),
        ] {
            if encryption.is_some() && !has_keys {
                return Err(Malformed::new(what, "needs a public key of the client, in jwks or at its jwks_uri"));
            }
        }
        if tokens.introspection_signing.is_some() && self.is_public() {
            return Err(Malformed::new("introspection_signed_response_alg", "must be empty for a public client"));
        }
        if tokens.dpop_bound && self.metadata.response_types.iter().any(|it| it.has_access_token()) {
            let rule = "must not be true for a client whose access tokens leave through the browser";
            return Err(Malformed::new("dpop_bound_access_tokens", rule));
        }
        match tokens.subject_type {
            SubjectType::Public => {}
            SubjectType::Pairwise => drop(self.sector_of_redirects()?),
        }
        tokens.lifetimes.check()
    }

    /// Whether the tenant can sign its tokens as it asks, and for as long.
    pub fn fits(&self, policy: &KeyPolicy) -> Result<(), Malformed> {
        if let Some((what, _)) = self.lost_algorithm(policy) {
            return Err(Malformed::new(what, "must be one of the key policy's algorithms"));
        }
        self.metadata.tokens.lifetimes.fit(policy.longest_token_life)
    }

    /// The first of the algorithms that it registered which the policy does not hold, and where it stands.
    #[must_use]
    pub fn lost_algorithm(&self, policy: &KeyPolicy) -> Option<(&'static str, Algorithm)> {
        let id_token = match self.id_token_signing {
            IdTokenSigning::Key(algorithm) => Some(algorithm),
            IdTokenSigning::TenantKey | IdTokenSigning::ClientSecret => None,
        };
        let tokens = &self.metadata.tokens;
        let registered = [
            ("id_token_signed_response_alg", id_token),
            ("userinfo_signed_response_alg", tokens.userinfo_signing),
            ("introspection_signed_response_alg", tokens.introspection_signing),
            ("authorization_signed_response_alg", self.metadata.authorization_signing),
        ];
        let mut named = registered.into_iter().filter_map(|(what, algorithm)| Some((what, algorithm?)));
        named.find(|(_, algorithm)| !policy.algorithms.contains(algorithm))
    }

    /// The longest life that it asks for anything that is signed for it.
    #[must_use]
    pub fn longest_life(&self) -> Duration {
        self.metadata.tokens.lifetimes.longest_signed()
    }
}
