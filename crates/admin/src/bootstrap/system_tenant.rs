//! The system tenant, as it begins: this API as a resource, and a client for the command line.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::{Client, ClientKind},
    fault::{Fault, Malformed},
    id::{ClientUid, TenantId},
    ports::{platform::PlatformTx, store::TenantRows},
    profile::Profile,
    redirect_uri::RedirectUri,
    resource::Resource,
    scope::{Scope, ScopeSet},
    tenant::{Tenant, TenantSettings},
    time::Timestamp,
    version::Version,
    vocabulary::{ClientAuthMethod, GrantType},
};
use chancery_keys::found::{self, Founding};

use crate::{
    context::{Context, SystemTenant},
    name,
    status::{Reason, Refusal},
};

/// The longest life of access tokens for this API.
const TOKEN_LIFE: Duration = Duration::from_secs(600);

/// A tenant that is ready to be written.
pub(super) struct Prepared {
    tenant: Tenant,
    founding: Founding,
}

/// Makes what is slow, before any transaction is open.
pub(super) async fn prepare(cx: &Context, now: Timestamp) -> Result<Prepared, Refusal> {
    let Some(SystemTenant { slug, .. }) = &cx.system_tenant else {
        let reason = Reason::SystemTenantOff;
        return Err(Refusal::new(reason, "the server has no admin.system_tenant in its configuration"));
    };
    let policy = cx.usual_policy.of(Profile::Oauth21);
    let id = TenantId::generate(&*cx.random, now);
    let mut tenant = Tenant::new(id, slug.clone(), "System".to_owned(), Profile::Oauth21, now);
    tenant.settings = TenantSettings {
        ml_dsa: policy.algorithms.iter().any(|algorithm| algorithm.is_ml_dsa()),
        ..TenantSettings::within(policy.longest_token_life)
    };
    let founding = found::prepare(&cx.keys, &tenant, &policy).await?;
    Ok(Prepared { tenant, founding })
}

impl Prepared {
    /// Writes the tenant and what lies in it.
    pub(super) async fn write(self, cx: &Context, tx: &dyn PlatformTx, now: Timestamp) -> Result<Tenant, Refusal> {
        let Self { tenant, founding } = self;
        let inserted = tx.tenants().insert(&tenant).await;
        inserted.map_err(|error| Refusal::from(error).about("Tenant", &name::of_tenant(&tenant.slug)))?;
        let rows = tx.of(tenant.id);
        founding.write(&*rows).await?;
        audit(&*rows, &tenant, Noun::Tenant, &tenant.id, now).await?;
        let broken = |error: Malformed| Fault::broken("the system tenant cannot be made", error);
        let scope = scope(now).map_err(broken)?;
        rows.scopes().insert(&scope).await?;
        audit(&*rows, &tenant, Noun::Scope, &scope.slug, now).await?;
        if let Some(resource) = resource(cx, &tenant, now).map_err(broken)? {
            rows.resources().insert(&resource).await?;
            audit(&*rows, &tenant, Noun::Resource, &resource.slug, now).await?;
        }
        let client = client(cx, now).map_err(broken)?;
        rows.clients().insert(&client).await?;
        audit(&*rows, &tenant, Noun::Client, &client.id, now).await?;
        drop(rows);
        Ok(tenant)
    }
}

async fn audit(
    rows: &dyn TenantRows,
    tenant: &Tenant,
    noun: Noun,
    id: &(dyn ToString + Sync),
    now: Timestamp,
) -> Result<(), Fault> {
    let event = AuditEvent::new(Some(tenant.id), now, Actor::System, Action::Created);
    rows.audit(event.about(noun, &id.to_string()).because("bootstrap")).await
}

/// What an application needs to call this API for somebody.
fn scope(now: Timestamp) -> Result<Scope, Malformed> {
    Ok(Scope {
        slug: "chancery-admin".parse()?,
        value: SystemTenant::SCOPE.parse()?,
        description: "Manage this identity provider with your rights".to_owned(),
        claims: Vec::new(),
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    })
}

/// This API, as what the scope is for: so the tokens that have it name the API as their audience.
fn resource(cx: &Context, tenant: &Tenant, now: Timestamp) -> Result<Option<Resource>, Malformed> {
    let Some(system) = &cx.system_tenant else { return Ok(None) };
    let mut resource = Resource::new("admin-api".parse()?, system.audience.clone(), now);
    "Admin API".clone_into(&mut resource.display_name);
    resource.scopes = ScopeSet::parse(SystemTenant::SCOPE)?;
    resource.access_token_ttl = Some(TOKEN_LIFE.min(tenant.settings.access_token_ttl));
    Ok(Some(resource))
}

/// The command line: a native client without a secret, on any port of the loopback address (RFC 8252 section 7.3).
fn client(cx: &Context, now: Timestamp) -> Result<Client, Malformed> {
    let uid = ClientUid::generate(&*cx.random, now);
    let mut client = Client::new(uid, SystemTenant::CLIENT.parse()?, ClientKind::Native, now);
    "Chancery command line".clone_into(&mut client.display_name);
    client.auth_methods.insert(ClientAuthMethod::None);
    client.grant_types.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
    client.redirect_uris.push(RedirectUri::register("http://127.0.0.1/callback", ClientKind::Native)?);
    client.scopes = ScopeSet::parse(&format!("offline_access {}", SystemTenant::SCOPE))?;
    client.checked()
}
