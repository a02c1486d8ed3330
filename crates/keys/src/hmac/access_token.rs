//! HMAC access tokens, whose key is derived from a token secret of the tenant and from the token's own claims.
//!
//! ```text
//! fields    = the JSON array ["<client_id>","<sub>","<scp, joined by one space each>","<jti>"] without white space
//! key       = HMAC-SHA256(the octets of the text of the secret, fields)
//! signature = HMAC-SHA256(key, header "." payload), which is HS256 (RFC 7518 section 3.2)
//! ```
//!
//! No field can hold a quotation mark, a backslash or a character beyond ASCII, so every JSON library writes the same
//! octets. `kid` names the secret. A consumer that gets the claims and returns the key needs nothing else:
//!
//! ```python
//! def salt_generator(claims):
//!     fields = [claims["client_id"], claims["sub"], " ".join(claims["scp"]), claims["jti"]]
//!     text = json.dumps(fields, separators=(",", ":"))
//!     return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
//! ```
//!
//! A key of its own for each token means that a consumer which leaks one, or hands it on, gives one token away and not
//! the secret. `aud` is the client, as such consumers expect, and the scopes stand in the list `scp` as well as in
//! `scope`; all else is as in RFC 9068, the type `at+jwt` included.

use std::sync::Arc;

use aws_lc_rs::hmac;
use chancery_domain::{
    fault::Fault,
    ports::jose::{Purpose, Sealer, Untrusted, VerifyTokens},
    token_secret::TokenSecret,
    vocabulary::TokenType,
};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{HS256, Header, Macs, compact};
use crate::{
    jws::{json, verify::Presented},
    seal::TenantSealer,
};

/// A token secret, opened.
pub(super) struct AccessKey {
    kid: String,
    secret: hmac::Key,
    /// Whether it is the one that signs.
    pub(super) signs: bool,
}

impl AccessKey {
    /// Opens a secret in its row.
    pub(super) fn open(sealer: &TenantSealer, secret: &TokenSecret) -> Option<Self> {
        let context = TokenSecret::context(secret.id);
        let text = Zeroizing::new(sealer.open(Purpose::TokenSecret, &context, &secret.sealed.0)?);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &text);
        Some(Self { kid: secret.id.to_string(), secret: key, signs: secret.is_active() })
    }

    /// The access token over `claims`.
    pub(super) fn sign(&self, claims: &[u8]) -> Result<String, Fault> {
        let said = json::object(claims).ok_or_else(|| Fault::bug("the claims of a token are not an object"))?;
        let key = self.derived(&said).ok_or_else(|| Fault::bug("an access token lacks a claim that its key needs"))?;
        compact(&Header { alg: HS256, kid: Some(&self.kid), typ: TokenType::AccessToken.typ() }, claims, &key)
    }

    /// The key of the token that says this; none where a claim is missing or of another form.
    fn derived(&self, claims: &Map<String, Value>) -> Option<hmac::Key> {
        let text = |claim: &str| claims.get(claim).and_then(Value::as_str);
        let scopes = claims.get("scp")?.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
        let fields = [text("client_id")?, text("sub")?, &scopes.join(" "), text("jti")?];
        let mac = hmac::sign(&self.secret, &serde_json::to_vec(&fields).ok()?);
        Some(hmac::Key::new(hmac::HMAC_SHA256, mac.as_ref()))
    }
}

impl Macs {
    /// What an access token says whose `kid` names one of the tenant's token secrets; none for any other token. The kind
    /// of the key decides the algorithm, and the token has no say in it.
    fn verify_access_token(&self, token: &str, typ: TokenType) -> Option<Result<Map<String, Value>, Untrusted>> {
        if self.access.is_empty() {
            return None;
        }
        let presented = Presented::read(token).ok()?;
        let key = presented.kid().ok().and_then(|kid| self.access.iter().find(|key| key.kid == kid))?;
        let proves = |claims: &Map<String, Value>, signed: &[u8], signature: &[u8]| {
            key.derived(claims).is_some_and(|key| hmac::verify(&key, signed, signature).is_ok())
        };
        Some(match typ {
            TokenType::AccessToken => presented.claims_by(HS256, typ, proves),
            TokenType::IdToken
            | TokenType::LogoutToken
            | TokenType::Introspection
            | TokenType::AuthorizationResponse
            | TokenType::UserInfo => Err(Untrusted::WrongType),
        })
    }
}

/// Believes what a tenant's keys signed and what its token secrets did.
pub struct Believer {
    keys: Arc<dyn VerifyTokens>,
    macs: Arc<Macs>,
}

impl Believer {
    /// Joins the two.
    #[must_use]
    pub fn new(keys: Arc<dyn VerifyTokens>, macs: Arc<Macs>) -> Self {
        Self { keys, macs }
    }
}

impl VerifyTokens for Believer {
    fn verify(&self, token: &str, typ: TokenType) -> Result<Map<String, Value>, Untrusted> {
        let by_secret = self.macs.verify_access_token(token, typ);
        by_secret.unwrap_or_else(|| self.keys.verify(token, typ))
    }

    fn verify_hint(&self, token: &str) -> Result<Map<String, Value>, Untrusted> {
        self.keys.verify_hint(token)
    }
}

impl std::fmt::Debug for Believer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Believer(..)")
    }
}
