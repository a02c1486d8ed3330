//! Access tokens that only their issuer can read: what the token says, sealed under the tenant's own key and 256 random
//! bits that the token begins with. Nothing is stored for one.
//!
//! ```text
//! chk_<256 random bits, base64url> "." <the sealed JSON of the claims, base64url>
//! ```
//!
//! The random bits are no secret from whoever holds the token. They give each token a key of its own, so that a tenant may
//! issue as many as it likes under one key.

use serde_json::{Map, Value};

use crate::{
    fault::Fault,
    ports::jose::{Purpose, Sealer, Untrusted},
    random::Random,
    secret::{OpaqueToken, TokenKind, base64url, from_base64url},
};

/// The token over `claims`, which is the JSON text of a JWT claims set.
pub fn seal(sealer: &dyn Sealer, random: &dyn Random, claims: &[u8]) -> Result<String, Fault> {
    let salt = OpaqueToken::generate(TokenKind::AccessToken, random);
    let body = sealer.seal_under(salt.expose(), Purpose::AccessToken, claims)?;
    Ok(format!("{}.{}", salt.expose(), base64url(&body)))
}

/// What the token says, or that this tenant did not seal it; none for a token of another form.
pub(crate) fn open(sealer: &dyn Sealer, token: &str) -> Option<Result<Map<String, Value>, Untrusted>> {
    let (salt, body) = token.split_once('.')?;
    let salt = OpaqueToken::parse(TokenKind::AccessToken, salt)?;
    let claims = from_base64url(body).ok_or(Untrusted::Malformed).and_then(|body| {
        let plain = sealer.open_under(salt.expose(), Purpose::AccessToken, &body).ok_or(Untrusted::BadSignature)?;
        serde_json::from_slice(&plain).map_err(|_| Untrusted::Malformed)
    });
    Some(claims)
}
