//! What a client tells about itself that nothing here is decided by (RFC 7591 section 2, OpenID Connect Dynamic Client
//! Registration section 2): kept, and told to whoever asks.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{fault::Malformed, plain_host};

/// What a client tells about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientAbout {
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Where others can make it begin a sign-in (OpenID Connect Core section 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// How its people can be reached.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// What software it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// Which version of that software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
}

impl ClientAbout {
    /// Whether nothing was told.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Reads an https address that a browser may be sent to.
    pub fn https(what: &'static str, text: &str) -> Result<String, Malformed> {
        let rule = Malformed::new(what, "must be an https URL of at most 2048 characters, without user-info");
        let url = Url::parse(text).map_err(|_| rule.clone())?;
        if !plain_host::has_plain_host(&url) {
            return Err(Malformed::new(what, plain_host::RULE));
        }
        let plain = text.len() <= 2048 && text.bytes().all(|byte| byte.is_ascii_graphic());
        let nobody = url.username().is_empty() && url.password().is_none();
        if plain && nobody && url.scheme() == "https" { Ok(text.to_owned()) } else { Err(rule) }
    }
}
