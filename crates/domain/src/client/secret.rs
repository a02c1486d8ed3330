//! The secrets of a client, and what it may sign with them.

use std::str::FromStr;

use super::Client;
use crate::{
    fault::Malformed,
    id::{ClientUid, SecretId, TenantId},
    random::Random,
    secret::{Digest, OpaqueToken, SealedSecret, TokenKind},
    time::Timestamp,
    vocabulary::Algorithm,
};

/// What signs a client's ID tokens (OpenID Connect Dynamic Client Registration section 2,
/// `id_token_signed_response_alg`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IdTokenSigning {
    /// The tenant's key, by the algorithm that goes without saying in the tenant's profile.
    #[default]
    TenantKey,
    /// The tenant's key of that algorithm.
    Key(Algorithm),
    /// The client's own secret, by HS256 (OpenID Connect Core section 10.1).
    ClientSecret,
}

impl IdTokenSigning {
    /// The algorithm that the client registered; empty where it says nothing.
    #[must_use]
    pub const fn registered(self) -> &'static str {
        match self {
            Self::TenantKey => "",
            Self::Key(algorithm) => algorithm.as_str(),
            Self::ClientSecret => "HS256",
        }
    }
}

impl FromStr for IdTokenSigning {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "" => Ok(Self::TenantKey),
            "HS256" => Ok(Self::ClientSecret),
            other => other.parse().map(Self::Key).map_err(|_| {
                let rule = "must be empty, HS256, or an algorithm that tenants can sign with";
                Malformed::new("id_token_signed_response_alg", rule)
            }),
        }
    }
}

/// One secret of a client: its digest, and a sealed copy where the server has to sign with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Which of them it is.
    pub id: SecretId,
    /// Its digest.
    pub digest: Digest,
    /// The text, sealed for [`ClientSecret::context`]. Only secrets that were generated for a client whose ID tokens
    /// they sign have one.
    pub sealed: Option<SealedSecret>,
    /// Its last four characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it last proved its client, to the minute. Written a little later than it happens.
    pub last_used_at: Option<Timestamp>,
}

/// That a secret proved its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretUse {
    /// The tenant.
    pub tenant: TenantId,
    /// The client.
    pub client: ClientUid,
    /// The secret.
    pub secret: SecretId,
    /// When.
    pub at: Timestamp,
}

impl ClientSecret {
    /// A secret that works until it is deleted, and its text, which is told once.
    #[must_use]
    pub fn generate(random: &dyn Random, now: Timestamp) -> (Self, OpaqueToken) {
        let token = OpaqueToken::generate(TokenKind::ClientSecret, random);
        let secret = Self {
            id: SecretId::generate(random, now),
            digest: token.digest(),
            sealed: None,
            hint: token.hint(),
            created_at: now,
            expires_at: None,
            last_used_at: None,
        };
        (secret, token)
    }

    /// What a sealed copy is bound to, so that it opens for this secret of this client and nowhere else.
    #[must_use]
    pub fn context(client: ClientUid, secret: SecretId) -> Vec<u8> {
        [client.uuid().into_bytes(), secret.uuid().into_bytes()].concat()
    }

    /// Whether it still works.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

impl Client {
    /// How many of its secrets work.
    #[must_use]
    pub fn live_secrets(&self, now: Timestamp) -> usize {
        self.secrets.iter().filter(|secret| secret.is_live(now)).count()
    }

    /// The live secrets that have a sealed copy, in no order.
    pub fn sealed_secrets(&self, now: Timestamp) -> impl Iterator<Item = (&ClientSecret, &SealedSecret)> {
        let live = self.secrets.iter().filter(move |secret| secret.is_live(now));
        live.filter_map(|secret| secret.sealed.as_ref().map(|sealed| (secret, sealed)))
    }

    /// The secret that signs: the newest of them.
    #[must_use]
    pub fn signing_secret(&self, now: Timestamp) -> Option<(&ClientSecret, &SealedSecret)> {
        self.sealed_secrets(now).max_by_key(|(secret, _)| (secret.created_at, secret.id))
    }

    /// Whether the server could sign with every secret that the client has, the expired ones included.
    #[must_use]
    pub fn has_sealed_secrets_alone(&self) -> bool {
        self.secrets.iter().all(|secret| secret.sealed.is_some())
    }
}
