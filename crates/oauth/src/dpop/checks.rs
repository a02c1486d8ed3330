//! What a proof must say (RFC 9449 sections 4.2 and 4.3). What else it says is ignored.

use std::time::Duration;

use chancery_domain::{ports::client_jose::ClientJws, secret::base64url, time::Timestamp, view::TenantView};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Refused, Target, nonce, place};
use crate::client_jws;

/// How far from ours the clock of whoever signs may be, where no nonce tells that a proof is fresh.
const WINDOW: Duration = Duration::from_secs(60);

/// A longer `jti` is not remembered, in bytes.
const LONGEST_JTI: usize = 512;

/// What is looked at.
pub(super) struct Examined<'a> {
    pub(super) view: &'a TenantView,
    pub(super) said: &'a ClientJws,
    pub(super) target: Target<'a>,
    pub(super) now: Timestamp,
}

/// What the checks found that is needed afterwards.
pub(super) struct Findings {
    /// What tells the proof apart from others of its key.
    pub(super) jti: String,
    /// Until when some replica could take it for a fresh one.
    pub(super) until: Timestamp,
}

/// What a check is.
type Check = fn(&Examined<'_>, &mut Findings) -> Result<(), Refused>;

/// The checks, in order. That a nonce is wanted is said only of a proof that is right otherwise.
pub(super) const CHECKS: &[(&str, Check)] =
    &[("jti", jti), ("htm", htm), ("htu", htu), ("ath", ath), ("freshness", freshness)];

impl Examined<'_> {
    fn text(&self, claim: &str) -> Option<&str> {
        self.said.claims.get(claim).and_then(Value::as_str)
    }
}

fn jti(it: &Examined<'_>, found: &mut Findings) -> Result<(), Refused> {
    let jti = it.text("jti").filter(|jti| !jti.is_empty() && jti.len() <= LONGEST_JTI);
    jti.ok_or(Refused::Invalid("jti of the DPoP proof must be a text of at most 512 bytes"))?
        .clone_into(&mut found.jti);
    Ok(())
}

/// Methods are told apart by case (RFC 9110 section 9.1).
fn htm(it: &Examined<'_>, _: &mut Findings) -> Result<(), Refused> {
    if it.text("htm") == Some(it.target.method) {
        Ok(())
    } else {
        Err(Refused::Invalid("htm of the DPoP proof must be the method of the request"))
    }
}

/// An endpoint with an alias for certificates has two URLs, and is one endpoint: a proof for it is good once at either.
fn htu(it: &Examined<'_>, _: &mut Findings) -> Result<(), Refused> {
    let places = [Some(&it.view.issuer), it.view.certificates_at.as_ref()];
    let mut expected = places.into_iter().flatten().map(|place| place.at(it.target.endpoint));
    if it.text("htu").is_some_and(|htu| expected.any(|expected| place::is(htu, &expected))) {
        Ok(())
    } else {
        Err(Refused::Invalid("htu of the DPoP proof must be the URL of the request"))
    }
}

/// The access token that comes with the proof (RFC 9449 section 4.3, item 12).
fn ath(it: &Examined<'_>, _: &mut Findings) -> Result<(), Refused> {
    let Some(token) = it.target.access_token else { return Ok(()) };
    if it.text("ath") == Some(base64url(&Sha256::digest(token)).as_str()) {
        Ok(())
    } else {
        Err(Refused::Invalid("ath of the DPoP proof must be the hash of the access token"))
    }
}

/// A nonce of ours tells that a proof is fresh, whatever the clock says by which it was made. Without one that clock has to
/// be right, and whoever cannot set it is shown the way by a nonce (RFC 9449 sections 8 and 11.1).
fn freshness(it: &Examined<'_>, found: &mut Findings) -> Result<(), Refused> {
    let iat = client_jws::time(it.said, "iat").ok().flatten();
    let iat = iat.ok_or(Refused::Invalid("iat of the DPoP proof must be a number of seconds"))?;
    found.until = match it.said.claims.get("nonce") {
        Some(Value::String(text)) => nonce::good_until(it.view, text, it.now)?.ok_or(Refused::UseNonce)?,
        Some(_) => return Err(Refused::Invalid("nonce of the DPoP proof must be a text")),
        None if it.view.tenant.settings.dpop_nonce_required => return Err(Refused::UseNonce),
        None => {
            let made = Timestamp::from_seconds(iat);
            let is_near = made <= it.now + WINDOW && it.now < made + WINDOW;
            if !is_near {
                return Err(Refused::UseNonce);
            }
            made + WINDOW + nonce::SKEW
        }
    };
    Ok(())
}
