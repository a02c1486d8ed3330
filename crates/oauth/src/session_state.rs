//! The state of a session as pages of clients may ask about it (OpenID Connect Session Management 1.0).
//!
//! A client gets `session_state` with its answer and shows it to our page `check_session_iframe` again and again. That
//! page works the same hash out anew, from a cookie which it alone reads and which stands for the session. So a client
//! hears that something changed without a request to us, and nothing about what it is.

use chancery_domain::{
    client::web_origin,
    random::{self, Random},
    secret::{Digest, base64url},
    session::Session,
    view::TenantView,
};
use sha2::{Digest as _, Sha256};

use crate::authorize::AuthorizationRequest;

/// What the browser says while nobody is signed in any more.
pub const NOBODY: &str = "nobody";

/// The OP browser state while somebody is signed in (section 2): it says nothing about the session's own cookie, and
/// another sign-in has another one.
#[must_use]
pub fn browser_state(session: &Session) -> String {
    base64url(Digest::of("browser-state", session.digest.bytes()).bytes())
}

/// The `session_state` that goes with the answer to a request; none where the tenant does not want it, where nobody signs
/// in (`openid`), or where there is no page that could ask.
pub(crate) fn of(
    view: &TenantView,
    request: &AuthorizationRequest,
    session: &Session,
    random: &dyn Random,
) -> Option<String> {
    let origin = web_origin(&request.redirect_uri).filter(|_| view.tenant.session_management())?;
    request.scopes.contains("openid").then_some(())?;
    let salt = base64url(&random::bytes::<16>(random));
    Some(state(request.client_id.as_str(), &origin, &browser_state(session), &salt))
}

/// What our page works out too: `assets/check_session.js` of the front door.
fn state(client_id: &str, origin: &str, browser_state: &str, salt: &str) -> String {
    let hash = Sha256::digest(format!("{client_id} {origin} {browser_state} {salt}"));
    format!("{}.{salt}", base64url(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked out with Python's `hashlib`.
    #[test]
    fn the_state_is_a_salted_hash_of_all_that_it_depends_on() {
        let known = state("app", "https://app.example", "s", "c2FsdA");
        assert_eq!(known, "5-e6nvEeOPc83n_OOcm93ccmcSS6pTiHuqjrGRiuAE0.c2FsdA");
        for other in [
            state("App", "https://app.example", "s", "c2FsdA"),
            state("app", "https://app.example:8443", "s", "c2FsdA"),
            state("app", "https://app.example", NOBODY, "c2FsdA"),
            state("app", "https://app.example", "s", "c2FsdB"),
        ] {
            assert_ne!(known, other);
        }
    }
}
