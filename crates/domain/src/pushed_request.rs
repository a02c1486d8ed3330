//! A pushed authorization request (RFC 9126): what a client asks, sent by itself ahead of the browser.

use std::time::Duration;

use crate::{
    id::ClientUid,
    secret::{Digest, OpaqueToken, TokenKind},
    time::Timestamp,
};

/// A pushed request as stored. What it asks is sealed under the reference that the client was given, so the database and
/// the tenant's key cannot tell it without that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRequest {
    /// Digest of the reference.
    pub digest: Digest,
    /// Who pushed it, and alone may use it.
    pub client: ClientUid,
    /// Its parameters, sealed.
    pub sealed: Vec<u8>,
    /// When it came.
    pub pushed_at: Timestamp,
    /// When no browser can begin with it any more.
    pub expires_at: Timestamp,
    /// When an authorization was completed with it.
    pub used_at: Option<Timestamp>,
}

impl PushedRequest {
    /// How long a browser may take to arrive with the reference.
    pub const LIFE: Duration = Duration::from_secs(90);

    /// At most so many of one client wait for a browser at a time.
    pub const MOST_WAITING: u32 = 1000;

    /// For so long it is known that one was used: longer than anybody may take from arriving to completing.
    pub const REMEMBERED: Duration = Duration::from_secs(2 * 3600);

    /// What stands before the reference in a `request_uri` (RFC 9126 section 2.2).
    pub const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

    /// The `request_uri` of a reference.
    #[must_use]
    pub fn uri(reference: &OpaqueToken) -> String {
        format!("{}{}", Self::PREFIX, reference.expose())
    }

    /// The reference in a `request_uri` of this form; `None` inside when it cannot be one of ours.
    #[must_use]
    pub fn reference(request_uri: &str) -> Option<Option<OpaqueToken>> {
        let reference = request_uri.strip_prefix(Self::PREFIX)?;
        Some(OpaqueToken::parse(TokenKind::PushedRequest, reference))
    }

    /// Whether that client's browser may begin with it now.
    #[must_use]
    pub fn is_good_for(&self, client: ClientUid, now: Timestamp) -> bool {
        self.client == client && self.used_at.is_none() && now < self.expires_at
    }
}
