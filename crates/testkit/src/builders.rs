//! Ordinary things, ready to be changed by the test that needs them.

use chancery_domain::{
    client::{Client, ClientKind},
    id::{ClientUid, TenantId, UserId},
    profile::Profile,
    random::Random,
    redirect_uri::RedirectUri,
    scope::ScopeSet,
    tenant::Tenant,
    time::Timestamp,
    user::{User, Username},
    vocabulary::{ClientAuthMethod, GrantType},
};

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
