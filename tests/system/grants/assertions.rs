//! An issuer outside speaks for a user and for a workload (RFC 7523 section 2.1).

use anyhow::{Context as _, Result};
use chancery_tests::{
    admin::Admin,
    browser::Browser,
    dev::Tenant,
    party::{Party, claims},
};
use serde_json::{Value, json};

use super::extend;
use crate::script;

const NAME: &str = "https://idp.outside.example";

/// Whom the tenant trusts, and the key of that.
pub(super) async fn register(admin: &Admin, tenant: &Tenant) -> Result<Value> {
    let client = tenant.confidential_client()?;
    extend(admin, tenant, client, json!({ "grantTypes": ["GRANT_TYPE_JWT_BEARER"] })).await?;
    let made = script::run("assertion.mjs", &json!({ "make": true }), &mut Browser::new()?, tenant.user()?).await?;
    let trusted = json!({ "issuer": NAME, "jwks": made["jwks"], "algorithms": ["ES256"], "scopes": ["orders:read"],
        "subjectMapping": "SUBJECT_MAPPING_USERNAME", "clients": [client.client_id] });
    let parent = format!("tenants/{}", tenant.tenant);
    let message = json!({ "parent": parent, "trustedIssuerId": "outside", "trustedIssuer": trusted });
    admin.call("TrustedIssuerService/CreateTrustedIssuer", message).await?;
    Ok(made["key"].clone())
}

pub(super) async fn p009_a_token_of_a_trusted_issuer_is_exchanged_for_ours(
    admin: &Admin,
    tenant: &Tenant,
    key: &Value,
) -> Result<()> {
    let (client, user) = (tenant.confidential_client()?, tenant.user()?);
    let party = Party::discover(tenant, client).await?;
    let task = json!({ "issuer": tenant.issuer, "client": client, "key": key, "name": NAME,
        "subject": user.username, "scope": "orders:read" });
    let said = script::run("assertion.mjs", &task, &mut Browser::new()?, user).await?;
    let token = said["access_token"].as_str().context("no token")?;
    let told = claims(token)?;
    assert_eq!((&told["client_id"], &told["scope"]), (&json!(client.client_id), &json!("orders:read")));
    assert_eq!(party.introspect(token).await?["active"], true);

    // The same key, for a workload from now on.
    let name = format!("tenants/{}/trustedIssuers/outside", tenant.tenant);
    let changed = json!({ "name": name, "subjectMapping": "SUBJECT_MAPPING_CLIENT", "subjects": ["job:7"] });
    let message = json!({ "trustedIssuer": changed, "updateMask": "subjectMapping,subjects" });
    admin.call("TrustedIssuerService/UpdateTrustedIssuer", message).await?;
    let mut task = task;
    task["subject"] = json!("job:7");
    let said = script::run("assertion.mjs", &task, &mut Browser::new()?, user).await?;
    let workload = said["access_token"].as_str().context("no token")?;
    assert_eq!(claims(workload)?["sub"], client.client_id.as_str());

    // T236: disabled, it says nothing any more; what was given stays until it is revoked.
    let message = json!({ "trustedIssuer": { "name": name, "disabled": true }, "updateMask": "disabled" });
    admin.call("TrustedIssuerService/UpdateTrustedIssuer", message).await?;
    let refused = script::run("assertion.mjs", &task, &mut Browser::new()?, user).await;
    let refused = format!("{:#}", refused.err().context("it was taken")?);
    anyhow::ensure!(refused.contains("invalid_grant"), "{refused}");
    assert_eq!(party.introspect(token).await?["active"], true);
    assert_eq!(party.revoke(token).await?.status, 200);
    assert_eq!(party.introspect(token).await?["active"], false);
    Ok(())
}
