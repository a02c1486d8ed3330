//! For whom access tokens are (RFC 8707).

use std::time::Duration;

use chancery_domain::{
    profile::Profile,
    resource::{Resource, Resources},
    scope::ScopeSet,
    tenant::TenantSettings,
    time::Clock,
    vocabulary::{AccessTokenFormat, Algorithm},
};
use chancery_oauth::{introspect, userinfo};
use serde_json::{Value, json};

use crate::front::{Front, form, request, told, view_of};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
pub(crate) const ISSUER: &str = "https://id.example/t/acme";
pub(crate) const ORDERS: &str = "https://orders.example";
pub(crate) const STOCK: &str = "urn:stock";
const SCOPES: &str = "openid profile offline_access crm orders:read orders:write stock:read";

/// A tenant with the resources of orders and stock, and one that no client of ours may ask for. Both clients may ask for
/// all the scopes of the first two.
async fn shop() -> Front {
    shop_of(Profile::Oauth21, |_| {}).await
}

async fn shop_of(profile: Profile, change: impl FnOnce(&mut Vec<Resource>)) -> Front {
    shop_with(profile, |_| {}, change).await
}

pub(crate) async fn shop_with(
    profile: Profile,
    set: impl FnOnce(&mut TenantSettings),
    change: impl FnOnce(&mut Vec<Resource>),
) -> Front {
    let mut front = Front::of(profile).await;
    let now = front.clock.now();
    let resource = |slug: &str, uri: &str, scopes: &str| Resource {
        scopes: ScopeSet::parse(scopes).expect("scopes"),
        ..Resource::new(slug.parse().expect("a slug"), uri.parse().expect("a URI"), now)
    };
    let mut resources = vec![
        resource("orders", ORDERS, "orders:read orders:write"),
        resource("stock", STOCK, "stock:read"),
        resource("payroll", "urn:payroll", "payroll:read"),
        resource("empty", "urn:empty", ""),
    ];
    change(&mut resources);
    let mut tenant = front.view.tenant.clone();
    set(&mut tenant.settings);
    let mut view = view_of(tenant, now);
    for value in ["orders:read", "orders:write", "stock:read", "payroll:read"] {
        let mut scope = view.scopes[0].clone();
        scope.slug = value.replace(':', "-").parse().expect("a slug");
        scope.value = value.parse().expect("a scope");
        view.scopes.push(scope);
    }
    view.resources = Resources::new(resources, Duration::from_secs(86_400));
    front.view = front.directory.show(view);
    for mut client in [front.app.clone(), front.site.clone()] {
        client.scopes = ScopeSet::parse(SCOPES).expect("scopes");
        front.update(&client).await;
    }
    front
}

/// The `aud` and the scope of an access token.
pub(crate) fn aud(token: &str) -> (Value, String) {
    let claims = Front::claims(token);
    (claims["aud"].clone(), claims.get("scope").and_then(Value::as_str).unwrap_or_default().to_owned())
}

#[tokio::test]
async fn without_a_resource_the_audience_follows_from_the_scopes() {
    let front = shop().await;
    for (scope, expected) in [
        ("", json!(ISSUER)),
        ("crm", json!(ISSUER)),
        ("orders:read", json!(ORDERS)),
        ("orders:read orders:write crm", json!(ORDERS)),
        ("orders:read stock:read", json!([ORDERS, STOCK])),
    ] {
        let tokens = front.token(&front.site, &[GRANT, ("scope", scope)]).await.expect("a token");
        assert_eq!(aud(tokens.access()).0, expected, "{scope}");
    }
    let tokens = front.sign_in(&front.app, "openid orders:read").await;
    assert_eq!(aud(tokens.access()).0, json!([ISSUER, ORDERS]), "UserInfo belongs to openid");
    assert!(userinfo::claims(&front.cx, &front.view, tokens.access()).await.is_ok());
    let tokens = front.sign_in(&front.app, "orders:read").await;
    assert_eq!(aud(tokens.access()).0, json!(ORDERS));
}

#[tokio::test]
async fn a_client_may_name_the_resources_whose_scopes_it_may_ask_for() {
    let front = shop().await;
    let ask = async |scope: &str, resources: &[&str]| {
        let mut parameters = vec![GRANT, ("scope", scope)];
        parameters.extend(resources.iter().map(|uri| ("resource", *uri)));
        front.token(&front.site, &parameters).await
    };
    for (scope, resources, expected) in [
        ("orders:read", &[ORDERS][..], json!(ORDERS)),
        ("orders:read", &[ORDERS, ORDERS], json!(ORDERS)),
        ("crm", &[ORDERS], json!(ORDERS)),
        ("", &[STOCK], json!(STOCK)),
        ("orders:read stock:read", &[STOCK, ORDERS], json!([ORDERS, STOCK])),
        ("crm", &[ISSUER], json!(ISSUER)),
        ("stock:read", &[ISSUER, STOCK], json!([ISSUER, STOCK])),
    ] {
        let tokens = ask(scope, resources).await.expect("a token");
        assert_eq!(aud(tokens.access()), (expected, scope.to_owned()), "{scope} {resources:?}");
    }
    for resources in [&["https://orders.example/"][..], &["urn:payroll"], &["urn:empty"], &[ORDERS, "urn:none"]] {
        let error = ask("", resources).await.expect_err("refused").to_string();
        let expected = "invalid_target: a resource does not exist, or the client may not ask for it";
        assert_eq!(error, expected, "{resources:?}");
    }
    for malformed in ["orders", "https://orders.example#a", "https://orders.example/ü"] {
        let error = ask("", &[malformed]).await.expect_err("refused").to_string();
        assert_eq!(error, "invalid_target: resource must be an absolute URI without a fragment", "{malformed}");
    }
    let error = ask("", &[STOCK; 21]).await.expect_err("refused").to_string();
    assert_eq!(error, "invalid_target: resource must not be sent more than 20 times");
    let error = ask("orders:read", &[STOCK]).await.expect_err("refused").to_string();
    assert_eq!(error, "invalid_scope: a scope belongs to a resource that the request does not name");
}

#[tokio::test]
async fn t036_the_authorization_endpoint_sends_invalid_target_back() {
    let front = shop().await;
    let challenge = crate::front::challenge();
    for (scope, resource, error) in [
        ("openid", "urn:payroll", "invalid_target"),
        ("openid", "x", "invalid_target"),
        ("stock:read", ORDERS, "invalid_scope"),
    ] {
        let mut parameters = request("app", scope, &challenge);
        parameters.push(("resource", resource));
        let refused = told(&front.check(&parameters).await.expect_err("refused"));
        assert!(refused.starts_with(&format!("query     error={error} & ")), "{refused}");
    }
}

/// A refresh token, and the tokens that came with it, of a sign-in that names these resources.
async fn sign_in(
    front: &Front,
    scope: &str,
    named: &[&str],
    at_the_end: &[&str],
) -> Result<crate::front::Tokens, String> {
    front.allow(&front.app, scope).await;
    let challenge = crate::front::challenge();
    let mut parameters = request("app", scope, &challenge);
    parameters.extend(named.iter().map(|uri| ("resource", *uri)));
    let checked = front.check(&parameters).await.expect("a good request");
    let answer = chancery_oauth::authorize::issue(
        &front.cx,
        &front.view,
        &checked,
        &front.session,
        chancery_oauth::authorize::Done::default(),
    )
    .await
    .expect("a code");
    let code = answer.parameter("code").expect("a code").to_owned();
    let mut parameters = vec![
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", crate::front::CALLBACK),
        ("code_verifier", crate::front::VERIFIER),
    ];
    parameters.extend(at_the_end.iter().map(|uri| ("resource", *uri)));
    front.token(&front.app, &parameters).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_code_is_redeemed_for_what_was_authorized_or_less() {
    let front = shop().await;
    let all = "openid orders:read stock:read";
    for (named, asked, expected) in [
        (&[ORDERS, STOCK][..], &[][..], (json!([ORDERS, STOCK]), all)),
        (&[ORDERS, STOCK], &[ORDERS], (json!(ORDERS), "openid orders:read")),
        (&[ORDERS, STOCK, ISSUER], &[ISSUER], (json!(ISSUER), "openid")),
        (&[], &[STOCK], (json!(STOCK), "openid stock:read")),
        (&[], &[ISSUER], (json!(ISSUER), "openid")),
        (&[], &[], (json!([ISSUER, ORDERS, STOCK]), all)),
    ] {
        let tokens = sign_in(&front, all, named, asked).await.expect("tokens");
        assert_eq!(aud(tokens.access()), (expected.0, expected.1.to_owned()), "{named:?} {asked:?}");
        assert_eq!(tokens.text("scope"), expected.1);
        assert!(tokens.has("id_token"));
    }
    for (scope, named, asked) in [
        ("openid", &[STOCK][..], &[ORDERS][..]),
        ("openid", &[STOCK], &[ISSUER]),
        ("openid orders:read", &[], &[STOCK]),
        ("orders:read", &[], &[ISSUER]),
        ("openid", &[], &["urn:none"]),
    ] {
        let error = sign_in(&front, scope, named, asked).await.expect_err("refused");
        let expected = "invalid_target: the resource was not authorized, or is gone";
        assert_eq!(error, expected, "{scope} {named:?} {asked:?}");
    }
}

#[tokio::test]
async fn t096_a_refresh_token_is_good_for_what_was_authorized_or_less() {
    let front = shop().await;
    let scope = "offline_access openid orders:read stock:read";
    let mut tokens = sign_in(&front, scope, &[ORDERS, STOCK], &[]).await.expect("tokens");
    let ask = async |token: &str, more: &[(&str, &str)]| {
        let parameters = [&[("grant_type", "refresh_token"), ("refresh_token", token)], more].concat();
        front.token(&front.app, &parameters).await
    };
    for (more, expected) in [
        (&[("resource", ORDERS)][..], (json!(ORDERS), "offline_access openid orders:read")),
        (&[("resource", ORDERS), ("scope", "orders:read")], (json!(ORDERS), "orders:read")),
        (&[("scope", "openid")], (json!([ORDERS, STOCK]), "openid")),
        (&[], (json!([ORDERS, STOCK]), scope)),
    ] {
        tokens = ask(tokens.refresh(), more).await.expect("tokens");
        assert_eq!(aud(tokens.access()), (expected.0, expected.1.to_owned()), "{more:?}");
    }
    for (more, code) in [
        (&[("resource", ISSUER)][..], "invalid_target"),
        (&[("resource", "urn:payroll")], "invalid_target"),
        (&[("resource", ORDERS), ("scope", "stock:read")], "invalid_scope"),
    ] {
        let error = ask(tokens.refresh(), more).await.expect_err("refused").to_string();
        assert!(error.starts_with(code), "{more:?}: {error}");
    }
    assert!(ask(tokens.refresh(), &[]).await.is_ok(), "a refusal spends nothing");
}

#[tokio::test]
async fn what_named_a_resource_that_is_gone_gets_no_wider_token() {
    let mut front = shop().await;
    let scope = "offline_access openid orders:read";
    let tokens = sign_in(&front, scope, &[ORDERS], &[]).await.expect("tokens");
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    view.scopes.clone_from(&front.view.scopes);
    front.view = front.directory.show(view);
    let error = front.refresh(&front.app, tokens.refresh()).await.expect_err("refused").to_string();
    assert_eq!(error, "invalid_target: the resource was not authorized, or is gone");
}

#[tokio::test]
async fn tokens_live_and_are_signed_as_their_resources_say() {
    let front = shop_of(Profile::Oauth21, |resources| {
        resources[0].access_token_ttl = Some(Duration::from_secs(3600));
        resources[0].signing_algorithm = Some(Algorithm::Ps256);
        resources[1].access_token_ttl = Some(Duration::from_secs(60));
        resources[1].signing_algorithm = Some(Algorithm::Rs512);
    });
    let mut front = front.await;
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    view.scopes.clone_from(&front.view.scopes);
    view.resources = front.view.resources.clone();
    view.signing_algorithms = vec![Algorithm::Es256, Algorithm::Ps256];
    front.view = front.directory.show(view);
    for (scope, life, algorithm) in [
        ("crm", 600, "ES256"),
        ("orders:read", 3600, "PS256"),
        // Nothing is signed with it here, so the default stands in.
        ("stock:read", 60, "ES256"),
        ("orders:read stock:read", 60, "ES256"),
    ] {
        let tokens = front.token(&front.site, &[GRANT, ("scope", scope)]).await.expect("a token");
        let claims = Front::claims(tokens.access());
        let lives = claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat");
        assert_eq!((lives, tokens.0["expires_in"].as_i64()), (life, Some(life)), "{scope}");
        let header = tokens.access().split('.').next().expect("a header");
        let header = chancery_domain::secret::from_base64url(header).expect("base64url");
        let header: Value = serde_json::from_slice(&header).expect("JSON");
        assert_eq!(header["alg"], algorithm, "{scope}");
    }
    let tokens = front.sign_in(&front.app, "openid orders:read").await;
    assert_eq!(tokens.0["expires_in"], 600, "the shortest of them");
    let grant = &front.store.grants(front.view.tenant.id)[0];
    assert!(grant.expires_at >= front.clock.now() + Duration::from_secs(3600), "no token outlives its grant");
}

#[tokio::test]
async fn a_token_for_a_resource_alone_does_not_open_userinfo_and_says_its_audience_at_introspection() {
    let front = shop().await;
    let tokens = sign_in(&front, "openid orders:read", &[ORDERS], &[]).await.expect("tokens");
    let refused = userinfo::claims(&front.cx, &front.view, tokens.access()).await;
    assert!(matches!(refused, Err(userinfo::BearerError::InvalidToken)), "{refused:?}");
    let tokens = front.token(&front.site, &[GRANT, ("scope", "orders:read")]).await.expect("a token");
    let credentials = front.credentials(&front.site);
    let parameters = form(&[("token", tokens.access())]);
    let said = introspect::introspect(&front.cx, &front.view, &credentials, &parameters).await.expect("an answer");
    assert_eq!((said["active"].clone(), said["aud"].clone()), (json!(true), json!(ORDERS)));
}

#[tokio::test]
async fn in_hmac_tokens_the_client_stands_in_the_place_of_the_issuer() {
    let mut front = shop_of(Profile::Oidc, |_| {}).await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.access_token_format = AccessTokenFormat::Hmac;
    let mut view = view_of(tenant, front.clock.now());
    view.scopes.clone_from(&front.view.scopes);
    view.resources = front.view.resources.clone();
    front.view = front.directory.show(view);
    for (scope, expected) in [("crm", json!("site")), ("orders:read", json!(ORDERS))] {
        let tokens = front.token(&front.site, &[GRANT, ("scope", scope)]).await.expect("a token");
        assert_eq!(aud(tokens.access()).0, expected, "{scope}");
    }
    let tokens = front.sign_in(&front.app, "openid orders:read").await;
    assert_eq!(aud(tokens.access()).0, json!(["app", ORDERS]));
    assert!(userinfo::claims(&front.cx, &front.view, tokens.access()).await.is_ok());
}
