//! Whom the server calls on behalf of others, and what it may fetch there.
//!
//! Clients register places that we fetch from or deliver to: their keys, lists of redirect URIs, request objects, logout
//! endpoints. Whoever registers one chooses where our requests go, so each is read here, into a [`GuardedUri`], and what
//! its host resolves to is judged by [`AddressKind`] before every connection.

mod address;
mod document;
mod reach;
mod uri;

pub use self::{
    address::AddressKind,
    document::Document,
    reach::{AllowedHost, Reach},
    uri::{GuardedUri, RefusedUri},
};
