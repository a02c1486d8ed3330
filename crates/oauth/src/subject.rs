//! Under which name a client knows a user (OpenID Connect Core section 8): `sub` wherever a token or an answer for that
//! client speaks of the user.

use chancery_domain::{client::Client, fault::Fault, id::UserId, view::TenantView};

/// The name of the user.
pub(crate) fn of(view: &TenantView, client: &Client, user: UserId) -> Result<String, Fault> {
    match sector(client)? {
        None => Ok(user.to_string()),
        Some(sector) => view.sealer.pseudonym(&sector, user),
    }
}

/// The user of that name, if it is one that the client could have heard.
pub(crate) fn user(view: &TenantView, client: &Client, sub: &str) -> Result<Option<UserId>, Fault> {
    Ok(match sector(client)? {
        None => sub.parse().ok(),
        Some(sector) => view.sealer.behind_pseudonym(&sector, sub),
    })
}

/// What was registered was looked at then.
fn sector(client: &Client) -> Result<Option<String>, Fault> {
    client.sector().map_err(|malformed| Fault::broken("a client has no sector", malformed))
}
