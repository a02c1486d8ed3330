//! What issuers outside assert, for tokens (RFC 7523 section 2.1).

use chancery_domain::{
    audit::Action,
    client::Client,
    ports::store::Store,
    profile::Profile,
    scope::ScopeSet,
    time::Clock,
    trusted_issuer::{IssuerKeys, SubjectMapping, TrustedIssuer},
    user::User,
    version::Version,
    vocabulary::{Algorithm, GrantType},
};
use chancery_oauth::introspect;
use chancery_testkit::client_jose::FakeClientKey;
use serde_json::{Value, json};

use crate::front::{Front, Tokens, form, view_of};

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
const REFUSED: &str = "invalid_grant: the assertion is not one that this client gets tokens for now";
const AT: &str = "https://idp.example/jwks";

/// A tenant that trusts `https://idp.example`, whose assertions `site` may present.
struct Trust {
    front: Front,
    key: FakeClientKey,
    issuer: TrustedIssuer,
}

impl Trust {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut TrustedIssuer)) -> Self {
        let mut front = Front::of(Profile::Oidc).await;
        let mut tenant = front.view.tenant.clone();
        tenant.settings.jwt_bearer = true;
        front.view = front.directory.show(view_of(tenant, front.clock.now()));
        let mut site = front.site.clone();
        site.grant_types.insert(GrantType::JwtBearer);
        front.update(&site).await;
        let key = FakeClientKey::new("outside", Algorithm::Es256);
        let now = front.clock.now();
        let mut issuer = TrustedIssuer {
            slug: "idp".parse().expect("a slug"),
            issuer: "https://idp.example".parse().expect("a name"),
            keys: IssuerKeys::Jwks(key.jwks()),
            algorithms: [Algorithm::Es256].into(),
            mapping: SubjectMapping::Username,
            subjects: [].into(),
            clients: [site.id.clone()].into(),
            scopes: ScopeSet::parse("email crm").expect("scopes"),
            disabled: false,
            version: Version::FIRST,
            created_at: now,
            updated_at: now,
        };
        change(&mut issuer);
        let issuer = issuer.checked().expect("fits together");
        let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
        tx.trusted_issuers().insert(&issuer).await.expect("inserted");
        tx.commit().await.expect("committed");
        Self { front, key, issuer }
    }

    /// Claims of a good assertion about Ada, with another `jti` for each call, and with some changed; those that become
    /// null go.
    fn claims(&self, change: &Value) -> Value {
        let now = self.front.clock.now().seconds();
        let jti: [u8; 8] = chancery_domain::random::bytes(&*self.front.random);
        let mut claims = json!({
            "iss": "https://idp.example", "sub": "ada", "aud": self.front.view.issuer.as_str(),
            "jti": format!("{jti:?}"), "iat": now - 5, "exp": now + 300,
        });
        let members = claims.as_object_mut().expect("an object");
        for (name, value) in change.as_object().expect("an object") {
            if value.is_null() {
                members.remove(name)
            } else {
                members.insert(name.clone(), value.clone())
            };
        }
        claims
    }

    async fn present(&self, assertion: &str, scope: &str) -> Result<Tokens, String> {
        self.by(&self.front.site, assertion, scope).await
    }

    async fn by(&self, client: &Client, assertion: &str, scope: &str) -> Result<Tokens, String> {
        let parameters = [GRANT, ("assertion", assertion), ("scope", scope)];
        self.front.token(client, &parameters).await.map_err(|error| error.to_string())
    }

    /// What a signed assertion with these changes gets.
    async fn says(&self, change: &Value) -> Result<Tokens, String> {
        self.present(&self.key.sign(Some("JWT"), &self.claims(change)), "email").await
    }

    async fn becomes(&self, change: impl FnOnce(&mut TrustedIssuer)) {
        let tx = Store::begin(&self.front.store, self.front.view.tenant.id).await.expect("a transaction");
        let mut issuer = tx.trusted_issuers().find(&self.issuer.slug).await.expect("read").expect("there");
        change(&mut issuer);
        tx.trusted_issuers().update(&issuer, self.front.clock.now()).await.expect("updated");
        tx.commit().await.expect("committed");
    }
}

#[tokio::test]
async fn a_user_of_the_tenant_is_spoken_of_from_outside() {
    let trust = Trust::new().await;
    let tokens = trust.says(&json!({ "auth_time": 1_000 })).await.expect("a token");
    let names = ["access_token", "expires_in", "scope", "token_type"];
    assert_eq!(tokens.0.keys().collect::<Vec<_>>(), names, "nothing to renew it with, and no sign-in here");
    let claims = Front::claims(tokens.access());
    assert_eq!(claims["sub"], trust.front.user.id.to_string());
    assert_eq!(
        (&claims["client_id"], &claims["scope"], &claims["auth_time"]),
        (&json!("site"), &json!("email"), &json!(1_000))
    );
    // It hangs on a grant of its own, and ends with it.
    let asked = form(&[("token", tokens.access())]);
    let credentials = || trust.front.credentials(&trust.front.site);
    let said = introspect::introspect(&trust.front.cx, &trust.front.view, &credentials(), &asked).await;
    assert_eq!(said.expect("an answer")["active"], true);
    trust.front.update_user(&User::clone(&trust.front.user).disable().expect("enabled")).await;
    let said = introspect::introspect(&trust.front.cx, &trust.front.view, &credentials(), &asked).await;
    assert_eq!(said.expect("an answer")["active"], false);
    let audited = trust.front.store.audit().into_iter().filter(|event| event.action == Action::TokensIssued).count();
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn p009_a_workload_is_its_client() {
    let workload = |issuer: &mut TrustedIssuer| {
        issuer.mapping = SubjectMapping::Client;
        issuer.subjects = ["repo:acme/shop".to_owned()].into();
        issuer.keys = IssuerKeys::JwksUri(AT.parse().expect("a URI"));
    };
    let trust = Trust::with(workload).await;
    trust.front.web.publish(AT, &trust.key.jwks());
    let tokens = trust.says(&json!({ "sub": "repo:acme/shop" })).await.expect("a token");
    let claims = Front::claims(tokens.access());
    assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("site"), &json!("site")));
    assert!(!claims.contains_key("auth_time"));
    assert_eq!(trust.says(&json!({ "sub": "repo:evil/shop" })).await.expect_err("another workload"), REFUSED);
    // A new key is looked for where they are published.
    let newer = FakeClientKey::new("newer", Algorithm::Es256);
    trust.front.web.publish(AT, &newer.jwks());
    let assertion = newer.sign(None, &trust.claims(&json!({ "sub": "repo:acme/shop" })));
    assert!(trust.present(&assertion, "").await.is_ok());
}

#[tokio::test]
async fn p009_an_issuer_is_believed_by_its_name_alone() {
    let trust = Trust::with(|issuer| issuer.keys = IssuerKeys::Discovered).await;
    assert_eq!(trust.says(&json!({})).await.expect_err("nobody knows its keys"), REFUSED);
    let place = "https://idp.example/.well-known/openid-configuration";
    let metadata = |issuer: &str| json!({ "issuer": issuer, "jwks_uri": AT }).to_string();
    trust.front.web.publish(AT, &trust.key.jwks());
    trust.front.web.publish(place, &metadata("https://idp.example/"));
    assert_eq!(trust.says(&json!({})).await.expect_err("metadata of another"), REFUSED);
    assert!(!trust.front.web.fetched().contains(&AT.to_owned()), "its keys are not even looked at");
    trust.front.web.publish(place, &metadata("https://idp.example"));
    assert!(trust.says(&json!({})).await.is_ok());
}

#[tokio::test]
async fn t236_only_what_is_good_in_every_way_is_taken() {
    let trust = Trust::new().await;
    let now = trust.front.clock.now().seconds();
    let ours = trust.front.view.issuer.as_str();
    for change in [
        json!({ "aud": "https://other.example" }),
        json!({ "aud": [ours, "https://other.example"] }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "aud": format!("{ours}/oauth2/token") }),
        json!({ "iss": "https://idp.example/" }),
        json!({ "iss": null }),
        json!({ "iss": ours }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "nobody" }),
        json!({ "sub": 7 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "exp": null }),
        json!({ "exp": now }),
        json!({ "exp": now + 3_601 }),
        json!({ "exp": "soon" }),
        json!({ "iat": null }),
        json!({ "iat": now + 61 }),
        json!({ "nbf": now + 61 }),
        json!({ "auth_time": "long ago" }),
    ] {
        assert_eq!(trust.says(&change).await.expect_err("refused"), REFUSED, "{change}");
    }
    assert!(trust.says(&json!({ "aud": [ours], "exp": now + 3_600, "nbf": now })).await.is_ok());

    // Another algorithm, another key, another type, no signature, no JWT.
    let good = trust.claims(&json!({}));
    let stranger = FakeClientKey::new("stranger", Algorithm::Es256);
    let forged = trust.key.sign_with(&json!({ "alg": "none" }), &good);
    for assertion in [
        FakeClientKey::new("outside", Algorithm::Rs256).sign(Some("JWT"), &good),
        stranger.sign(Some("JWT"), &good),
        trust.key.sign(Some("at+jwt"), &good),
        trust.key.sign(Some("logout+jwt"), &good),
        forged,
        "a.b.c".to_owned(),
        "x".to_owned(),
    ] {
        assert_eq!(trust.present(&assertion, "email").await.expect_err("refused"), REFUSED, "{assertion}");
    }
    let assertion = trust.key.sign(Some("JWT"), &good);
    assert!(trust.present(&assertion, "email").await.is_ok(), "nothing was used up");
    assert_eq!(trust.present(&assertion, "email").await.expect_err("used"), REFUSED);
    // Nor by another client, whoever it is.
    let fresh = trust.key.sign(Some("JWT"), &trust.claims(&json!({})));
    let mut app = trust.front.app.clone();
    app.grant_types.insert(GrantType::JwtBearer);
    trust.front.update(&app).await;
    assert_eq!(trust.by(&app, &fresh, "email").await.expect_err("not named"), REFUSED);

    let (one, two) = tokio::join!(trust.present(&fresh, "email"), trust.present(&fresh, "email"));
    assert_eq!([&one, &two].iter().filter(|outcome| outcome.is_ok()).count(), 1, "of two at once one succeeds");

    trust.becomes(|issuer| issuer.disabled = true).await;
    assert_eq!(trust.says(&json!({})).await.expect_err("disabled"), REFUSED);
    trust.becomes(|issuer| issuer.disabled = false).await;
    assert!(trust.says(&json!({})).await.is_ok());
    trust.front.update_user(&User::clone(&trust.front.user).disable().expect("enabled")).await;
    assert_eq!(trust.says(&json!({})).await.expect_err("disabled"), REFUSED);
}

#[tokio::test]
async fn an_issuer_is_trusted_with_its_scopes_alone() {
    let trust = Trust::new().await;
    let told = "invalid_scope: the issuer of the assertion is not trusted with that much";
    let signs_in = "invalid_scope: openid and offline_access need a user who signs in here";
    for (scope, expected) in
        [("profile", told), ("email profile", told), ("openid", signs_in), ("email offline_access", signs_in)]
    {
        let assertion = trust.key.sign(None, &trust.claims(&json!({})));
        assert_eq!(trust.present(&assertion, scope).await.expect_err("refused"), expected, "{scope}");
        assert!(trust.present(&assertion, "email crm").await.is_ok(), "a refusal uses nothing up");
    }
    trust.becomes(|issuer| issuer.scopes = ScopeSet::parse("payroll").expect("scopes")).await;
    let assertion = trust.key.sign(None, &trust.claims(&json!({})));
    let told = trust.present(&assertion, "payroll").await.expect_err("refused");
    assert_eq!(told, "invalid_scope: a scope does not exist, or the client may not ask for it");
}

#[tokio::test]
async fn it_is_for_tenants_and_clients_that_have_it() {
    let trust = Trust::new().await;
    let assertion = trust.key.sign(None, &trust.claims(&json!({})));
    let told = trust.by(&trust.front.app, &assertion, "").await.expect_err("refused");
    assert_eq!(told, "unauthorized_client: the client may not use this grant_type");
    let plain = Front::of(Profile::Oidc).await;
    let told = plain.token(&plain.site, &[GRANT, ("assertion", &assertion)]).await.expect_err("refused").to_string();
    assert_eq!(told, "unsupported_grant_type: there is no such grant_type here");
    let told = trust.front.token(&trust.front.site, &[GRANT]).await.expect_err("refused").to_string();
    assert_eq!(told, "invalid_request: assertion is missing");
}

#[tokio::test]
async fn t237_a_client_for_itself_is_nobody_who_signs_in() {
    let front = Front::new().await;
    for scope in ["openid", "offline_access", "openid crm"] {
        let parameters = [("grant_type", "client_credentials"), ("scope", scope)];
        let told = front.token(&front.site, &parameters).await.expect_err("refused").to_string();
        assert_eq!(told, "invalid_scope: openid and offline_access need a user", "{scope}");
    }
}
