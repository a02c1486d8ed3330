//! What a client registers about signing out, as message and back.

use chancery_domain::{
    client::{BackchannelUri, ClientLogout, FrontchannelUri},
    logout_scope::LogoutScope,
    ports::outbound::CheckUris,
};
use chancery_proto::v1::{self, client as wire};

use crate::status::Refusal;

/// Puts what is registered into a message.
pub(super) fn show(logout: &ClientLogout, message: &mut v1::Client) {
    let text = |uri: Option<&str>| uri.unwrap_or_default().to_owned();
    message.backchannel_logout_uri = text(logout.backchannel_uri.as_ref().map(BackchannelUri::as_str));
    message.backchannel_logout_session_required = logout.backchannel_session_required;
    message.frontchannel_logout_uri = text(logout.frontchannel_uri.as_ref().map(FrontchannelUri::as_str));
    message.frontchannel_logout_session_required = logout.frontchannel_session_required;
    message.logout_scope = match logout.scope {
        None => wire::LogoutScope::Unspecified,
        Some(LogoutScope::Session) => wire::LogoutScope::Session,
        Some(LogoutScope::Client) => wire::LogoutScope::Client,
    }
    .into();
}

/// Reads what was sent. A place that was registered before stays good here: it is looked at again before every call.
pub(super) fn read(sent: &v1::Client, stored: &ClientLogout, uris: &dyn CheckUris) -> Result<ClientLogout, Refusal> {
    let known = stored.backchannel_uri.as_ref().filter(|uri| uri.as_str() == sent.backchannel_logout_uri);
    let backchannel_uri = match (sent.backchannel_logout_uri.as_str(), known) {
        ("", _) => None,
        (_, Some(known)) => Some(known.clone()),
        (uri, None) => {
            let read = uris.check(uri).map_err(|why| Refusal::field("client.backchannel_logout_uri", why.hint()))?;
            Some(BackchannelUri::from(&read))
        }
    };
    let frontchannel_uri = match sent.frontchannel_logout_uri.as_str() {
        "" => None,
        uri => {
            let read = FrontchannelUri::register(uri);
            Some(read.map_err(|malformed| Refusal::malformed("client.frontchannel_logout_uri", &malformed))?)
        }
    };
    Ok(ClientLogout {
        backchannel_uri,
        backchannel_session_required: sent.backchannel_logout_session_required,
        frontchannel_uri,
        frontchannel_session_required: sent.frontchannel_logout_session_required,
        scope: match wire::LogoutScope::try_from(sent.logout_scope) {
            Ok(wire::LogoutScope::Unspecified) => None,
            Ok(wire::LogoutScope::Session) => Some(LogoutScope::Session),
            Ok(wire::LogoutScope::Client) => Some(LogoutScope::Client),
            Err(_) => return Err(Refusal::field("client.logout_scope", "must be SESSION, CLIENT or nothing")),
        },
    })
}
