//! Finding the device whose code somebody typed (RFC 8628 section 3.3), without letting anybody guess.
//!
//! Who guesses hits some device of the tenant with a chance of misses times waiting codes in all possible codes. Beside the
//! limit for each source there is therefore one for that product: beyond it short codes are not looked for until what was
//! guessed at is over, and already on the way there new codes are longer, which nobody guesses. Misses are counted by each
//! process for itself, as those of passwords are.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{
    device::{CodeLength, DeviceAuthorization, UserCode},
    fault::Fault,
    time::Timestamp,
    view::TenantView,
};

use crate::{Context, throttle::TooMany};

/// The most misses times waiting codes in the life of a code: one in a million of all short codes.
const MOST: u64 = 24_000;

/// From so many waiting codes on new ones are longer, so there are never many more short ones.
const MOST_SHORT: u64 = 1_000;

/// How long people wait while short codes are not looked for.
const PAUSE: Duration = Duration::from_secs(60);

/// Why there is no device to decide about.
#[derive(Debug, thiserror::Error)]
pub enum CodeRefused {
    /// No device that waits has that code.
    #[error("no device that waits has that code")]
    Unknown,
    /// Too many codes were typed in vain.
    #[error("too many codes were typed in vain; try again in {} s", .retry_after.as_secs())]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// We failed.
    #[error(transparent)]
    Ours(#[from] Fault),
}

/// The wish of the device whose code somebody typed at that address.
pub async fn look_up(
    cx: &Context,
    view: &TenantView,
    typed: &str,
    source: IpAddr,
) -> Result<DeviceAuthorization, CodeRefused> {
    let (now, tenant) = (cx.clock.now(), view.tenant.id);
    let refused = |TooMany { retry_after }| CodeRefused::TooMany { retry_after };
    let attempt = cx.throttle.begin_code(tenant, source, now).map_err(refused)?;
    // What can be no code is no guess either.
    let Some(code) = UserCode::parse(typed) else {
        attempt.forgiven();
        return Err(CodeRefused::Unknown);
    };
    let is_short = code.length() == CodeLength::Usual;
    let found = match risk(cx, view, now).await {
        Ok(risk) if is_short && risk > MOST => Err(CodeRefused::TooMany { retry_after: PAUSE }),
        Ok(_) => cx.store.read(tenant).devices().find_by_user_code(&code.digest()).await.map_err(CodeRefused::Ours),
        Err(fault) => Err(fault.into()),
    };
    match found {
        Ok(Some(wish)) if wish.waits(now) => {
            attempt.forgiven();
            Ok(wish)
        }
        Ok(Some(_) | None) => {
            attempt.missed();
            Err(CodeRefused::Unknown)
        }
        Err(refused) => {
            attempt.forgiven();
            Err(refused)
        }
    }
}

/// How long a new code has to be.
pub async fn length(cx: &Context, view: &TenantView) -> Result<CodeLength, Fault> {
    let now = cx.clock.now();
    let waiting = cx.store.read(view.tenant.id).devices().waiting(now).await?;
    let misses = u64::from(cx.throttle.code_misses(view.tenant.id, now));
    let is_calm = waiting < MOST_SHORT && misses * (waiting + 1) <= MOST / 2;
    Ok(if is_calm { CodeLength::Usual } else { CodeLength::Long })
}

/// Misses times the short codes that wait, as far as they can be many.
async fn risk(cx: &Context, view: &TenantView, now: Timestamp) -> Result<u64, Fault> {
    let waiting = cx.store.read(view.tenant.id).devices().waiting(now).await?;
    Ok(u64::from(cx.throttle.code_misses(view.tenant.id, now)) * waiting.min(MOST_SHORT))
}
