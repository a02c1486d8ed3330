//! One browser at one tenant.

use std::{net::IpAddr, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use chancery_domain::{
    fault::Fault,
    secret::{OpaqueToken, TokenKind},
    session::Session,
    view::TenantView,
};
use chancery_oauth::session_state;
use http::{HeaderMap, header::SET_COOKIE, request::Parts};

use super::{
    cookies::Cookie,
    same_origin::{self, Sender},
    source,
    tenant::Serving,
};
use crate::{error::Problem, front::Front, pages};

/// Somebody who looks at a page of a tenant.
pub(crate) struct Visit {
    /// The front door.
    pub(crate) front: Arc<Front>,
    /// Whose page it is.
    pub(crate) view: Arc<TenantView>,
    /// Which browser it is. Pages made for it open in no other.
    pub(crate) browser: OpaqueToken,
    /// Where it comes from.
    pub(crate) source: IpAddr,
    /// Whose page sent the form, where it is one.
    pub(crate) sender: Sender,
    knew_browser: bool,
    session_cookie: Option<String>,
    own_form: bool,
}

impl Visit {
    /// The session of the browser, if somebody is signed in.
    pub(crate) async fn session(&self) -> Result<Option<Session>, Fault> {
        match &self.session_cookie {
            Some(cookie) => chancery_accounts::session::resume(&self.front.accounts, &self.view, cookie).await,
            None => Ok(None),
        }
    }

    /// Refuses a form that a page of another site sent.
    pub(crate) fn must_be_our_form(&self) -> Result<(), Problem> {
        if self.own_form { Ok(()) } else { Err(Problem::CrossSite) }
    }

    /// Whether cookies of ours came along.
    pub(crate) const fn brought_cookies(&self) -> bool {
        self.knew_browser || self.session_cookie.is_some()
    }

    /// The answer, or the page that tells why there is none; the browser is given its cookie on its first visit. A form of
    /// another site comes without cookies, and is no first visit: refused, it must not replace the cookie that pages in
    /// other tabs were made for.
    pub(crate) fn answer(&self, answer: Result<Response, Problem>) -> Response {
        let is_visit = answer.is_ok() || self.sender == Sender::OurSite;
        let mut response = answer.unwrap_or_else(|problem| pages::error::show(&self.front, Some(&self.view), &problem));
        if !self.knew_browser && is_visit {
            let cookie = Cookie::Browser.set(&self.front, &self.view, self.browser.expose());
            append(response.headers_mut(), cookie);
        }
        response
    }

    /// The browser is that of this session from now on.
    pub(crate) fn remember(&self, session: &Session, cookie: &OpaqueToken, response: &mut Response) {
        append(response.headers_mut(), Cookie::Session.set(&self.front, &self.view, cookie.expose()));
        self.show_state(session, response);
    }

    /// What stands for the session to pages of applications that ask whether it is the same.
    pub(crate) fn show_state(&self, session: &Session, response: &mut Response) {
        self.set_state(&session_state::browser_state(session), response);
    }

    /// Nobody is signed in any more. Of a form without cookies that is known only where a page of this site sent it.
    pub(crate) fn forget(&self, response: &mut Response) {
        if self.sender != Sender::OurSite && !self.brought_cookies() {
            return;
        }
        append(response.headers_mut(), Cookie::Session.clear(&self.front, &self.view));
        self.set_state(session_state::NOBODY, response);
    }

    fn set_state(&self, state: &str, response: &mut Response) {
        if self.view.tenant.session_management() {
            append(response.headers_mut(), Cookie::State.set(&self.front, &self.view, state));
        }
    }
}

fn append(headers: &mut HeaderMap, cookie: Option<http::HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(SET_COOKIE, cookie);
    }
}

impl FromRequestParts<Arc<Front>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, front: &Arc<Front>) -> Result<Self, Response> {
        let Serving(view) = Serving::from_request_parts(parts, front).await?;
        let known = Cookie::Browser.read(front, &view, &parts.headers);
        let known = known.and_then(|value| OpaqueToken::parse(TokenKind::Browser, &value));
        Ok(Self {
            knew_browser: known.is_some(),
            browser: known.unwrap_or_else(|| OpaqueToken::generate(TokenKind::Browser, &*front.oauth.random)),
            session_cookie: Cookie::Session.read(front, &view, &parts.headers),
            sender: Sender::of(&parts.method, &view.issuer, &parts.headers),
            own_form: same_origin::is_ours(&view.issuer, &parts.headers),
            source: source::address(&front.trusted_proxies, parts),
            front: Arc::clone(front),
            view,
        })
    }
}
