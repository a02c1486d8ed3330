//! What a client registers about signing out: where it wants to be told that a session is over, and what a sign-out that
//! it asks for ends.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Client, ClientKind};
use crate::{fault::Malformed, logout_scope::LogoutScope, outbound::GuardedUri, redirect_uri::RedirectUri};

/// The part of a client's metadata that is about signing out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientLogout {
    /// Where it gets logout tokens (OpenID Connect Back-Channel Logout section 2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_uri: Option<BackchannelUri>,
    /// Whether it needs the `sid` in them. Ours have it always.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub backchannel_session_required: bool,
    /// The page of its that browsers load in a frame (OpenID Connect Front-Channel Logout section 2).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_uri: Option<FrontchannelUri>,
    /// Whether it needs `iss` and `sid` in the query of that page. Ours have them always.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub frontchannel_session_required: bool,
    /// What ends when it asks; none where its tenant says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<LogoutScope>,
}

impl ClientLogout {
    /// Whether nothing is registered.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it wants to hear of the end of sessions in any way.
    #[must_use]
    pub const fn is_told(&self) -> bool {
        self.backchannel_uri.is_some() || self.frontchannel_uri.is_some()
    }

    /// Whether it goes with the rest of the client.
    pub(super) fn fits(&self, client: &Client) -> Result<(), Malformed> {
        if self.backchannel_session_required && self.backchannel_uri.is_none() {
            let rule = "must be false without a backchannel_logout_uri";
            return Err(Malformed::new("backchannel_logout_session_required", rule));
        }
        let Some(uri) = &self.frontchannel_uri else {
            let rule = "must be false without a frontchannel_logout_uri";
            let needs = self.frontchannel_session_required;
            return if needs { Err(Malformed::new("frontchannel_logout_session_required", rule)) } else { Ok(()) };
        };
        if client.redirect_uris.iter().any(|redirect| web_origin(redirect.as_str()) == Some(uri.origin())) {
            return Ok(());
        }
        let rule = "must have the scheme, host and port of one of its redirect URIs";
        Err(Malformed::new("frontchannel_logout_uri", rule))
    }
}

/// Where a client gets logout tokens, as it registered it. It was read as a place that we may call, and is read so again
/// before each call, because what a deployment allows can change.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BackchannelUri(String);

impl BackchannelUri {
    /// The URI as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl BackchannelUri {
    /// Host and port, as [`GuardedUri::origin`] has them.
    #[must_use]
    pub fn place(&self) -> String {
        let url = Url::parse(&self.0).ok();
        let place = url.as_ref().and_then(|url| Some((url.host_str()?, url.port_or_known_default()?)));
        place.map_or_else(|| self.0.clone(), |(host, port)| format!("{host}:{port}"))
    }
}

impl From<&GuardedUri> for BackchannelUri {
    fn from(uri: &GuardedUri) -> Self {
        Self(uri.as_str().to_owned())
    }
}

/// A page of a client that browsers load in a frame. No request of ours goes there.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FrontchannelUri(String);

impl FrontchannelUri {
    /// Reads a URI that is to be registered: as a redirect URI of a web client, and without the parameters that are ours
    /// to add.
    pub fn register(text: &str) -> Result<Self, Malformed> {
        const WHAT: &str = "frontchannel_logout_uri";
        let rule = |malformed: Malformed| Malformed::new(WHAT, malformed.rule);
        RedirectUri::register(text, ClientKind::Web).map_err(rule)?;
        if Url::parse(text).is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "sid")) {
            return Err(Malformed::new(WHAT, "must not have iss or sid in its own query"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The URI as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its origin, `scheme://host[:port]`.
    #[must_use]
    pub fn origin(&self) -> String {
        web_origin(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for BackchannelUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackchannelUri({})", self.0)
    }
}

impl fmt::Debug for FrontchannelUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrontchannelUri({})", self.0)
    }
}

/// The origin of a URI on the web; none for another.
#[must_use]
pub fn web_origin(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::Reach;

    #[test]
    fn a_page_for_frames_is_a_web_page_without_our_parameters() {
        for good in ["https://app.example/out", "https://app.example/out?x=1", "http://127.0.0.1:3000/out"] {
            assert!(FrontchannelUri::register(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "/out",
            "http://app.example/out",
            "javascript:alert(1)",
            "com.example.app:/out",
            "https://app.example/out#x",
            "https://u@app.example/out",
            "https://app.example/out?sid=1",
            "https://app.example/out?iss=1",
        ] {
            assert!(FrontchannelUri::register(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_place_is_named_as_whoever_calls_names_it() {
        for uri in ["https://app.example/out", "https://app.example:8443/out?x=1", "https://[2606:4700::1]/"] {
            let read = Reach::public().check(uri).expect("public");
            assert_eq!(BackchannelUri::from(&read).place(), read.origin(), "{uri}");
        }
    }

    #[test]
    fn what_is_not_registered_is_not_stored() {
        assert_eq!(serde_json::to_string(&ClientLogout::default()).expect("JSON"), "{}");
        let stored = r#"{"frontchannel_uri":"https://app.example/out","scope":"client"}"#;
        let read: ClientLogout = serde_json::from_str(stored).expect("read");
        assert!(read.is_told() && read.scope == Some(LogoutScope::Client));
        assert_eq!(serde_json::to_string(&read).expect("JSON"), stored);
    }
}
