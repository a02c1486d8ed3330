//! The cookies of a tenant.
//!
//! Each tenant has its own: the `Path` is that of its issuer, so no tenant's pages ever see another's. Over TLS the
//! names have the prefix `__Secure-`; the stronger `__Host-` demands `Path=/` and would mix the tenants of one host, so only
//! a tenant with a host for itself has it.
//! What `__Host-` would add, that no neighbouring host can plant a cookie, is made up for: where a name comes twice,
//! neither is believed, and a session gets a new cookie whenever somebody signs in.

use chancery_domain::view::TenantView;
use chancery_oauth::endpoints::CHECK_SESSION;
use http::{HeaderMap, HeaderValue, header::COOKIE};

use crate::front::Front;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// Who is signed in.
    Session,
    /// Which browser a page was made for.
    Browser,
    /// What stands for the session to the page that applications ask whether it is the same. That page's script reads it
    /// and nothing else does: its path is the page's own.
    State,
}

impl Cookie {
    /// The name at a tenant, over TLS or not.
    const fn name(self, secure: bool, has_host: bool) -> &'static str {
        match (self, secure, has_host) {
            (Self::Session, true, true) => "__Host-chancery-session",
            (Self::Session, true, false) => "__Secure-chancery-session",
            (Self::Session, false, _) => "chancery-session",
            (Self::Browser, true, true) => "__Host-chancery-browser",
            (Self::Browser, true, false) => "__Secure-chancery-browser",
            (Self::Browser, false, _) => "chancery-browser",
            (Self::State, true, _) => "__Secure-chancery-state",
            (Self::State, false, _) => "chancery-state",
        }
    }

    /// The value that the browser sent, if it sent exactly one.
    pub(crate) fn read(self, front: &Front, view: &TenantView, headers: &HeaderMap) -> Option<String> {
        let name = self.name(front.secure, view.tenant.issuer_host.is_some());
        let pairs = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|l| l.split(';'));
        let mut values = pairs.filter_map(|pair| pair.trim().split_once('=')).filter(|(key, _)| *key == name);
        let (_, value) = values.next()?;
        values.next().is_none().then(|| value.to_owned())
    }

    /// Sets it until the browser closes. `Lax`, so that it comes along when an application sends the browser here.
    pub(crate) fn set(self, front: &Front, view: &TenantView, value: &str) -> Option<HeaderValue> {
        self.write(front, view, value, "")
    }

    /// Takes it away.
    pub(crate) fn clear(self, front: &Front, view: &TenantView) -> Option<HeaderValue> {
        self.write(front, view, "", "; Max-Age=0")
    }

    fn write(self, front: &Front, view: &TenantView, value: &str, age: &str) -> Option<HeaderValue> {
        let has_host = view.tenant.issuer_host.is_some();
        let (name, secure) = (self.name(front.secure, has_host), if front.secure { "; Secure" } else { "" });
        let path = match self {
            Self::Session | Self::Browser => view.issuer.path(),
            Self::State => format!("{}{CHECK_SESSION}", view.issuer.base_path()),
        };
        let reach = match self {
            Self::Session | Self::Browser => "; HttpOnly; SameSite=Lax",
            // The page is asked from within pages of other sites.
            Self::State if front.secure => "; SameSite=None",
            // Without TLS browsers refuse `None`. That is for loopback addresses, whose ports are all one site.
            Self::State => "; SameSite=Lax",
        };
        let line = format!("{name}={value}; Path={path}{age}{reach}{secure}");
        let mut value = HeaderValue::try_from(line).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
