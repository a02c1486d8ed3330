//! The places that a client names for the server to call: read by the guard of whatever goes out, as they are registered.

use chancery_domain::{
    client::{Client, ClientKeys},
    outbound::RefusedUri,
};

use crate::{context::Context, status::Refusal};

/// Refuses places that the server would not call. What was registered before is not looked at again, so that a guard that
/// has become stricter stands in the way of no other change.
pub(super) fn check(cx: &Context, client: &Client, before: Option<&Client>) -> Result<(), Refusal> {
    let known = before.map(|before| &before.metadata);
    if let Some(ClientKeys::JwksUri(uri)) = &client.metadata.keys
        && known.is_none_or(|known| known.keys != client.metadata.keys)
    {
        cx.uris.check(uri.as_str()).map_err(|why| refused("client.jwks_uri", why))?;
    }
    for (at, uri) in client.metadata.requests.uris.iter().enumerate() {
        if known.is_none_or(|known| !known.requests.uris.contains(uri)) {
            cx.uris.check(uri.place()).map_err(|why| refused(&format!("client.request_uris[{at}]"), why))?;
        }
    }
    Ok(())
}

fn refused(field: &str, why: RefusedUri) -> Refusal {
    Refusal::field(field, why.hint())
}
