//! Reading an assertion (RFC 7523 section 3).

use std::time::Duration;

use chancery_domain::{
    ports::{
        client_jose::{ClientJws, TypRule},
        client_key_sets::NoClientKeys,
        jose::Untrusted,
    },
    secret::Digest,
    time::Timestamp,
    trusted_issuer::TrustedIssuer,
};
use serde_json::Value;

use crate::{client_jws, error::OAuthError, token::Call};

/// The types under which issuers write them. One of another type (an access token, a logout token) was meant otherwise.
const TYPES: TypRule = TypRule::AbsentOrOneOf(&["JWT"]);

/// How far ahead an assertion may expire.
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

/// How far ahead of ours an issuer's clock may be.
const SKEW: Duration = Duration::from_secs(60);

/// What a good assertion says.
pub(super) struct Asserted {
    pub(super) subject: String,
    /// When the issuer last knew of the subject: its sign-in there, where it is told, else the assertion.
    pub(super) at: Timestamp,
    pub(super) expires_at: Timestamp,
    jti: String,
}

impl Asserted {
    /// The assertion with its issuer, if that is trusted with this client and this subject, and all of it is good now.
    pub(super) async fn find(call: &Call<'_>, text: &str) -> Result<Option<(TrustedIssuer, Self)>, OAuthError> {
        let unproven = call.view.client_keys.unproven(text).ok();
        let name = unproven.as_ref().and_then(|said| said.claims.get("iss")?.as_str());
        // No issuer has one of these in its name, and not every database takes one.
        let Some(name) = name.filter(|name| !name.contains('\0')) else { return Ok(None) };
        let rows = call.cx.store.read(call.view.tenant.id);
        let issuer = rows.trusted_issuers().find_by_issuer(name).await?;
        let Some(issuer) = issuer.filter(|it| !it.disabled && it.clients.contains(&call.client.id)) else {
            return Ok(None);
        };
        let said = verify(call, &issuer, text).await.ok();
        let asserted = said.and_then(|said| Self::read(call, &issuer, &said));
        Ok(asserted.map(|asserted| (issuer, asserted)))
    }

    fn read(call: &Call<'_>, issuer: &TrustedIssuer, said: &ClientJws) -> Option<Self> {
        let text = |claim| said.claims.get(claim).and_then(Value::as_str);
        let time = |claim| client_jws::time(said, claim).ok().map(|at| at.map(Timestamp::from_seconds));
        if text("iss") != Some(issuer.issuer.as_str()) || !is_for_us(call, said.claims.get("aud")?) {
            return None;
        }
        let (issued_at, expires_at) = (time("iat")??, time("exp")??);
        let begun = |at: Option<Timestamp>| at.is_none_or(|at| at <= call.now + SKEW);
        let now_is_right = call.now < expires_at && expires_at <= call.now + LONGEST_LIFE;
        if !now_is_right || !begun(Some(issued_at)) || !begun(time("nbf")?) {
            return None;
        }
        let subject = text("sub").filter(|subject| issuer.may_name(subject))?.to_owned();
        let jti = text("jti").filter(|jti| !jti.is_empty())?.to_owned();
        Some(Self { subject, at: time("auth_time")?.unwrap_or(issued_at).min(call.now), expires_at, jti })
    }

    /// What it is remembered by.
    pub(super) fn digest(&self) -> Digest {
        Digest::of("trusted-assertion", self.jti.as_bytes())
    }
}

/// A single audience, so that no other server is meant as well: this issuer.
fn is_for_us(call: &Call<'_>, audience: &Value) -> bool {
    let only = match audience {
        Value::String(only) => Some(only.as_str()),
        Value::Array(list) => match list.as_slice() {
            [only] => only.as_str(),
            [] | [..] => None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    };
    only == Some(call.view.issuer.as_str())
}

/// By the issuer's keys. When it signs with one that is not among them, it may have begun to use a new one.
async fn verify(call: &Call<'_>, issuer: &TrustedIssuer, text: &str) -> Result<ClientJws, Untrusted> {
    let (sets, tenant) = (&call.cx.client_key_sets, call.view.tenant.id);
    let algorithms: Vec<_> = issuer.algorithms.iter().copied().collect();
    let known = sets.of_issuer(tenant, issuer).await.map_err(|why| unknown(issuer, &why))?;
    match known.verify(text, &algorithms, TYPES) {
        Err(Untrusted::UnknownKey) => {
            let newer = sets.refresh_issuer_for_unknown_kid(tenant, issuer).await;
            newer.map_err(|why| unknown(issuer, &why))?.verify(text, &algorithms, TYPES)
        }
        told => told,
    }
}

/// Keys that are not to be had prove nothing. The log tells why.
fn unknown(issuer: &TrustedIssuer, why: &NoClientKeys) -> Untrusted {
    tracing::info!(trusted_issuer = issuer.slug.as_str(), %why, "nothing that the issuer signs can be verified");
    Untrusted::UnknownKey
}
