//! Ordinary things, ready to be changed by the test that needs them.

use std::sync::Arc;

use chancery_domain::{
    claim_mapping::ClaimMappings,
    client::{Client, ClientKind, ClientSecret},
    id::{ClientUid, SessionId, TenantId, UserId},
    issuer::PublicUrl,
    key_policy::{KeyPolicy, Margins},
    profile::Profile,
    random::Random,
    redirect_uri::RedirectUri,
    resource::Resources,
    scope::ScopeSet,
    secret::{OpaqueToken, TokenKind},
    session::Session,
    tenant::Tenant,
    time::Timestamp,
    user::{User, Username},
    view::{Document, Freshness, TenantView},
    vocabulary::{ClientAuthMethod, GrantType},
};

use crate::{client_jose::FakeClientJose, jose::FakeKeys};

/// An active tenant of that name.
#[must_use]
pub fn tenant(slug: &str, random: &dyn Random, now: Timestamp) -> Tenant {
    let id = TenantId::generate(random, now);
    Tenant::new(id, slug.parse().expect("a slug"), format!("Tenant {slug}"), Profile::Oauth21, now)
}

/// A public web client with the code and refresh grants and `https://app.example/cb`.
#[must_use]
pub fn public_client(id: &str, random: &dyn Random, now: Timestamp) -> Client {
    let uid = ClientUid::generate(random, now);
    let mut client = Client::new(uid, id.parse().expect("a client id"), ClientKind::Web, now);
    client.auth_methods.insert(ClientAuthMethod::None);
    client.grant_types.extend([GrantType::AuthorizationCode, GrantType::RefreshToken]);
    client.redirect_uris.push(RedirectUri::register("https://app.example/cb", ClientKind::Web).expect("a URI"));
    client.scopes = ScopeSet::parse("openid profile email offline_access").expect("scopes");
    client
}

/// An enabled user of that name, without a password.
#[must_use]
pub fn user(name: &str, random: &dyn Random, now: Timestamp) -> User {
    let username: Username = name.parse().expect("a username");
    let mut user = User::new(UserId::generate(random, now), username, now);
    user.email = Some(format!("{name}@example.com").parse().expect("an address"));
    user.email_verified = true;
    user
}

/// The same client with a secret instead, by both methods. Gives the secret too.
#[must_use]
pub fn confidential_client(id: &str, random: &dyn Random, now: Timestamp) -> (Client, OpaqueToken) {
    let mut client = public_client(id, random, now);
    client.auth_methods = [ClientAuthMethod::Basic, ClientAuthMethod::Post].into();
    let (secret, text) = ClientSecret::generate(random, now);
    client.secrets.push(secret);
    (client, text)
}

/// A live session of that user, signed in now. Gives the value of its cookie too.
#[must_use]
pub fn session(user: &User, tenant: &Tenant, random: &dyn Random, now: Timestamp) -> (Session, OpaqueToken) {
    let cookie = OpaqueToken::generate(TokenKind::Session, random);
    let session = Session {
        id: SessionId::generate(random, now),
        digest: cookie.digest(),
        user: user.id,
        authenticated_at: now,
        amr: vec!["pwd".to_owned()],
        last_seen_at: now,
        expires_at: now + tenant.settings.session_absolute_ttl,
        ended_at: None,
    };
    (session, cookie)
}

/// A fresh view of that tenant at `https://id.example`, with keys that only it has and empty documents.
#[must_use]
pub fn view(tenant: Tenant, now: Timestamp) -> TenantView {
    let keys = Arc::new(FakeKeys::new(&tenant.id.to_string()));
    let issuer = PublicUrl::parse("https://id.example").expect("a public URL").issuer_of(&tenant);
    TenantView {
        issuer,
        signing_algorithms: vec![tenant.profile.default_algorithm()],
        key_policy: KeyPolicy::of(tenant.profile),
        margins: Margins::STANDARD,
        alarm_until: None,
        overdue_at: None,
        scopes: Vec::new(),
        resources: Resources::default(),
        claim_mappings: ClaimMappings::default(),
        discovery: Document::new(b"{}".to_vec()),
        jwk_set: Document::new(br#"{"keys":[]}"#.to_vec()),
        signer: Arc::clone(&keys) as _,
        verifier: Arc::clone(&keys) as _,
        macs: Arc::clone(&keys) as _,
        client_keys: Arc::new(FakeClientJose),
        certificates_at: None,
        client_certificates: None,
        client_macs: Arc::clone(&keys) as _,
        opener: None,
        sealer: keys,
        freshness: Arc::new(Freshness::new(now)),
        tenant,
    }
}
