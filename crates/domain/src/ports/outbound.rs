//! Calls to places that clients registered: one guarded client for all of them.
//!
//! Whoever calls through here says what it is about and gets the cap and the deadline that go with it. Redirects are never
//! followed, nothing is unpacked, no cookie is kept, and the connection goes to an address that was judged.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    id::TenantId,
    outbound::{Document, GuardedUri, Reach, RefusedUri},
};

/// The longest that a delivery may take, from the first look at the name to the answer's status.
pub const DELIVERY_PATIENCE: Duration = Duration::from_secs(3);

/// Reads URIs before they are registered, and again before they are called.
pub trait CheckUris: Send + Sync {
    /// The URI, if it may be called as far as can be told without asking anybody. A fragment is refused: whoever has a
    /// place in a document (`request_uri`) takes it off first.
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri>;
}

impl CheckUris for Reach {
    fn check(&self, uri: &str) -> Result<GuardedUri, RefusedUri> {
        Self::check(self, uri)
    }
}

/// Fetches documents.
#[async_trait]
pub trait Fetch: CheckUris {
    /// The document that is there now: the body of an answer with status 200 and a fitting type, within the document's
    /// size and time. It is the tenant's call, and takes its share of all calls.
    async fn fetch(&self, tenant: TenantId, uri: &GuardedUri, document: Document) -> Result<Fetched, OutboundError>;
}

/// Delivers messages.
#[async_trait]
pub trait Post: CheckUris {
    /// Sends the pairs as a form. Good when the answer's status is 200 or 204 (OpenID Connect Back-Channel Logout
    /// section 2.8), whatever else it says: its body is not read. It is the tenant's call, as above.
    async fn post(&self, tenant: TenantId, uri: &GuardedUri, form: &[(&str, &str)]) -> Result<(), OutboundError>;
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The body.
    pub body: Bytes,
    /// For how long it is fresh (`max-age` less `Age`, RFC 9111 section 4.2), where its server said so.
    pub fresh: Option<Duration>,
}

/// Why nothing was fetched or delivered. Whoever answers a client names none of the answer's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// It is no place that we call, by its URI or by an address that its host resolves to.
    #[error("refused: it {why}")]
    Refused {
        /// Why.
        why: RefusedUri,
    },
    /// No name, no connection, no TLS or no HTTP.
    #[error("unreachable")]
    Unreachable,
    /// Longer than such a document may be.
    #[error("too long")]
    TooLong,
    /// Not there in time. Waiting for one's turn counts.
    #[error("too slow")]
    TooSlow,
    /// Another status than the one that was hoped for; redirects among them.
    #[error("status {0}")]
    Status(u16),
    /// Not of the media type, or packed.
    #[error("of the wrong type")]
    WrongType,
}

impl From<RefusedUri> for OutboundError {
    fn from(why: RefusedUri) -> Self {
        Self::Refused { why }
    }
}

impl OutboundError {
    /// The word for rows and logs.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Unreachable => "unreachable",
            Self::TooLong => "too_long",
            Self::TooSlow => "too_slow",
            Self::Status(_) => "status",
            Self::WrongType => "wrong_type",
        }
    }
}
