//! The `DPoP` headers of a request (RFC 9449 section 4.1), and the nonce that an answer gives (section 8).

use chancery_domain::view::TenantView;
use chancery_oauth::dpop::{self, Sent};
use http::{HeaderMap, HeaderValue};

use crate::front::Front;

/// Where a proof comes.
const PROOF: &str = "dpop";
/// Where a nonce goes.
const NONCE: &str = "dpop-nonce";

/// What came in.
pub(crate) fn sent(headers: &HeaderMap) -> Sent {
    let mut values = headers.get_all(PROOF).iter();
    match (values.next(), values.next()) {
        (None, _) => Sent::Nothing,
        (Some(value), None) => value.to_str().map_or(Sent::Unreadable, |text| Sent::One(text.to_owned())),
        (Some(_), Some(_)) => Sent::Several,
    }
}

/// Gives the nonce for the next proof: to whoever has to begin anew with one, and beside every answer to a proof where each
/// must have one.
pub(crate) fn give_nonce(front: &Front, view: &TenantView, sent: &Sent, wanted: bool, headers: &mut HeaderMap) {
    let follows = view.tenant.settings.dpop_nonce_required && sent.is_there();
    if !(wanted || follows) {
        return;
    }
    match dpop::nonce(view, front.oauth.clock.now()) {
        Ok(nonce) => {
            if let Ok(value) = HeaderValue::try_from(nonce) {
                headers.insert(NONCE, value);
            }
        }
        Err(fault) => tracing::error!(fault = %fault, "a nonce could not be made"),
    }
}
