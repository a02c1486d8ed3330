//! Signing, verifying and sealing for one tenant. The keys room answers; nobody else sees a key.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::{
    client::Client,
    fault::Fault,
    id::{ClientId, UserId},
    time::Timestamp,
    vocabulary::{Algorithm, TokenType},
};

/// Signs with the tenant's active keys.
#[async_trait]
pub trait SignTokens: Send + Sync {
    /// A compact JWS (RFC 7515) over `claims`, which is the JSON text of a JWT claims set. The header holds `alg`,
    /// `kid` and, where the type has one, `typ`.
    async fn sign(&self, algorithm: Algorithm, typ: TokenType, claims: &[u8]) -> Result<String, Fault>;
}

/// Believes what the tenant's own keys and token secrets signed, and nothing else.
pub trait VerifyTokens: Send + Sync {
    /// The claims of a token of this type whose signature is by a published key of the tenant. Strict: one signature,
    /// the algorithm that the kind of the key named by `kid` has, no unknown `crit`, no repeated member. Time, issuer and
    /// audience are the caller's. A token of a type that has no `typ` of its own is never believed.
    fn verify(&self, token: &str, typ: TokenType) -> Result<Map<String, Value>, Untrusted>;

    /// The same for an ID token that serves as a hint: a retired key still proves it.
    fn verify_hint(&self, token: &str) -> Result<Map<String, Value>, Untrusted>;
}

/// Signs and verifies by HS256 (RFC 7518 section 3.2), with secrets that whoever verifies has too.
pub trait MacTokens: Send + Sync {
    /// A token over `claims` for the client, whose key is the client's newest live secret that is kept sealed: the octets
    /// of its text (OpenID Connect Core section 10.1). The header holds `alg` and, where the type has one, `typ`.
    fn sign_for_client(&self, client: &Client, typ: TokenType, claims: &[u8], now: Timestamp) -> Result<String, Fault>;

    /// An ID token over `claims`, signed so.
    fn sign_id_token(&self, client: &Client, claims: &[u8], now: Timestamp) -> Result<String, Fault> {
        self.sign_for_client(client, TokenType::IdToken, claims, now)
    }

    /// The claims of an ID token whose key is one of the client's live secrets. As strict as [`VerifyTokens`]. That the
    /// client is one whose ID tokens are signed so, the caller has seen to.
    fn verify_id_token(&self, client: &Client, token: &str, now: Timestamp) -> Result<Map<String, Value>, Untrusted>;

    /// An access token whose key is derived from the tenant's active token secret and from `claims`, which must hold
    /// `client_id`, `sub`, `scp` and `jti`. The header holds `alg`, `kid` and `typ`. [`VerifyTokens`] believes it.
    fn sign_access_token(&self, claims: &[u8]) -> Result<String, Fault>;

    /// The client that an ID token signed by HS256 says it was issued for, which proves nothing yet. None for a token
    /// that is signed in another way, or is none.
    fn claimed_client(&self, token: &str) -> Option<ClientId>;
}

/// Why a token is not believed. For logs and tests; on the wire they all look the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// Not a compact JWS of the form that we write.
    #[error("not a token of the right form")]
    Malformed,
    /// Of another type.
    #[error("a token of another type")]
    WrongType,
    /// Signed with a key that this tenant does not publish.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The algorithm is not that of the key.
    #[error("signed with another algorithm than the key's")]
    WrongAlgorithm,
    /// The signature does not fit.
    #[error("the signature does not fit")]
    BadSignature,
}

/// What sealed bytes are for; bytes sealed for one purpose never open for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A sign-in in progress, on its way through the browser.
    SignIn,
    /// A consent in progress, on its way through the browser.
    Consent,
    /// A sign-out in progress, on its way through the browser.
    SignOut,
    /// A request that waits until somebody has made themselves an account, on its way through the browser.
    SignUp,
    /// A device's wish that somebody decides about, on its way through the browser.
    Device,
    /// A password that is being chosen, on its way through the browser.
    PasswordChoice,
    /// A refresh token's child.
    RefreshChild,
    /// The parameters of a pushed authorization request.
    PushedRequest,
    /// What an opaque access token says.
    AccessToken,
    /// The position of a list.
    PageToken,
    /// The position of somebody who watches.
    ResumeToken,
    /// The secret of a client that signs its ID tokens.
    ClientSecret,
    /// A secret that a tenant shares with resource servers.
    TokenSecret,
    /// The nonces that DPoP proofs have.
    DpopNonce,
}

impl Purpose {
    /// The name that goes into the key derivation.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Consent => "consent",
            Self::SignOut => "sign-out",
            Self::SignUp => "sign-up",
            Self::Device => "device",
            Self::PasswordChoice => "password-choice",
            Self::RefreshChild => "refresh-child",
            Self::PushedRequest => "pushed-request",
            Self::AccessToken => "access-token",
            Self::PageToken => "page-token",
            Self::ResumeToken => "resume-token",
            Self::ClientSecret => "client-secret",
            Self::TokenSecret => "token-secret",
            Self::DpopNonce => "dpop-nonce",
        }
    }
}

/// Seals bytes under keys derived from the tenant's own.
pub trait Sealer: Send + Sync {
    /// Seals `plain`; it opens only with the same purpose and context.
    fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Opens what [`Self::seal`] sealed; `None` when anything differs.
    fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>>;

    /// Seals `plain` under the tenant's key and `secret` together: the database and the tenant's key cannot open it
    /// without the secret, which has at least 256 random bits.
    fn seal_under(&self, secret: &str, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>, Fault>;

    /// Opens what [`Self::seal_under`] sealed.
    fn open_under(&self, secret: &str, purpose: Purpose, sealed: &[u8]) -> Option<Vec<u8>>;

    /// A tag over `text` that nobody can make without the tenant's own key. The same text has the same one.
    fn tag(&self, purpose: Purpose, text: &[u8]) -> Result<[u8; 32], Fault>;

    /// The name under which a sector knows that user (OpenID Connect Core section 8.1): always the same one, which tells
    /// nothing to anybody without the tenant's own key. It outlives rotations of signing keys and of master keys.
    fn pseudonym(&self, sector: &str, user: UserId) -> Result<String, Fault>;

    /// The user whom a sector knows under that name; none where we never gave that name to that sector.
    fn behind_pseudonym(&self, sector: &str, pseudonym: &str) -> Option<UserId>;
}
