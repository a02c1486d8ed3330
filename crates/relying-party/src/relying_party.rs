//! The relying party itself: what its routes and extractors share.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chancery_resource_server::provider::Provider;

use crate::{builder::RelyingPartyBuilder, store::Store};

/// An application as a provider knows it. Cheap to clone; the clones are one.
#[derive(Clone)]
pub struct RelyingParty(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) provider: Provider,
    pub(crate) client: reqwest::Client,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<String>,
    pub(crate) redirect_uri: String,
    /// The path that the routes stand under, without a slash at its end.
    pub(crate) base_path: String,
    /// Whether browsers come over TLS.
    pub(crate) secure: bool,
    pub(crate) scope: String,
    /// More parameters of the authorization request.
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) post_logout_redirect_uri: Option<String>,
    pub(crate) session_life: Duration,
    /// Whether the provider may end sessions.
    pub(crate) hears_logout: bool,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl RelyingParty {
    /// Begins a relying party of that issuer. `redirect_uri` is registered there for `client_id`, byte for byte, and its
    /// path ends with `/callback`.
    pub fn builder(
        issuer: impl Into<String>,
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
    ) -> RelyingPartyBuilder {
        RelyingPartyBuilder::new(issuer.into(), client_id.into(), redirect_uri.into())
    }

    pub(crate) fn now(&self) -> SystemTime {
        (self.0.clock)()
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(&self) -> i64 {
        let since = self.now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        i64::try_from(since).unwrap_or(i64::MAX)
    }

    /// Where people go to sign in and come back to that path.
    pub(crate) fn login_path(&self, next: &str) -> String {
        let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        format!("{}/login?next={next}", self.0.base_path)
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty")
            .field("provider", &self.0.provider)
            .field("client_id", &self.0.client_id)
            .finish_non_exhaustive()
    }
}
