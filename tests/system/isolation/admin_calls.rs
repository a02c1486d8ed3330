//! What every call of the admin API makes of it, when it names the neighbour's things.

use anyhow::{Context as _, Result};
use chancery_tests::{admin::Admin, dev::Tenant};
use serde_json::{Map, Value, json};
use tonic::Code;

use super::belongings::Belongings;
use crate::databases::Site;

/// The calls that were answered, which should be none.
pub(super) async fn that_let_in(
    site: &Site,
    theirs: &Belongings,
    owner: &Tenant,
    neighbour: &Tenant,
) -> Result<Vec<String>> {
    let names = Names::of(&site.admin, neighbour).await?;
    let before = inventory(&site.admin, &names).await?;
    let mut let_in = Vec::new();
    for call in site.admin.calls() {
        let message = names.message(&call, &site.admin.fields_of(&call)?);
        for (kind, text) in theirs.texts() {
            let expected: &[Code] = match (call.as_str(), kind) {
                // Nobody has to be known there; the text is presented as what lets in.
                ("BootstrapService/Bootstrap", _) => &[Code::FailedPrecondition, Code::ResourceExhausted],
                // Tells callers what they asked for or could approve: nothing here.
                ("ApprovalService/ListApprovals", "admin key") => &[Code::Ok],
                (_, "admin key") => &[Code::NotFound, Code::PermissionDenied],
                _ => &[Code::Unauthenticated],
            };
            let mut message = message.clone();
            if call.starts_with("BootstrapService/") {
                message["token"] = json!(text);
            }
            let answer = site.admin.with_key(text).try_call(&call, message.clone()).await?;
            let code = answer.as_ref().err().map_or(Code::Ok, tonic::Status::code);
            let tells = answer.as_ref().is_ok_and(|told| *told != json!({}));
            if !expected.contains(&code) || tells {
                let_in.push(format!("{kind} at {call} {message}: {answer:?}"));
            }
        }
    }
    let_in.extend(through_ones_own_tenant(site, theirs, owner, &names).await?);
    let after = inventory(&site.admin, &names).await?;
    anyhow::ensure!(before == after, "something was changed:\n{before}\n{after}");
    Ok(let_in)
}

/// The calls that were answered for names which begin with one's own tenant and go on with the neighbour's things.
async fn through_ones_own_tenant(
    site: &Site,
    theirs: &Belongings,
    owner: &Tenant,
    names: &Names,
) -> Result<Vec<String>> {
    let own = format!("tenants/{}", owner.tenant);
    let foreign = [&names.client, &names.user, &names.key, &names.api_key, &names.token_secret];
    let foreign = foreign.into_iter().chain([&names.session, &names.grant, &names.resource, &names.claim_mapping]);
    let foreign = foreign.chain([&names.role, &names.role_binding]);
    let foreign: Vec<_> = foreign.map(|name| name.rsplit('/').next().unwrap_or_default()).collect();
    let mut let_in = Vec::new();
    let mut asked = 0;
    for call in site.admin.calls() {
        let message = names.message(&call, &site.admin.fields_of(&call)?).to_string();
        let message = message.replace(&names.tenant, &own);
        // What is made anew goes by the names in the rest of the request.
        let creates = call.contains("/Create") && !call.ends_with("/CreatePasswordLink");
        if creates || !foreign.iter().any(|id| message.contains(id)) {
            continue;
        }
        asked += 1;
        for key in [theirs.admin_key.as_str(), site.installation.admin_key()] {
            let answer = site.admin.with_key(key).try_call(&call, serde_json::from_str(&message)?).await?;
            if answer.as_ref().err().map(tonic::Status::code) != Some(Code::NotFound) {
                let_in.push(format!("{call} {message}: {answer:?}"));
            }
        }
    }
    anyhow::ensure!(asked > 15, "only {asked} calls name things");
    Ok(let_in)
}

/// One of each of the neighbour's things, by name.
struct Names {
    tenant: String,
    client: String,
    secret: String,
    scope: String,
    user: String,
    key: String,
    api_key: String,
    token_secret: String,
    encryption_key: String,
    session: String,
    grant: String,
    resource: String,
    claim_mapping: String,
    trusted_issuer: String,
    role: String,
    role_binding: String,
    approval: String,
    audit_event: String,
}

impl Names {
    async fn of(admin: &Admin, tenant: &Tenant) -> Result<Self> {
        let parent = format!("tenants/{}", tenant.tenant);
        let client = format!("{parent}/clients/{}", tenant.confidential_client()?.client_id);
        let first = async |call: &str, parent: &str, list: &str| {
            let listed = admin.call(call, json!({ "parent": parent })).await?;
            listed[list][0]["name"].as_str().map(str::to_owned).with_context(|| format!("{call}: {listed}"))
        };
        // Tenants of the profile oauth21 have none; there a name that nobody has is as foreign.
        let secret = admin.try_call("TokenSecretService/GenerateTokenSecret", json!({ "parent": parent })).await?;
        let made = secret.ok().and_then(|made| made["tokenSecret"]["name"].as_str().map(str::to_owned));
        let nobodys = || format!("{parent}/tokenSecrets/{}", uuid::Uuid::new_v4());
        let encrypting = json!({ "name": parent, "settings": { "requestObjectEncryption": true } });
        let encrypting = json!({ "tenant": encrypting, "updateMask": "settings.requestObjectEncryption" });
        let encryption_key = match admin.try_call("TenantService/UpdateTenant", encrypting).await? {
            Ok(_) => first("EncryptionKeyService/ListEncryptionKeys", &parent, "encryptionKeys").await?,
            Err(_) => format!("{parent}/encryptionKeys/{}", uuid::Uuid::new_v4()),
        };
        let key = json!({ "parent": parent, "apiKey": { "displayName": "theirs" } });
        admin.call("ApiKeyService/CreateApiKey", key).await?;
        let id = format!("of-{}", tenant.tenant);
        let resource = json!({ "parent": parent, "resourceId": id, "resource": { "identifier": "urn:theirs" } });
        let resource = admin.call("ResourceService/CreateResource", resource).await?;
        let mapping = json!({ "claim": "theirs", "constant": true, "targets": ["TARGET_ID_TOKEN"] });
        let mapping = json!({ "parent": parent, "claimMappingId": id, "claimMapping": mapping });
        let mapping = admin.call("ClaimMappingService/CreateClaimMapping", mapping).await?;
        let trusted = json!({
            "issuer": "urn:theirs", "jwksUri": "https://theirs.example/jwks", "algorithms": ["ES256"],
            "subjectMapping": "SUBJECT_MAPPING_USERNAME",
        });
        let trusted = json!({ "parent": parent, "trustedIssuerId": id, "trustedIssuer": trusted });
        let trusted = admin.call("TrustedIssuerService/CreateTrustedIssuer", trusted).await?;
        let role = json!({ "permissions": ["clients.list"] });
        let role = json!({ "parent": parent, "roleId": format!("role-{id}"), "role": role });
        let role = admin.call("RoleService/CreateRole", role).await?;
        let named = |made: &Value| made["name"].as_str().map(str::to_owned).context("no name");
        Ok(Self {
            session: first("SessionService/ListSessions", &parent, "sessions").await?,
            grant: first("GrantService/ListGrants", &parent, "grants").await?,
            secret: first("ClientService/ListClientSecrets", &client, "clientSecrets").await?,
            scope: first("ScopeService/ListScopes", &parent, "scopes").await?,
            user: first("UserService/ListUsers", &parent, "users").await?,
            key: first("KeyService/ListKeys", &parent, "keys").await?,
            api_key: first("ApiKeyService/ListApiKeys", &parent, "apiKeys").await?,
            token_secret: made.unwrap_or_else(nobodys),
            encryption_key,
            role_binding: first("RoleBindingService/ListRoleBindings", &parent, "roleBindings").await?,
            audit_event: first("AuditService/ListAuditEvents", &parent, "auditEvents").await?,
            resource: named(&resource)?,
            claim_mapping: named(&mapping)?,
            trusted_issuer: named(&trusted)?,
            role: named(&role)?,
            // They lie in no tenant, and nothing here waits for one: a name that nobody has is as foreign.
            approval: format!("approvals/{}", uuid::Uuid::new_v4()),
            tenant: parent.clone(),
            client,
        })
    }

    /// A request of that call which names the neighbour's things and would otherwise be in order.
    fn message(&self, call: &str, fields: &[String]) -> Value {
        let name = match call.split_once('/').unwrap_or_default() {
            (_, method) if method.contains("ClientSecret") => &self.secret,
            (_, method) if method.contains("KeyPolicy") => &format!("{}/keyPolicy", self.tenant),
            ("ClientService", _) | ("PreviewService", "PreviewDeleteClient" | "PreviewDisableClient") => &self.client,
            ("ScopeService", _) => &self.scope,
            ("UserService", _) | ("PreviewService", "PreviewDeleteUser" | "PreviewDisableUser") => &self.user,
            ("KeyService", _) | ("PreviewService", "PreviewCompromiseKey") => &self.key,
            ("ApiKeyService", _) => &self.api_key,
            ("TokenSecretService", _) => &self.token_secret,
            // None is there, and a name that nobody has is as foreign.
            ("InitialAccessTokenService", _) => {
                &format!("{}/initialAccessTokens/{}", self.tenant, uuid::Uuid::new_v4())
            }
            ("EncryptionKeyService", _) => &self.encryption_key,
            ("SessionService", _) => &self.session,
            ("GrantService", _) => &self.grant,
            ("ConsentService", _) => {
                &format!("{}/consents/{}", self.user, self.client.rsplit('/').next().unwrap_or_default())
            }
            ("ResourceService", _) => &self.resource,
            ("ClaimMappingService", _) => &self.claim_mapping,
            ("TrustedIssuerService", _) => &self.trusted_issuer,
            ("RoleService", _) => &self.role,
            ("RoleBindingService", _) => &self.role_binding,
            ("ApprovalService", _) => &self.approval,
            ("AuditService", _) => &self.audit_event,
            _ => &self.tenant,
        };
        // There, users and clients are named and not sent.
        let people =
            ["SessionService/", "GrantService/", "ConsentService/"].iter().any(|service| call.starts_with(service));
        let parent = match call {
            "ConsentService/ListConsents" => &self.user,
            _ if call.contains("ClientSecret") => &self.client,
            _ => &self.tenant,
        };
        let mut message = Map::new();
        for field in fields {
            let value = match field.as_str() {
                "name" => json!(name),
                "parent" => json!(parent),
                "tenant_id" | "scope_id" | "client_id" | "resource_id" | "claim_mapping_id" | "role_id"
                | "trusted_issuer_id" => {
                    json!("a-new-one")
                }
                "user" if people => json!(self.user),
                "client" if people => json!(self.client),
                "reason" => json!("a drill"),
                "tenant" | "key_policy" => json!({ "name": name }),
                "client" => json!({
                    "name": name, "kind": "KIND_SERVICE", "authMethods": ["AUTH_METHOD_CLIENT_SECRET_BASIC"],
                    "grantTypes": ["GRANT_TYPE_CLIENT_CREDENTIALS"],
                }),
                "scope" => json!({ "name": name, "value": "new:one" }),
                "resource" => json!({ "name": name, "displayName": "new", "identifier": "urn:new" }),
                "claim_mapping" => json!({
                    "name": name, "claim": "new", "userClaim": "name", "targets": ["TARGET_USERINFO"],
                }),
                "trusted_issuer" => json!({
                    "name": name, "issuer": "urn:new", "jwksUri": "https://new.example/jwks", "algorithms": ["ES256"],
                    "subjectMapping": "SUBJECT_MAPPING_USERNAME",
                }),
                "user" => json!({ "name": name, "username": "newcomer" }),
                "tenant_document" => json!({ "tenant": { "name": self.tenant } }),
                "api_key" => json!({ "displayName": "new" }),
                "role" => json!({ "name": name, "permissions": ["clients.list"] }),
                "role_binding" => json!({ "role": "roles/tenant.auditor", "member": "certificates/new.example" }),
                _ => continue,
            };
            message.insert(field.clone(), value);
        }
        Value::Object(message)
    }
}

/// All that the neighbour has.
async fn inventory(admin: &Admin, names: &Names) -> Result<Value> {
    let of = json!({ "parent": names.tenant });
    Ok(json!([
        admin.call("TenantService/ListTenants", json!({ "showDeleted": true })).await?,
        admin.call("ClientService/ListClients", of.clone()).await?,
        secrets(admin, &names.client).await?,
        admin.call("ScopeService/ListScopes", of.clone()).await?,
        admin.call("UserService/ListUsers", of.clone()).await?,
        admin.call("GrantService/ListGrants", of.clone()).await?,
        admin.call("ConsentService/ListConsents", json!({ "parent": format!("{}/users/-", names.tenant) })).await?,
        admin.call("KeyService/ListKeys", of.clone()).await?,
        admin.call("KeyService/GetKeyPolicy", json!({ "name": format!("{}/keyPolicy", names.tenant) })).await?,
        admin.call("TokenSecretService/ListTokenSecrets", of.clone()).await?,
        admin.call("EncryptionKeyService/ListEncryptionKeys", of.clone()).await?,
        admin.call("ResourceService/ListResources", of.clone()).await?,
        admin.call("ClaimMappingService/ListClaimMappings", of.clone()).await?,
        admin.call("TrustedIssuerService/ListTrustedIssuers", of.clone()).await?,
        admin.call("RoleService/ListRoles", of.clone()).await?,
        admin.call("RoleBindingService/ListRoleBindings", of.clone()).await?,
        admin.call("ApiKeyService/ListApiKeys", of).await?,
    ]))
}

/// The secrets of a client, but for when they were used, which is told later than it happens.
async fn secrets(admin: &Admin, client: &str) -> Result<Value> {
    let mut listed = admin.call("ClientService/ListClientSecrets", json!({ "parent": client })).await?;
    for secret in listed["clientSecrets"].as_array_mut().context("secrets")? {
        secret.as_object_mut().context("a secret")?.remove("lastUseTime");
    }
    Ok(listed)
}
