//! Under which name a client knows a person (OpenID Connect Core section 8).

use anyhow::{Result, ensure};
use chancery_tests::{dev::Tenant, party::claims};
use serde_json::json;

use super::{register, signed_in, text};
use crate::databases::Site;

/// One name in a sector, another in the next, and the same one wherever a client hears it.
pub(super) async fn p030_two_sectors_know_a_person_under_two_names(site: &Site, tenant: &Tenant) -> Result<()> {
    let pairwise = |uri: &str| json!({ "subjectType": "pairwise", "redirectUris": [uri] });
    let shop = register(site, tenant, "shop", pairwise("https://shop.example/cb")).await?;
    let till = register(site, tenant, "till", pairwise("https://shop.example/till/cb")).await?;
    let bank = register(site, tenant, "bank", pairwise("https://bank.example/cb")).await?;
    let open = register(site, tenant, "open", json!({})).await?;
    let mut names = Vec::new();
    for party in [&shop, &till, &bank, &open] {
        let tokens = signed_in(party, tenant, "openid email offline_access").await?;
        let said = claims(text(&tokens, "id_token")?)?;
        let name = text(&said, "sub")?.to_owned();
        ensure!(name.len() <= 255 && name.bytes().all(|byte| byte.is_ascii_graphic()), "{name}");
        let access = text(&tokens, "access_token")?;
        ensure!(claims(access)?["sub"] == name.as_str(), "{said}");
        ensure!(party.introspect(access).await?["sub"] == name.as_str());
        ensure!(party.userinfo(access).await?.success()?["sub"] == name.as_str());
        let later = party.refresh(text(&tokens, "refresh_token")?).await?.success()?;
        ensure!(claims(text(&later, "id_token")?)?["sub"] == name.as_str(), "{later}");
        names.push(name);
    }
    ensure!(names[0] == names[1], "one host is one sector: {names:?}");
    ensure!(names[0] != names[2] && names[0] != names[3] && names[2] != names[3], "{names:?}");
    Ok(())
}
