//! What a client presents to say who it is.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chancery_domain::{
    id::ClientId,
    secret::{OpaqueToken, Secret, TokenKind},
    view::TenantView,
    vocabulary::ClientAuthMethod,
};

use super::assertion;
use crate::{dpop::Sent, error::OAuthError, parameters::Parameters, percent};

/// Who a client says it is, and its proof. Never shows the proof.
pub struct Credentials {
    pub(super) client: ClientId,
    pub(super) proof: Proof,
    dpop: Sent,
}

/// How the client proves it.
pub(super) enum Proof {
    /// Not at all: good for public clients.
    Nothing,
    /// With a secret; none when what came in cannot be one of ours.
    Secret(ClientAuthMethod, Option<OpaqueToken>),
    /// With an assertion that it signed.
    Assertion(Secret),
}

impl Credentials {
    /// Reads the `Authorization` header and the form. Two ways at once are refused (RFC 6749 section 2.3); a
    /// `client_id` in the form beside a Basic header or an assertion must be the same.
    pub fn read(view: &TenantView, authorization: Option<&str>, parameters: &Parameters) -> Result<Self, OAuthError> {
        let named = parameters.optional("client_id")?;
        let secret = parameters.optional("client_secret")?;
        let assertion = parameters.optional("client_assertion")?;
        let kind = parameters.optional("client_assertion_type")?;
        let ways = [authorization.is_some(), secret.is_some(), assertion.is_some() || kind.is_some()];
        if ways.into_iter().filter(|way| *way).count() > 1 {
            return Err(OAuthError::invalid_request("the client must authenticate in one way only"));
        }
        let read = match (authorization, assertion, kind) {
            (Some(header), _, _) => Self::basic(header, named),
            (None, Some(assertion), Some(assertion::TYPE)) => Self::assertion(view, assertion, named),
            (None, Some(_), _) => None,
            (None, None, Some(_)) => return Err(OAuthError::invalid_request("client_assertion is missing")),
            (None, None, None) => Self::form(named, secret),
        };
        read.ok_or_else(OAuthError::invalid_client)
    }

    /// `private_key_jwt` and `client_secret_jwt`: an assertion, which says by itself whose it is.
    fn assertion(view: &TenantView, assertion: &str, named: Option<&str>) -> Option<Self> {
        let client = assertion::claimed(view, assertion)?;
        let same = named.is_none_or(|named| named == client.as_str());
        same.then(|| Self::of(client, Proof::Assertion(Secret::new(assertion.to_owned()))))
    }

    /// `client_secret_basic`: id and secret, each form-encoded, joined by a colon (RFC 6749 section 2.3.1).
    fn basic(header: &str, named: Option<&str>) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = STANDARD.decode(encoded).ok()?;
        let colon = pair.iter().position(|byte| *byte == b':')?;
        let id = decoded(&pair[..colon])?;
        let secret = decoded(&pair[colon + 1..])?;
        if named.is_some_and(|named| named != id) {
            return None;
        }
        Self::with_secret(&id, ClientAuthMethod::Basic, &secret)
    }

    /// `client_secret_post`, or `none`: a client that only says its name.
    fn form(named: Option<&str>, secret: Option<&str>) -> Option<Self> {
        match secret {
            Some(secret) => Self::with_secret(named?, ClientAuthMethod::Post, secret),
            None => Some(Self::of(named?.parse().ok()?, Proof::Nothing)),
        }
    }

    fn with_secret(id: &str, method: ClientAuthMethod, secret: &str) -> Option<Self> {
        let token = OpaqueToken::parse(TokenKind::ClientSecret, secret);
        Some(Self::of(id.parse().ok()?, Proof::Secret(method, token)))
    }

    const fn of(client: ClientId, proof: Proof) -> Self {
        Self { client, proof, dpop: Sent::Nothing }
    }

    /// The same with what came in the `DPoP` headers beside.
    #[must_use]
    pub fn with_dpop(self, dpop: Sent) -> Self {
        Self { dpop, ..self }
    }

    /// What came in the `DPoP` headers.
    #[must_use]
    pub const fn dpop(&self) -> &Sent {
        &self.dpop
    }

    /// Whether there is a proof, good or bad: somebody who guesses sends one.
    #[must_use]
    pub const fn carries_proof(&self) -> bool {
        match self.proof {
            Proof::Nothing => false,
            Proof::Secret(..) | Proof::Assertion(_) => true,
        }
    }

    /// Who the client says it is; nothing is proven yet.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client
    }
}

fn decoded(encoded: &[u8]) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    percent::decode_form(encoded, &mut bytes)?;
    String::from_utf8(bytes).ok()
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("client", &self.client).finish_non_exhaustive()
    }
}
