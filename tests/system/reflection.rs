//! Clients that know only the reflection API run the whole admin API: one of ours, one of other people's making.

use anyhow::{Context as _, Result};
use chancery_tests::{
    browser::Browser,
    dev::{Dev, Tenant, User},
    installation::found,
    party::{Party, claims},
};
use serde_json::json;

use crate::script;

#[tokio::test]
async fn a_tenant_made_by_reflection_signs_people_in() -> Result<()> {
    let dev = Dev::start().await?;
    for profile in ["PROFILE_OAUTH21", "PROFILE_OIDC"] {
        let slug = profile.to_lowercase().replace('_', "-");
        let task = json!({
            "admin_address": dev.announced.admin_url.trim_start_matches("http://"),
            "admin_key": dev.announced.admin_key,
            "tenant": slug,
            "profile": profile,
            "redirect_uri": "https://shop.example/callback",
        });
        let nobody = User { username: String::new(), password: String::new() };
        let mut made = script::run("reflection.py", &task, &mut Browser::new()?, &nobody).await?;
        let sub = made.as_object_mut().and_then(|made| made.remove("sub")).context("no sub")?;
        let link = made.as_object_mut().and_then(|made| made.remove("password_link")).context("no link")?;
        let tenant: Tenant = serde_json::from_value(made)?;
        let chosen =
            Browser::new()?.choose_password(link.as_str().context("a text")?, &tenant.user()?.password).await?;
        anyhow::ensure!(chosen.has("password-set"), "no password was set: {}", chosen.html);
        let party = Party::discover(&tenant, tenant.confidential_client()?).await?;
        let tokens = party.sign_in(&mut Browser::new()?, tenant.user()?, "openid email orders:read").await?;
        assert_eq!(claims(tokens["id_token"].as_str().unwrap_or_default())?["sub"], sub);
        let about = party.userinfo(tokens["access_token"].as_str().unwrap_or_default()).await?.success()?;
        assert_eq!(
            about,
            json!({ "sub": sub, "email": "ida@shop.example", "email_verified": false, "locale": "da-DK" })
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_was_made_by_reflection_is_listed_changed_and_removed() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    let tenant = found(&admin, "initech", "PROFILE_OAUTH21").await?;
    let client = json!({ "name": format!("tenants/initech/clients/{}", tenant.public_client()?.client_id) });

    let before = admin.call("ClientService/GetClient", client.clone()).await?;
    let mut renamed = before.clone();
    renamed["displayName"] = json!("Renamed");
    let change = json!({ "client": renamed, "updateMask": "displayName" });
    let after = admin.call("ClientService/UpdateClient", change.clone()).await?;
    assert_eq!(after["displayName"], "Renamed");
    assert_ne!(after["etag"], before["etag"]);

    let stale = admin.try_call("ClientService/UpdateClient", change).await?.err().context("a stale etag was taken")?;
    assert_eq!(chancery_tests::admin::reason(&stale).as_deref(), Some("ETAG_MISMATCH"));

    admin.call("ClientService/DeleteClient", client.clone()).await?;
    let gone = admin.try_call("ClientService/GetClient", client).await?.err().context("it is still there")?;
    assert_eq!(gone.code(), tonic::Code::NotFound);
    Ok(())
}

#[tokio::test]
async fn lists_are_paged_without_holes() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    found(&admin, "initech", "PROFILE_OAUTH21").await?;
    for number in 0..7 {
        let scope = json!({ "parent": "tenants/initech", "scopeId": format!("s-{number}"), "scope": { "value": format!("s:{number}") } });
        admin.call("ScopeService/CreateScope", scope).await?;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let ask = json!({ "parent": "tenants/initech", "pageSize": 3, "pageToken": token });
        let page = admin.call("ScopeService/ListScopes", ask).await?;
        let scopes = page["scopes"].as_array().context("no scopes")?;
        assert!(scopes.len() <= 3, "{page}");
        seen.extend(scopes.iter().filter_map(|scope| scope["name"].as_str().map(str::to_owned)));
        token = page["nextPageToken"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "{seen:?}");
    assert_eq!(seen.iter().filter(|name| name.starts_with("tenants/initech/scopes/s-")).count(), 7, "{seen:?}");
    Ok(())
}

#[tokio::test]
async fn nobody_calls_without_a_key() -> Result<()> {
    let dev = Dev::start().await?;
    let admin = dev.admin().await?;
    let calls = admin.calls();
    assert!(calls.len() > 30, "{calls:?}");
    for key in ["", "cha_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"] {
        for call in calls.iter().filter(|call| *call != "BootstrapService/Bootstrap") {
            let refused = admin.with_key(key).try_call(call, json!({})).await?.err();
            let refused = refused.with_context(|| format!("{call} was answered for the key {key:?}"))?;
            assert_eq!(refused.code(), tonic::Code::Unauthenticated, "{call}: {refused:?}");
        }
    }
    // Open to those who cannot be known yet; here somebody owns the platform already.
    let refused = admin.with_key("").try_call("BootstrapService/Bootstrap", json!({ "token": "x" })).await?.err();
    let refused = refused.context("a second first owner")?;
    assert_eq!(chancery_tests::admin::reason(&refused).as_deref(), Some("PLATFORM_OWNED"));
    Ok(())
}
