//! A token for one that reaches less (RFC 8693).

use std::time::Duration;

use chancery_domain::{
    audit::Action,
    client::Client,
    profile::Profile,
    scope::ScopeSet,
    tenant::TenantSettings,
    time::Clock,
    token_id::{TokenId, TokenOrigin},
    vocabulary::{AccessTokenFormat, GrantType},
};
use chancery_oauth::{
    authorize::{self, Done},
    introspect, revoke, userinfo,
};
use serde_json::{Value, json};

use crate::{
    front::{Front, Tokens, challenge, form, request, view_of},
    resources::{ISSUER, ORDERS, STOCK, aud, shop_with},
};

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ALL: &str = "openid offline_access orders:read orders:write stock:read";

/// A shop whose client `site` speaks for the orders and may exchange tokens.
async fn shop() -> Front {
    shop_where(|_| {}, |_| {}).await
}

async fn shop_where(set: impl FnOnce(&mut TenantSettings), change: impl FnOnce(&mut Client)) -> Front {
    let offer = |settings: &mut TenantSettings| {
        settings.token_exchange = true;
        set(settings);
    };
    let mut front = shop_with(Profile::Oidc, offer, |_| {}).await;
    let mut site = stored(&front, &front.site).await;
    site.grant_types.insert(GrantType::TokenExchange);
    site.metadata.exchange.resources = [ORDERS.parse().expect("a URI")].into_iter().collect();
    change(&mut site);
    front.update(&site).await;
    front.site = stored(&front, &site).await;
    front.app = stored(&front, &front.app).await;
    front
}

async fn stored(front: &Front, client: &Client) -> Client {
    let found = front.cx.directory.client(front.view.tenant.id, &client.id).await.expect("answers");
    Client::clone(&found.expect("it is there"))
}

async fn exchange(front: &Front, subject: &str, more: &[(&str, &str)]) -> Result<Tokens, String> {
    let mut parameters = vec![GRANT, ("subject_token", subject), ("subject_token_type", ACCESS_TOKEN)];
    parameters.extend(more);
    front.token(&front.site, &parameters).await.map_err(|error| error.to_string())
}

async fn is_active(front: &Front, token: &str) -> bool {
    let asked = form(&[("token", token)]);
    let said = introspect::introspect(&front.cx, &front.view, &front.credentials(&front.site), &asked).await;
    said.expect("an answer")["active"] == true
}

#[tokio::test]
async fn what_comes_out_tells_of_the_subject_and_of_who_acts() {
    let front = shop().await;
    let subject = front.sign_in(&front.app, ALL).await;
    front.clock.advance(Duration::from_secs(400));
    front.view.freshness.refresh(front.clock.now());
    let tokens = exchange(&front, subject.access(), &[("resource", STOCK)]).await.expect("a token");
    let names = ["access_token", "expires_in", "issued_token_type", "scope", "token_type"];
    assert_eq!(tokens.0.keys().collect::<Vec<_>>(), names);
    assert_eq!(tokens.text("issued_token_type"), ACCESS_TOKEN);
    assert_eq!(tokens.0["expires_in"], 200, "no longer than what it was exchanged for");
    let (before, after) = (Front::claims(subject.access()), Front::claims(tokens.access()));
    for same in ["iss", "sub", "auth_time", "exp"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(after["client_id"], "site");
    assert_eq!(after["act"], json!({ "sub": "site" }));
    assert_eq!(
        aud(tokens.access()),
        (json!(STOCK), "openid stock:read".to_owned()),
        "offline_access cannot be renewed"
    );
    let exchanged = front.store.audit().into_iter().filter(|event| event.action == Action::TokenExchanged);
    assert_eq!(exchanged.count(), 1);
}

#[tokio::test]
async fn it_is_over_with_the_grant_and_with_either_client() {
    for end in ["grant", "subject's client", "own client"] {
        let front = shop().await;
        let subject = front.sign_in(&front.app, ALL).await;
        let tokens = exchange(&front, subject.access(), &[("resource", ISSUER)]).await.expect("a token");
        assert!(is_active(&front, tokens.access()).await);
        assert!(userinfo::claims(&front.cx, &front.view, tokens.access()).await.is_ok());
        match end {
            "grant" => front.sign_out().await,
            "own client" => front.update(&front.site.clone().disable().expect("enabled")).await,
            _ => front.update(&front.app.clone().disable().expect("enabled")).await,
        }
        let still = userinfo::claims(&front.cx, &front.view, tokens.access()).await;
        // Offline access outlives the session.
        assert_eq!(still.is_ok(), end == "grant", "{end}");
    }
    let front = shop().await;
    let subject = front.sign_in(&front.app, "openid orders:read").await;
    let tokens = exchange(&front, subject.access(), &[("resource", ISSUER)]).await.expect("a token");
    front.sign_out().await;
    assert!(!is_active(&front, tokens.access()).await);
}

#[tokio::test]
async fn t228_a_token_that_is_not_good_now_is_not_exchanged() {
    let front = shop().await;
    let expected = "invalid_request: subject_token is not one of this tenant's that is good now";
    let subject = front.sign_in(&front.app, ALL).await;
    let revoked = front.sign_in(&front.app, "openid orders:read").await;
    front.sign_out().await;
    let id_token = subject.text("id_token");
    for token in [revoked.access(), id_token, subject.refresh(), "a.b.c", &format!("{}x", subject.access())] {
        assert_eq!(exchange(&front, token, &[]).await.expect_err("refused"), expected);
    }
    assert!(exchange(&front, subject.access(), &[]).await.is_ok());
    front.clock.advance(Duration::from_secs(600));
    front.view.freshness.refresh(front.clock.now());
    assert_eq!(exchange(&front, subject.access(), &[]).await.expect_err("refused"), expected);
}

#[tokio::test]
async fn t229_the_subject_must_be_named_once() {
    let front = shop().await;
    let subject = front.sign_in(&front.app, ALL).await;
    let typed = ("subject_token_type", ACCESS_TOKEN);
    let token = ("subject_token", subject.access());
    for (parameters, expected) in [
        (vec![GRANT, typed], "invalid_request: subject_token is missing"),
        (vec![GRANT, typed, ("subject_token", "")], "invalid_request: subject_token is missing"),
        (vec![GRANT, typed, token, token], "invalid_request: subject_token must not be repeated"),
        (vec![GRANT, token], "invalid_request: subject_token_type is missing"),
    ] {
        let error = front.token(&front.site, &parameters).await.expect_err("refused");
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn t230_nothing_widens() {
    let front = shop().await;
    let wide = front.sign_in(&front.app, ALL).await;
    let narrow = exchange(&front, wide.access(), &[("resource", ORDERS), ("scope", "orders:read")]).await;
    let narrow = narrow.expect("a token");
    assert_eq!(aud(narrow.access()), (json!(ORDERS), "orders:read".to_owned()));
    let target = "invalid_target: the resource was not authorized, or is gone";
    let scope = "invalid_scope: scope is wider than what was granted";
    for (more, expected) in [
        (&[("scope", "orders:read orders:write")][..], scope),
        (&[("scope", "stock:read")], scope),
        (&[("resource", STOCK)], target),
        (&[("resource", ISSUER)], target),
        (&[("audience", STOCK)], target),
        (&[("audience", "urn:nobody")], target),
        (&[("audience", "nobody")], "invalid_target: audience must be the identifier of a resource"),
    ] {
        assert_eq!(exchange(&front, narrow.access(), more).await.expect_err("refused"), expected, "{more:?}");
    }
    // Nor beyond what the client itself may ask for.
    let mut site = front.site.clone();
    site.scopes = chancery_domain::scope::ScopeSet::parse("orders:read").expect("scopes");
    front.update(&site).await;
    assert_eq!(exchange(&front, wide.access(), &[("scope", "orders:write")]).await.expect_err("refused"), scope);
    assert_eq!(exchange(&front, wide.access(), &[("resource", STOCK)]).await.expect_err("refused"), target);
    let tokens = exchange(&front, wide.access(), &[]).await.expect("a token");
    assert_eq!(aud(tokens.access()), (json!([ISSUER, ORDERS]), "orders:read".to_owned()));
}

#[tokio::test]
async fn t231_only_who_may_exchanges_and_only_what_it_speaks_for() {
    let front = shop().await;
    let subject = front.sign_in(&front.app, "openid stock:read").await;
    let told = exchange(&front, subject.access(), &[]).await.expect_err("refused");
    assert!(told.starts_with("unauthorized_client: the client may not exchange this token"), "{told}");
    let subject = front.sign_in(&front.app, ALL).await;
    let parameters = [GRANT, ("subject_token", subject.access()), ("subject_token_type", ACCESS_TOKEN)];
    let error = front.token(&front.app, &parameters).await.expect_err("a public client");
    assert_eq!(error.to_string(), "unauthorized_client: the client may not use this grant_type");
    let mut public = front.app.clone();
    public.grant_types.insert(GrantType::TokenExchange);
    assert!(public.checked().is_err(), "nor can it be registered");
    let front = shop_where(|settings| settings.token_exchange = false, |_| {}).await;
    let told = exchange(&front, subject.access(), &[]).await.expect_err("refused");
    assert_eq!(told, "unsupported_grant_type: there is no such grant_type here");
    let front = shop_where(|settings| settings.access_token_format = AccessTokenFormat::Hmac, |_| {}).await;
    let told = exchange(&front, subject.access(), &[]).await.expect_err("refused");
    assert_eq!(told, "invalid_request: tokens that are signed with a shared secret are not exchanged");
}

#[tokio::test]
async fn t230_t234_t235_what_a_shared_secret_signed_is_exchanged_for_nothing() {
    for format in [AccessTokenFormat::Jwt, AccessTokenFormat::Opaque] {
        let front = shop_where(|settings| settings.access_token_format = format, |_| {}).await;
        let own = front.token(&front.site, &[("grant_type", "client_credentials"), ("scope", "orders:read")]).await;
        let (own, user) = (own.expect("a token"), front.user.id.to_string());
        for sub in ["site", "app", &user] {
            let made = written(&front, sub);
            let refused = "invalid_request: tokens that are signed with a shared secret are not exchanged";
            assert_eq!(exchange(&front, &made, &[]).await.expect_err("refused"), refused, "{sub}");
            let actor = [("actor_token", made.as_str()), ("actor_token_type", ACCESS_TOKEN)];
            assert_eq!(exchange(&front, own.access(), &actor).await.expect_err("refused"), refused, "{sub}");
        }
        assert!(exchange(&front, own.access(), &[]).await.is_ok());
    }
}

/// A token about somebody that the client `site` writes for itself, because it shares the tenant's secret.
fn written(front: &Front, sub: &str) -> String {
    let id = TokenId::generate(TokenOrigin::Client(front.site.uid), &*front.random);
    let claims = json!({
        "iss": ISSUER, "sub": sub, "client_id": "site", "jti": id.to_string(), "aud": ["site", ORDERS],
        "iat": front.clock.now().seconds(), "exp": front.clock.now().seconds() + 600, "scope": "orders:read",
        "scp": ["orders:read"],
    });
    front.view.macs.sign_access_token(claims.to_string().as_bytes()).expect("signed")
}

async fn take_back(front: &Front, client: &Client, token: &str) -> Result<(), String> {
    let asked = form(&[("token", token)]);
    let done = revoke::revoke(&front.cx, &front.view, &front.credentials(client), &asked).await;
    done.map_err(|error| error.to_string())
}

#[tokio::test]
async fn who_got_a_token_by_exchange_takes_back_that_one_alone() {
    let front = shop().await;
    let subject = front.sign_in(&front.app, ALL).await;
    let first = exchange(&front, subject.access(), &[("resource", ISSUER)]).await.expect("a token");
    let second = exchange(&front, subject.access(), &[("resource", ISSUER)]).await.expect("a token");
    take_back(&front, &front.site, first.access()).await.expect("taken back");
    assert!(!is_active(&front, first.access()).await);
    assert!(is_active(&front, second.access()).await, "another one");
    assert!(userinfo::claims(&front.cx, &front.view, subject.access()).await.is_ok(), "what it was exchanged for");
    assert!(front.refresh(&front.app, subject.refresh()).await.is_ok(), "the grant");
    let taken_back = front.store.audit().into_iter().filter(|event| event.action == Action::TokenRevoked);
    assert_eq!(taken_back.count(), 1);

    let foreign = Err("invalid_grant: the token is not this client's".to_owned());
    assert_eq!(take_back(&front, &front.site, subject.access()).await, foreign);
    // Whoever shares the secret can write that a token of another grant was issued to them.
    let mut claims = Front::claims(subject.access());
    claims.insert("client_id".to_owned(), json!("site"));
    let scopes = json!(claims["scope"].as_str().expect("scopes").split(' ').collect::<Vec<_>>());
    claims.insert("scp".to_owned(), scopes);
    let made = front.view.macs.sign_access_token(json!(claims).to_string().as_bytes()).expect("signed");
    assert_eq!(take_back(&front, &front.site, &made).await, foreign);
    assert!(userinfo::claims(&front.cx, &front.view, subject.access()).await.is_ok());
}

#[tokio::test]
async fn t230_what_another_client_asked_for_by_name_is_not_told() {
    let front = shop().await;
    front.allow(&front.app, "openid profile").await;
    let (challenge, claims) = (challenge(), json!({ "userinfo": { "birthdate": null } }).to_string());
    let mut asked = request("app", "openid", &challenge);
    asked.push(("claims", &claims));
    let checked = front.check(&asked).await.expect("a good request");
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    let subject = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect("tokens");
    let told = userinfo::claims(&front.cx, &front.view, subject.access()).await.expect("claims");
    assert_eq!(told["birthdate"], "1815-12-10");

    let mut site = front.site.clone();
    site.metadata.exchange.resources = [ISSUER.parse().expect("a URI")].into_iter().collect();
    front.update(&site).await;
    let tokens = exchange(&front, subject.access(), &[]).await.expect("a token");
    let told = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    assert_eq!(told.keys().collect::<Vec<_>>(), ["sub"]);
}

#[tokio::test]
async fn t232_no_other_type_of_token_is_taken_or_given() {
    let front = shop().await;
    let subject = front.sign_in(&front.app, ALL).await;
    for kind in ["id_token", "refresh_token", "saml2", "jwt"] {
        let kind = format!("urn:ietf:params:oauth:token-type:{kind}");
        let told = exchange(&front, subject.access(), &[("requested_token_type", &kind)]).await.expect_err("refused");
        assert_eq!(told, format!("invalid_request: requested_token_type must be {ACCESS_TOKEN}"));
        let parameters = [GRANT, ("subject_token", subject.access()), ("subject_token_type", kind.as_str())];
        let told = front.token(&front.site, &parameters).await.expect_err("refused").to_string();
        assert_eq!(told, format!("invalid_request: subject_token_type must be {ACCESS_TOKEN}"));
    }
    assert!(exchange(&front, subject.access(), &[("requested_token_type", ACCESS_TOKEN)]).await.is_ok());
}

#[tokio::test]
async fn t233_chains_of_actors_end_and_may_act_is_obeyed() {
    let front = shop().await;
    let own = front.token(&front.site, &[("grant_type", "client_credentials"), ("scope", "orders:read")]).await;
    let actor = own.expect("a token");
    let actor = [("actor_token", actor.access()), ("actor_token_type", ACCESS_TOKEN)];
    let mut subject = front.sign_in(&front.app, ALL).await;
    let mut act = Value::Null;
    for _ in 0..5 {
        subject = exchange(&front, subject.access(), &actor).await.expect("a token");
        act = if act.is_null() { json!({ "sub": "site" }) } else { json!({ "sub": "site", "act": act }) };
        assert_eq!(Front::claims(subject.access())["act"], act);
    }
    let told = exchange(&front, subject.access(), &actor).await.expect_err("refused");
    assert_eq!(told, "invalid_request: subject_token has passed through too many hands already");
    // Who narrows what is its own adds nobody.
    let tokens = exchange(&front, subject.access(), &[]).await.expect("a token");
    assert_eq!(Front::claims(tokens.access())["act"], act);

    let subject = front.sign_in(&front.app, ALL).await;
    for (more, expected) in [
        (&actor[..1], "invalid_request: actor_token_type is missing"),
        (&actor[1..], "invalid_request: actor_token_type stands without an actor_token"),
        (
            &[("actor_token", subject.access()), ("actor_token_type", ACCESS_TOKEN)],
            "invalid_request: actor_token is not one of the client's that is good now",
        ),
    ] {
        assert_eq!(exchange(&front, subject.access(), more).await.expect_err("refused"), expected);
    }
}

#[tokio::test]
async fn a_client_that_impersonates_is_not_named() {
    let front = shop_where(|_| {}, |site| site.metadata.exchange.impersonates = true).await;
    let subject = front.sign_in(&front.app, ALL).await;
    let tokens = exchange(&front, subject.access(), &[("resource", ORDERS)]).await.expect("a token");
    assert!(!Front::claims(tokens.access()).contains_key("act"));
}

#[tokio::test]
async fn a_clients_own_token_keeps_its_subject() {
    let front = shop().await;
    let own = front.token(&front.site, &[("grant_type", "client_credentials"), ("scope", "orders:read orders:write")]);
    let own = own.await.expect("a token");
    let tokens = exchange(&front, own.access(), &[("scope", "orders:read")]).await.expect("a token");
    let claims = Front::claims(tokens.access());
    assert_eq!((&claims["sub"], &claims["scope"]), (&json!("site"), &json!("orders:read")));
    assert!(!claims.contains_key("act"), "it narrowed what was its own");
    assert!(is_active(&front, tokens.access()).await);
}

#[tokio::test]
async fn t234_what_opens_the_admin_api_is_not_exchanged() {
    let mut front = shop_with(Profile::Oidc, |settings| settings.token_exchange = true, |_| {}).await;
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    let mut scope = view.scopes[0].clone();
    (scope.slug, scope.value) = ("admin".parse().expect("a slug"), "chancery.admin".parse().expect("a scope"));
    view.scopes.push(scope);
    front.view = front.directory.show(view);
    let mut site = front.site.clone();
    site.grant_types.insert(GrantType::TokenExchange);
    site.scopes = ScopeSet::parse("openid chancery.admin").expect("scopes");
    front.update(&site).await;
    front.site = stored(&front, &site).await;
    let own = front.sign_in(&front.site, "openid chancery.admin").await;
    for more in [&[][..], &[("scope", "openid")], &[("scope", "chancery.admin")]] {
        let told = exchange(&front, own.access(), more).await.expect_err("refused");
        assert_eq!(told, "invalid_request: what opens the admin API is not exchanged", "{more:?}");
    }
}
