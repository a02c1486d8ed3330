//! How a client is shown.

use chancery_domain::client::Client;
use url::Url;

/// What people see of an application.
pub(super) struct Application<'a> {
    /// What it calls itself.
    pub(super) name: &'a str,
    /// Its picture.
    pub(super) logo: Option<&'a str>,
    /// Its privacy policy.
    pub(super) policy: Option<&'a str>,
    /// Its terms of service.
    pub(super) terms: Option<&'a str>,
    /// Where the browser goes afterwards: host or scheme, so that people can see whom they give something to.
    pub(super) destination: String,
    /// Whether nobody vouches for any of this.
    pub(super) unverified: bool,
}

impl<'a> Application<'a> {
    /// The client, on its way back to that redirect URI.
    pub(super) fn of(client: &'a Client, redirect_uri: &str) -> Self {
        Self {
            name: &client.display_name,
            logo: client.logo_uri.as_deref(),
            policy: client.policy_uri.as_deref(),
            terms: client.tos_uri.as_deref(),
            destination: destination(redirect_uri),
            unverified: client.registered_itself(),
        }
    }
}

/// Where a URI leads, as people see it: its host, or its scheme where it has none.
pub(super) fn destination(uri: &str) -> String {
    let url = Url::parse(uri).ok();
    let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
    host.or_else(|| url.map(|url| format!("{}:", url.scheme()))).unwrap_or_default()
}
