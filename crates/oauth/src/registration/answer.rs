//! What a client hears about its registration (RFC 7591 section 3.2.1, RFC 7592 section 3).

use chancery_domain::{client::Client, secret::OpaqueToken, view::TenantView};
use serde_json::{Map, Value};

use super::metadata;
use crate::endpoints;

/// The client with everything that it registered, the token that manages it, and its secret when it is new: only digests
/// are kept, so it is told once.
pub(super) fn of(
    view: &TenantView,
    client: &Client,
    manages: &OpaqueToken,
    secret: Option<&OpaqueToken>,
) -> Map<String, Value> {
    let mut told = metadata::tell(view, client);
    let mut put = |name: &str, value: Value| drop(told.insert(name.to_owned(), value));
    let place = format!("{}/{}", view.issuer.at(endpoints::REGISTER), client.id);
    put("client_id", client.id.as_str().into());
    put("client_id_issued_at", client.created_at.seconds().into());
    put("registration_client_uri", place.into());
    // The answers of this endpoint are the ones that carry them.
    put("registration_access_token", manages.expose().into());
    if let Some(secret) = secret {
        put("client_secret", secret.expose().into());
        put("client_secret_expires_at", 0.into());
    }
    told
}
