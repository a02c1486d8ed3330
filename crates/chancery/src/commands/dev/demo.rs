//! The demo: two tenants, each with a public and a confidential client and a user.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::{Client, ClientKind, ClientSecret},
    id::{ClientUid, TenantId, TenantSlug, UserId},
    key_policy::KeyPolicy,
    ports::platform::PlatformStore,
    profile::Profile,
    redirect_uri::RedirectUri,
    role::BuiltInRole,
    scope::{Scope, ScopeSet},
    secret::Secret,
    tenant::Tenant,
    time::Timestamp,
    user::{User, UserClaims},
    version::Version,
    vocabulary::{ClientAuthMethod, GrantType},
};

use super::credentials::{Credentials, DemoClient, DemoTenant, DemoUser};
use crate::{commands::admin_key, wiring::House};

/// What the demo consists of.
const TENANTS: [(&str, &str, Profile); 2] =
    [("acme", "Acme Rockets", Profile::Oauth21), ("globex", "Globex Bank", Profile::Oidc)];
const SCOPES: &str = "openid profile email address phone offline_access orders:read";
const REDIRECTS: [&str; 2] = ["http://127.0.0.1:3000/callback", "http://localhost:3000/callback"];
const AFTER_LOGOUT: [&str; 2] = ["http://127.0.0.1:3000/", "http://localhost:3000/"];
const ADMIN_KEY_LIFE: Duration = Duration::from_secs(365 * 86_400);

/// The credentials of an earlier run, or those of a demo made now. A first run that was broken off before it wrote its
/// credentials cannot be completed, because the database has only digests; then the directory to remove is named.
pub(super) async fn ensure(house: &House, data: &Path) -> anyhow::Result<Credentials> {
    if let Some(known) = Credentials::load(data)? {
        return Ok(known);
    }
    for (slug, ..) in TENANTS {
        let slug: TenantSlug = slug.parse()?;
        let there = PlatformStore::read(&house.storage).tenants().find_by_slug(&slug).await?;
        anyhow::ensure!(
            there.is_none(),
            "{} has a tenant {slug} but no demo.json with its credentials; remove the directory to begin anew",
            data.display()
        );
    }
    let now = house.clock.now();
    let (key, token) = AdminKey::generate("demo", AdminReach::Platform, ADMIN_KEY_LIFE, &*house.random, now);
    admin_key::insert(&house.storage, &*house.random, &key, BuiltInRole::PlatformOwner).await?;
    let mut tenants = Vec::new();
    for (slug, name, profile) in TENANTS {
        tenants.push(make_tenant(house, slug, name, profile).await?);
    }
    let credentials = Credentials { admin_key: token.expose().to_owned(), tenants };
    credentials.save(data)?;
    Ok(credentials)
}

async fn make_tenant(house: &House, slug: &str, name: &str, profile: Profile) -> anyhow::Result<DemoTenant> {
    let now = house.clock.now();
    let id = TenantId::generate(&*house.random, now);
    let tenant = Tenant::new(id, slug.parse()?, name.to_owned(), profile, now);
    let policy = KeyPolicy::of(profile);
    let founding = chancery_keys::found::prepare(&house.keys, &tenant, &policy);
    let people = make_user(house, now);
    let (founding, (user, demo_user)) =
        tokio::try_join!(async { founding.await.map_err(anyhow::Error::from) }, people)?;
    let (public, demo_public) = public_client(house, now)?;
    let (confidential, demo_confidential) = confidential_client(house, now)?;

    let tx = PlatformStore::begin(&house.storage).await?;
    tx.tenants().insert(&tenant).await?;
    {
        let rows = tx.of(id);
        founding.write(&*rows).await?;
        rows.scopes().insert(&orders(now)?).await?;
        rows.clients().insert(&public).await?;
        rows.clients().insert(&confidential).await?;
        rows.users().insert(&user).await?;
        rows.audit(AuditEvent::new(Some(id), now, Actor::System, Action::Created).about(Noun::Tenant, &id)).await?;
    }
    tx.commit().await?;
    Ok(DemoTenant { tenant: slug.to_owned(), clients: vec![demo_public, demo_confidential], users: vec![demo_user] })
}

async fn make_user(house: &House, now: Timestamp) -> anyhow::Result<(User, DemoUser)> {
    let bytes: [u8; 9] = chancery_domain::random::bytes(&*house.random);
    let password = chancery_domain::secret::base64url(&bytes);
    let mut user = User::new(UserId::generate(&*house.random, now), "ada".parse()?, now);
    let hashed = house.gate.hash(&Secret::new(password.clone()), &*house.random).await;
    user.password = Some(hashed.map_err(|error| anyhow::anyhow!("hashing the demo password: {error}"))?);
    user.email = Some("ada@example.com".parse()?);
    user.email_verified = true;
    let claims = serde_json::json!({
        "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "birthdate": "1815-12-10",
        "zoneinfo": "Europe/London", "locale": "en-GB", "phone_number": "+44 20 7946 0000",
        "phone_number_verified": true,
        "address": { "street_address": "12 St James's Square", "locality": "London", "country": "GB" },
    });
    user.claims = UserClaims::parse(claims.as_object().cloned().context("claims are an object")?)?;
    Ok((user, DemoUser { username: "ada".to_owned(), password }))
}

fn orders(now: Timestamp) -> anyhow::Result<Scope> {
    Ok(Scope {
        slug: "orders-read".parse()?,
        value: "orders:read".parse()?,
        description: "Read your orders".to_owned(),
        claims: Vec::new(),
        version: Version::FIRST,
        created_at: now,
        updated_at: now,
    })
}

fn client(house: &House, id: &str, kind: ClientKind, now: Timestamp) -> anyhow::Result<Client> {
    let mut client = Client::new(ClientUid::generate(&*house.random, now), id.parse()?, kind, now);
    client.grant_types.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
    client.redirect_uris =
        REDIRECTS.map(|uri| RedirectUri::register(uri, kind)).into_iter().collect::<Result<_, _>>()?;
    client.post_logout_redirect_uris =
        AFTER_LOGOUT.map(|uri| RedirectUri::register(uri, kind)).into_iter().collect::<Result<_, _>>()?;
    client.allowed_origins = vec!["http://127.0.0.1:3000".to_owned(), "http://localhost:3000".to_owned()];
    client.scopes = ScopeSet::parse(SCOPES)?;
    Ok(client)
}

/// A native client: any port of the loopback address will do.
fn public_client(house: &House, now: Timestamp) -> anyhow::Result<(Client, DemoClient)> {
    let mut client = client(house, "demo-public", ClientKind::Native, now)?;
    "Demo app".clone_into(&mut client.display_name);
    client.auth_methods.insert(ClientAuthMethod::None);
    let client = client.checked()?;
    let shown = shown(&client, None);
    Ok((client, shown))
}

fn confidential_client(house: &House, now: Timestamp) -> anyhow::Result<(Client, DemoClient)> {
    let mut client = client(house, "demo-confidential", ClientKind::Web, now)?;
    "Demo web application".clone_into(&mut client.display_name);
    client.auth_methods.extend([ClientAuthMethod::Basic, ClientAuthMethod::Post]);
    client.grant_types.insert(GrantType::ClientCredentials);
    let (secret, text) = ClientSecret::generate(&*house.random, now);
    client.secrets.push(secret);
    let client = client.checked()?;
    let shown = shown(&client, Some(text.expose().to_owned()));
    Ok((client, shown))
}

fn shown(client: &Client, client_secret: Option<String>) -> DemoClient {
    let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
    DemoClient {
        client_id: client.id.to_string(),
        client_secret,
        redirect_uris: texts(&client.redirect_uris),
        post_logout_redirect_uris: texts(&client.post_logout_redirect_uris),
    }
}
