//! The places that the server calls for what a client publishes itself: its keys and its requests.

use std::collections::BTreeSet;

use chancery_domain::{client::Client, ports::outbound::CheckUris};

use crate::status::Refusal;

/// The places that a client has registered.
pub(super) fn of(client: &Client) -> BTreeSet<String> {
    named(client).map(|(_, place)| place.to_owned()).collect()
}

/// Refuses places that must not be called from here. One that was registered before stays good: it is looked at again
/// before every call.
pub(super) fn check(client: &Client, known: &BTreeSet<String>, uris: &dyn CheckUris) -> Result<(), Refusal> {
    for (field, place) in named(client).filter(|(_, place)| !known.contains(*place)) {
        uris.check(place).map_err(|why| Refusal::field(field, why.hint()))?;
    }
    Ok(())
}

fn named(client: &Client) -> impl Iterator<Item = (&'static str, &str)> {
    let keys = client.metadata.keys.as_ref().and_then(|keys| keys.jwks_uri());
    let keys = keys.map(|uri| ("client.jwks_uri", uri.as_str()));
    let requests = client.metadata.requests.uris.iter().map(|uri| ("client.request_uris", uri.place()));
    keys.into_iter().chain(requests)
}
