//! Nonces of ours (RFC 9449 section 8): a step of time and its tag under the tenant's own key. Nothing is stored, and every
//! replica knows them. Within a step there is one for everybody.

use std::time::Duration;

use chancery_domain::{
    fault::Fault,
    ports::jose::Purpose,
    secret::{Digest, base64url, from_base64url},
    time::Timestamp,
    view::TenantView,
};

use super::Refused;

/// How long a nonce is the current one, in seconds. It is good for as long again.
const STEP: i64 = 120;

/// How far apart the clocks of two replicas may be.
pub(super) const SKEW: Duration = Duration::from_secs(60);

/// The nonce that proofs of that tenant are to have now.
pub fn current(view: &TenantView, now: Timestamp) -> Result<String, Fault> {
    let step = now.seconds().div_euclid(STEP);
    let tag = tag(view, step)?;
    Ok(base64url(&[step.to_be_bytes().as_slice(), &tag].concat()))
}

/// Until when that nonce may be taken somewhere; none where it is not good now. A replica whose clock is ahead of ours may
/// have given it.
pub(super) fn good_until(view: &TenantView, nonce: &str, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let Some((step, given)) = taken_apart(nonce) else { return Ok(None) };
    let current = now.seconds().div_euclid(STEP);
    if step < current - 1 || step > current + 1 {
        return Ok(None);
    }
    // Compared in the same time wherever they differ.
    let ours = Digest::from_bytes(tag(view, step).map_err(Refused::Ours)?) == Digest::from_bytes(given);
    Ok(ours.then(|| Timestamp::from_seconds((step + 2) * STEP) + SKEW))
}

fn taken_apart(nonce: &str) -> Option<(i64, [u8; 32])> {
    let bytes = from_base64url(nonce)?;
    let (step, tag) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*step), tag.try_into().ok()?))
}

fn tag(view: &TenantView, step: i64) -> Result<[u8; 32], Fault> {
    view.sealer.tag(Purpose::DpopNonce, &step.to_be_bytes())
}
