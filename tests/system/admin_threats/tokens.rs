//! Access tokens that are not for this API, and one that is.

use anyhow::{Context as _, Result};
use chancery_tests::{browser::Browser, party::Party};
use serde_json::json;
use tonic::Code;

use super::{ACME, Scene, refused};

const LIST: &str = "TenantService/ListTenants";

/// `acme` is the system tenant. What it signs for others, what others sign, and what was changed open nothing.
pub(super) async fn foreign_tokens(scene: &Scene) -> Result<()> {
    let (owner, system) = (scene.owner(), &scene.site.first);
    let audience = format!("{}/admin-api", scene.site.installation.public_url());
    let scope = json!({ "parent": ACME, "scopeId": "admin", "scope": { "value": "chancery.admin" } });
    owner.call("ScopeService/CreateScope", scope).await?;
    let resource = json!({ "identifier": audience, "scopes": ["chancery.admin"] });
    let resource = json!({ "parent": ACME, "resourceId": "admin", "resource": resource });
    owner.call("ResourceService/CreateResource", resource).await?;
    let client = system.confidential_client()?;
    let name = format!("{ACME}/clients/{}", client.client_id);
    let scopes = ["openid", "profile", "email", "offline_access", "chancery.admin"];
    let allowed = json!({ "client": { "name": name, "scopes": scopes }, "updateMask": "scopes" });
    owner.call("ClientService/UpdateClient", allowed).await?;

    let program = Party::discover(system, client).await?;
    let token = async |party: &Party, scope: &str| {
        let form = [("grant_type", "client_credentials"), ("scope", scope)];
        let told = party.token(&form[..if scope.is_empty() { 1 } else { 2 }]).await?.success()?;
        told["access_token"].as_str().map(str::to_owned).context("no token")
    };
    let ours = token(&program, "chancery.admin").await?;
    // A token of the right audience comes in, and then its principal has no role, or a role that does not do.
    refused(&owner.with_key(&ours), LIST, json!({}), Code::PermissionDenied, "PERMISSION_DENIED").await?;
    let member = format!("clients/{}", client.client_id);
    let bind = json!({ "roleBinding": { "role": "roles/platform.auditor", "member": member } });
    owner.call("RoleBindingService/CreateRoleBinding", bind).await?;
    owner.with_key(&ours).call(LIST, json!({})).await?;
    let suspend = json!({ "name": ACME });
    let with_ours = owner.with_key(&ours);
    refused(&with_ours, "TenantService/SuspendTenant", suspend, Code::PermissionDenied, "PERMISSION_DENIED").await?;

    let neighbour = Party::discover(&scene.site.second, scene.site.second.confidential_client()?).await?;
    let mut browser = Browser::new()?;
    let person = program.sign_in(&mut browser, system.user()?, "openid chancery.admin").await?;
    let text = |name: &str| person[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
    owner
        .with_key(&text("access_token")?)
        .call("TenantService/ListTenants", json!({}))
        .await
        .err()
        .context("no role")?;
    let elsewhere = program.sign_in(&mut browser, system.user()?, "openid").await?;
    let parts: Vec<_> = ours.split('.').collect();
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{}.", parts[1]);
    let spoilt = format!("{}.{}.{}", parts[0], parts[1], "A".repeat(parts[2].len()));
    for (what, token) in [
        ("an ID token", text("id_token")?),
        ("another audience", elsewhere["access_token"].as_str().context("no token")?.to_owned()),
        ("another tenant", token(&neighbour, "").await?),
        ("no signature", none),
        ("another signature", spoilt),
    ] {
        let caller = owner.with_key(&token);
        let refusal = refused(&caller, LIST, json!({}), Code::Unauthenticated, "ACCESS_TOKEN_INVALID").await;
        refusal.context(what)?;
    }

    // Taken back, it is over at the next call.
    program.revoke(&ours).await?;
    refused(&with_ours, LIST, json!({}), Code::Unauthenticated, "ACCESS_TOKEN_INVALID").await?;
    Ok(())
}
