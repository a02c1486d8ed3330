//! Single claims that a request named (OpenID Connect Core section 5.5), with the values that the user has.

use std::collections::BTreeMap;

use chancery_domain::{claims_request::WantedClaim, client::Client, user::User, view::TenantView};
use serde_json::{Map, Value};

use crate::scopes;

/// Those that the user has, of a wanted value where one is wanted, and that a scope still opens which the client may ask
/// for. Others are left out: nothing is told as null, and nothing is made up because somebody finds it essential.
pub(crate) fn claims(
    view: &TenantView,
    client: &Client,
    wanted: &BTreeMap<String, WantedClaim>,
    user: &User,
) -> Map<String, Value> {
    let open = |name: &str| scopes::behind(view, name, &client.scopes).is_some();
    let known = wanted.iter().filter(|(name, _)| open(name));
    let told = known.filter_map(|(name, wanted)| {
        let value = user.claim(name).filter(|value| wanted.admits(value))?;
        Some((name.clone(), value))
    });
    told.collect()
}
