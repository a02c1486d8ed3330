//! The pages of clients that a browser loads when somebody signs out (OpenID Connect Front-Channel Logout 1.0 section 3).

use chancery_domain::{fault::Fault, session::Session, view::TenantView};

use crate::{Context, percent};

/// A page of a client, to be loaded in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutFrame {
    /// Its address, `iss` and `sid` appended to its own query.
    pub url: String,
    /// Its origin.
    pub origin: String,
}

/// The pages of the clients that take part in a session. They always get `iss` and `sid`, whether they said that they
/// need them or not: without those they could not tell whose session is meant.
pub async fn of(cx: &Context, view: &TenantView, session: &Session) -> Result<Vec<LogoutFrame>, Fault> {
    if !view.tenant.frontchannel_logout() {
        return Ok(Vec::new());
    }
    let sid = session.id.to_string();
    let mut frames = Vec::new();
    for uid in cx.store.read(view.tenant.id).session_clients().of_session(session.id).await? {
        let client = cx.directory.client_by_uid(view.tenant.id, uid).await?.filter(|client| client.is_enabled());
        let uri = client.as_ref().and_then(|client| client.metadata.logout.frontchannel_uri.as_ref());
        frames.extend(uri.map(|uri| LogoutFrame {
            url: percent::with_query(uri.as_str(), [("iss", view.issuer.as_str()), ("sid", &sid)]),
            origin: uri.origin(),
        }));
    }
    Ok(frames)
}
