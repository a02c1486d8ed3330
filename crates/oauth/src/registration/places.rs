//! The places that a client names for us to fetch from: looked at once when it registers them, so that it hears at once
//! what would fail later.

use chancery_domain::{
    client::{Client, ClientKeys},
    outbound::Document,
    ports::client_key_sets::NoClientKeys,
    view::TenantView,
};

use super::unfit;
use crate::{Context, error::OAuthError};

/// Refuses places that we would not call, and what cannot be read there.
pub(super) async fn check(cx: &Context, view: &TenantView, client: &Client) -> Result<(), OAuthError> {
    for uri in &client.metadata.requests.uris {
        cx.fetch.check(uri.place()).map_err(|refused| unfit("request_uris", refused.hint()))?;
    }
    if let Some(uri) = &client.metadata.tokens.sector_identifier_uri {
        sector(cx, view, client, uri.as_str()).await?;
    }
    if let Some(ClientKeys::JwksUri(uri)) = &client.metadata.keys {
        cx.fetch.check(uri.as_str()).map_err(|refused| unfit("jwks_uri", refused.hint()))?;
        let found = cx.client_key_sets.of(view.tenant.id, client).await;
        found.map_err(|why| match why {
            NoClientKeys::Malformed(malformed) => unfit("jwks_uri", malformed.rule),
            NoClientKeys::NotFetched(_) | NoClientKeys::NotDiscovered(_) | NoClientKeys::NotRegistered => {
                unfit("jwks_uri", "could not be fetched")
            }
        })?;
    }
    Ok(())
}

/// Every redirect URI must stand in the list (OpenID Connect Dynamic Client Registration section 5).
async fn sector(cx: &Context, view: &TenantView, client: &Client, uri: &str) -> Result<(), OAuthError> {
    const MEMBER: &str = "sector_identifier_uri";
    let place = cx.fetch.check(uri).map_err(|refused| unfit(MEMBER, refused.hint()))?;
    let fetched = cx.fetch.fetch(view.tenant.id, &place, Document::SectorIdentifier).await;
    let fetched = fetched.map_err(|_| unfit(MEMBER, "could not be fetched"))?;
    let list: Result<Vec<String>, _> = serde_json::from_slice(&fetched.body);
    let list = list.map_err(|_| unfit(MEMBER, "must lead to a list of redirect URIs"))?;
    let all = client.redirect_uris.iter().all(|uri| list.iter().any(|listed| listed == uri.as_str()));
    if all { Ok(()) } else { Err(unfit(MEMBER, "must lead to a list that holds every one of redirect_uris")) }
}
