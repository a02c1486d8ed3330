//! Tokens for an API of the tenant's: verified with the crate for resource servers, which knows the issuer and its own
//! name and nothing else, and telling what the tenant's claim mappings say.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_resource_server::{AccessToken, Rejection, Verifier};
use chancery_tests::{
    admin::Admin,
    browser::{Browser, answer_in},
    dev::{Tenant, User},
    party::{Party, claims},
};
use serde_json::{Value, json};

use crate::databases::{Database, Site};

const ORDERS: &str = "https://orders.acme.example";
const SCOPES: &str = "openid orders:read";

#[tokio::test]
async fn an_api_gets_tokens_for_itself_with_the_claims_it_needs_on_sqlite() -> Result<()> {
    an_api_gets_tokens_for_itself(Database::Sqlite).await
}

#[tokio::test]
async fn an_api_gets_tokens_for_itself_with_the_claims_it_needs_on_postgres() -> Result<()> {
    an_api_gets_tokens_for_itself(Database::Postgres).await
}

async fn an_api_gets_tokens_for_itself(database: Database) -> Result<()> {
    let Site { program: _program, installation: _installation, admin, first: tenant, .. } = database.site().await?;
    let (web, backend) = (tenant.public_client()?, tenant.confidential_client()?);
    let (web, backend) = (Party::discover(&tenant, web).await?, Party::discover(&tenant, backend).await?);
    register(&admin, &tenant, [&web, &backend]).await?;
    until_known(&web, &tenant).await?;
    let user = tenant.user()?;

    // Nobody names anything: the audience follows from the scopes, and UserInfo belongs to openid.
    let mut browser = Browser::new()?;
    let tokens = web.sign_in(&mut browser, user, SCOPES).await?;
    let token = verify(&tenant, ORDERS, &tokens).await?;
    assert_eq!(token.audience, [tenant.issuer.as_str(), ORDERS]);
    let expected = json!({ "unit": "Engines", "groups": ["a", { "b": 1.5 }], "region": "eu" });
    for (told, names) in [
        (Value::Object(token.claims), &["unit", "groups", "region"][..]),
        (claims(tokens["id_token"].as_str().context("no ID token")?)?, &["unit", "groups"]),
        (web.userinfo(text(&tokens, "access_token")?).await?.success()?, &["unit", "region"]),
    ] {
        for name in ["unit", "groups", "region"] {
            let wanted = names.contains(&name).then(|| &expected[name]);
            assert_eq!(told.get(name), wanted, "{name} in {told}");
        }
    }

    // The application names the API: the token is for that one alone.
    let tokens = sign_in_naming(&web, &mut browser, user, ORDERS).await?;
    let token = verify(&tenant, ORDERS, &tokens).await?;
    assert_eq!(token.audience, [ORDERS]);
    let elsewhere = verifier(&tenant, "https://stock.acme.example")?.verify(text(&tokens, "access_token")?).await;
    assert!(matches!(elsewhere, Err(Rejection::Audience)), "{elsewhere:?}");
    assert_eq!(web.userinfo(text(&tokens, "access_token")?).await?.refusal(), (401, "invalid_token"));

    // For itself, and what nobody registered.
    let grant = ("grant_type", "client_credentials");
    let tokens = backend.token(&[grant, ("scope", "orders:read"), ("resource", ORDERS)]).await?.success()?;
    assert_eq!(tokens["expires_in"], 120);
    let access_token = text(&tokens, "access_token")?;
    let (token, said) = (verify(&tenant, ORDERS, &tokens).await?, backend.introspect(access_token).await?);
    assert_eq!((token.audience, said["aud"].as_str()), (vec![ORDERS.to_owned()], Some(ORDERS)));
    assert_eq!((token.claims.get("unit"), &token.claims["region"]), (None, &json!("eu")));
    let unknown = [grant, ("resource", "https://stock.acme.example")];
    assert_eq!(backend.token(&unknown).await?.refusal(), (400, "invalid_target"));
    let attempt = web.begin(SCOPES, &[("resource", "https://stock.acme.example")])?;
    let back = browser.open(attempt.url.as_str()).await?.away()?;
    assert_eq!(answer_in(&back, web.redirect_uri()?)?.get("error").map(String::as_str), Some("invalid_target"));
    Ok(())
}

/// An API with a scope, what the clients may ask for, and three claims more.
async fn register(admin: &Admin, tenant: &Tenant, clients: [&Party; 2]) -> Result<()> {
    let parent = format!("tenants/{}", tenant.tenant);
    let scope = json!({ "parent": parent, "scopeId": "orders-read", "scope": { "value": "orders:read" } });
    admin.call("ScopeService/CreateScope", scope).await?;
    for client in clients {
        let name = format!("{parent}/clients/{}", client.client.client_id);
        let client = json!({ "name": name, "scopes": ["openid", "offline_access", "orders:read"] });
        admin.call("ClientService/UpdateClient", json!({ "client": client, "updateMask": "scopes" })).await?;
    }
    let resource = json!({ "identifier": ORDERS, "scopes": ["orders:read"], "accessTokenTtl": "120s" });
    let resource = json!({ "parent": parent, "resourceId": "orders", "resource": resource });
    admin.call("ResourceService/CreateResource", resource).await?;

    let users = admin.call("UserService/ListUsers", json!({ "parent": parent })).await?;
    let user = json!({ "name": users["users"][0]["name"], "claims": { "department": { "name": "Engines" } } });
    admin.call("UserService/UpdateUser", json!({ "user": user, "updateMask": "claims" })).await?;
    for (id, mapping) in [
        (
            "unit",
            json!({ "userClaim": "/department/name", "scope": "openid",
            "targets": ["TARGET_ID_TOKEN", "TARGET_ACCESS_TOKEN", "TARGET_USERINFO"] }),
        ),
        (
            "groups",
            json!({ "constant": ["a", { "b": 1.5 }], "client": format!("{parent}/clients/{}", clients[0].client.client_id),
            "targets": ["TARGET_ID_TOKEN", "TARGET_ACCESS_TOKEN"] }),
        ),
        ("region", json!({ "constant": "eu", "targets": ["TARGET_ACCESS_TOKEN", "TARGET_USERINFO"] })),
    ] {
        let mut mapping = mapping;
        mapping["claim"] = json!(id);
        let mapping = json!({ "parent": parent, "claimMappingId": id, "claimMapping": mapping });
        admin.call("ClaimMappingService/CreateClaimMapping", mapping).await?;
    }
    Ok(())
}

/// The metadata follow within seconds, and with them everything else.
async fn until_known(party: &Party, tenant: &Tenant) -> Result<()> {
    let begun = Instant::now();
    loop {
        let metadata = Party::discover(tenant, &party.client).await?.metadata;
        let knows = |list: &str, word: &str| metadata[list].as_array().is_some_and(|all| all.contains(&json!(word)));
        if knows("claims_supported", "unit") && knows("claims_supported", "region") {
            return Ok(());
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "the metadata do not follow: {metadata}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn sign_in_naming(party: &Party, browser: &mut Browser, user: &User, resource: &str) -> Result<Value> {
    let attempt = party.begin(SCOPES, &[("resource", resource)])?;
    let code = party.obtain_code(browser, user, &attempt).await?;
    party.redeem(&code, &attempt.verifier).await?.success()
}

fn verifier(tenant: &Tenant, audience: &str) -> Result<Verifier> {
    Ok(Verifier::builder().issuer(&tenant.issuer).audience(audience).build()?)
}

async fn verify(tenant: &Tenant, audience: &str, tokens: &Value) -> Result<AccessToken> {
    Ok(verifier(tenant, audience)?.verify(text(tokens, "access_token")?).await?)
}

fn text<'a>(tokens: &'a Value, name: &str) -> Result<&'a str> {
    tokens[name].as_str().with_context(|| format!("no {name} in {tokens}"))
}
