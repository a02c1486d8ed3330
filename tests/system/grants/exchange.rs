//! An API of the tenant exchanges the token that it was called with for one that another API takes (RFC 8693).

use anyhow::{Context as _, Result};
use chancery_resource_server::Verifier;
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::Tenant,
    party::{Party, claims},
};
use serde_json::{Value, json};

use super::extend;
use crate::script;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

fn uri(tenant: &Tenant, api: &str) -> String {
    format!("https://{api}.{}.example", tenant.tenant)
}

/// Two APIs; `backend` is the first of them.
pub(super) async fn register(admin: &Admin, tenant: &Tenant) -> Result<()> {
    let parent = format!("tenants/{}", tenant.tenant);
    for api in ["orders", "ledger"] {
        let scope = format!("{api}:read");
        let message = json!({ "parent": parent, "scopeId": format!("{api}-read"), "scope": { "value": scope } });
        admin.call("ScopeService/CreateScope", message).await?;
        let resource = json!({ "identifier": uri(tenant, api), "scopes": [scope] });
        let message = json!({ "parent": parent, "resourceId": api, "resource": resource });
        admin.call("ResourceService/CreateResource", message).await?;
    }
    let scopes = json!(["orders:read", "ledger:read"]);
    extend(admin, tenant, tenant.public_client()?, json!({ "scopes": scopes })).await?;
    let changes = json!({
        "scopes": scopes,
        "grantTypes": ["GRANT_TYPE_TOKEN_EXCHANGE"],
        "exchangeResources": [uri(tenant, "orders")],
    });
    extend(admin, tenant, tenant.confidential_client()?, changes).await
}

pub(super) async fn p008_and_g19_an_exchanged_token_reaches_less_and_tells_who_acts(tenant: &Tenant) -> Result<()> {
    let (web, backend) = (tenant.public_client()?, tenant.confidential_client()?);
    let (web, backend) = (Party::discover(tenant, web).await?, Party::discover(tenant, backend).await?);
    let scope = "openid offline_access orders:read ledger:read";
    let mut browser = Browser::new()?;
    let tokens = web.sign_in(&mut browser, tenant.user()?, scope).await?;
    let before = text(&tokens, "access_token")?;

    // openid-client asks for the other API, jose verifies what comes.
    let task = json!({ "issuer": tenant.issuer, "client": backend.client, "subject_token": before,
        "resource": uri(tenant, "ledger"), "scope": "ledger:read" });
    let said = script::run("exchange.mjs", &task, &mut browser, tenant.user()?).await?;
    let exchanged = text(&said, "access_token")?;
    let token = Verifier::builder().issuer(&tenant.issuer).audience(uri(tenant, "ledger")).build()?;
    let token = token.verify(exchanged).await?;
    let (was, is) = (claims(before)?, claims(exchanged)?);
    assert_eq!((&is["sub"], is["exp"].as_i64() <= was["exp"].as_i64()), (&was["sub"], true));
    assert_eq!(token.audience, [uri(tenant, "ledger")]);
    assert_eq!(is["act"], json!({ "sub": backend.client.client_id }));
    assert_eq!((&is["client_id"], &is["scope"]), (&json!(backend.client.client_id), &json!("ledger:read")));
    assert!(claims(before)?.get("act").is_none());

    // T230: nothing widens. Nested: whoever exchanges it again stands before the first.
    for (name, value, error) in
        [("scope", "orders:read", "invalid_scope"), ("resource", uri(tenant, "orders").as_str(), "invalid_target")]
    {
        let wider = exchange(&backend, exchanged, &[(name, value)]).await?;
        assert_eq!(wider.refusal(), (400, error));
    }
    let actor = backend.token(&[("grant_type", "client_credentials"), ("scope", "ledger:read")]).await?.success()?;
    let named = [("actor_token", text(&actor, "access_token")?), ("actor_token_type", ACCESS_TOKEN)];
    let again = exchange(&backend, exchanged, &named).await?.success()?;
    let own = json!(backend.client.client_id);
    assert_eq!(claims(text(&again, "access_token")?)?["act"], json!({ "sub": own, "act": { "sub": own } }));

    // It hangs on the grant: revoked with it.
    assert_eq!(backend.introspect(exchanged).await?["active"], true);
    assert_eq!(web.revoke(text(&tokens, "refresh_token")?).await?.status, 200);
    assert_eq!(backend.introspect(exchanged).await?["active"], false);
    let late = exchange(&backend, before, &[]).await?;
    assert_eq!(late.refusal(), (400, "invalid_request"));
    Ok(())
}

async fn exchange(party: &Party, subject: &str, more: &[(&str, &str)]) -> Result<chancery_tests::http::Reply> {
    let form = [("grant_type", GRANT), ("subject_token", subject), ("subject_token_type", ACCESS_TOKEN)];
    party.token(&[&form[..], more].concat()).await
}

fn text<'a>(tokens: &'a Value, name: &str) -> Result<&'a str> {
    tokens[name].as_str().with_context(|| format!("no {name} in {tokens}"))
}
