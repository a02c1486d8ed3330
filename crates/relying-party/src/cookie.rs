//! Cookies: each holds 256 random bits and nothing else.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::relying_party::RelyingParty;

/// The name of the session's cookie, without its prefix.
const SESSION: &str = "session";

impl RelyingParty {
    /// The name of the session's cookie.
    pub(crate) fn session_cookie(&self) -> String {
        self.cookie_name(SESSION)
    }

    /// The name of the cookie of one sign-in. Each has its own, so that two tabs do not disturb each other.
    pub(crate) fn attempt_cookie(&self, state: &str) -> String {
        let tab: String = state.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
        self.cookie_name(&format!("login-{tab}"))
    }

    /// A cookie for every path of this host and no script, that comes along when people return from the provider.
    pub(crate) fn cookie(&self, name: String, value: String, life: Duration) -> Cookie<'static> {
        let mut cookie = Cookie::new(name, value);
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_secure(self.0.secure);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_max_age(life.try_into().ok());
        cookie
    }

    /// The cookie that takes another away.
    pub(crate) fn no_cookie(&self, name: String) -> Cookie<'static> {
        self.cookie(name, String::new(), Duration::ZERO)
    }

    fn cookie_name(&self, name: &str) -> String {
        let prefix = if self.0.secure { "__Host-" } else { "" };
        format!("{prefix}{name}")
    }
}
