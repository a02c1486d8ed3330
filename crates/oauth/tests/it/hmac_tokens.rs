//! Access tokens in the form for resource servers that share a secret with the tenant.

use chancery_domain::{
    client::Client,
    id::ClientUid,
    ports::store::Store,
    profile::Profile,
    time::Clock,
    vocabulary::{AccessTokenFormat, Algorithm},
};
use chancery_oauth::{introspect, revoke, userinfo};
use serde_json::{Map, Value, json};

use crate::front::{Front, form, view_of};

/// A tenant of that profile with that format.
async fn front_of(profile: Profile) -> Front {
    let mut front = Front::of(profile).await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.access_token_format = AccessTokenFormat::Hmac;
    front.view = front.directory.show(view_of(tenant, front.clock.now()));
    front
}

async fn is_active(front: &Front, token: &str) -> bool {
    is_active_to(front, &front.site, token).await
}

async fn is_active_to(front: &Front, client: &Client, token: &str) -> bool {
    let parameters = form(&[("token", token)]);
    let credentials = front.credentials(client);
    let said = introspect::introspect(&front.cx, &front.view, &credentials, &parameters).await;
    said.expect("an answer")["active"] == true
}

/// A token that somebody makes who shares the secret: the claims of a good one, changed.
fn made(front: &Front, token: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut claims = Front::claims(token);
    change(&mut claims);
    front.view.macs.sign_access_token(&serde_json::to_vec(&claims).expect("JSON")).expect("signed")
}

#[tokio::test]
async fn it_says_what_its_consumers_look_for() {
    let front = front_of(Profile::Oidc).await;
    let token = front.sign_in(&front.site, "openid email").await;
    let (claims, now) = (Front::claims(token.access()), front.clock.now().seconds());
    let expected = json!({
        "iss": "https://id.example/t/acme", "sub": front.user.id.to_string(), "aud": "site", "client_id": "site",
        "iat": now, "exp": now + 600, "auth_time": now, "jti": claims["jti"],
        "scope": "email openid", "scp": ["email", "openid"],
    });
    assert_eq!(json!(claims), expected);
    let machine = front.token(&front.site, &[("grant_type", "client_credentials")]).await.expect("a token");
    let claims = Front::claims(machine.access());
    assert_eq!((&claims["scp"], &claims["sub"]), (&json!([]), &json!("site")), "the list is there without scopes too");
}

#[tokio::test]
async fn our_own_endpoints_believe_it() {
    let front = front_of(Profile::Oidc).await;
    let tokens = front.sign_in(&front.site, "openid email").await;
    let said = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    assert_eq!(said["email"], "ada@example.com");
    assert!(is_active(&front, tokens.access()).await);
    let parameters = form(&[("token", tokens.access())]);
    revoke::revoke(&front.cx, &front.view, &front.credentials(&front.site), &parameters).await.expect("revoked");
    assert!(!is_active(&front, tokens.access()).await);
    assert!(userinfo::claims(&front.cx, &front.view, tokens.access()).await.is_err());
}

#[tokio::test]
async fn who_shares_the_secret_can_make_no_more_of_a_grant_than_it_is() {
    let front = front_of(Profile::Oidc).await;
    let tokens = front.sign_in(&front.site, "openid").await;
    let other = front.sign_in(&front.app, "openid email").await;
    let same = made(&front, tokens.access(), |_| ());
    assert!(is_active(&front, &same).await && userinfo::claims(&front.cx, &front.view, &same).await.is_ok());

    let (day, now) = (86_400, front.clock.now().seconds());
    let jti = Front::claims(other.access())["jti"].clone();
    for (claim, value) in [
        ("scope", json!("openid email")),
        ("sub", json!("018f0000-0000-7000-8000-000000000000")),
        ("sub", json!("site")),
        ("client_id", json!("app")),
        ("jti", jti),
        ("exp", json!(now + 365 * day)),
        ("exp", json!(i64::MAX)),
        ("iss", json!("https://id.example/t/other")),
        ("iat", json!(now + day)),
        ("scp", json!(["openid", "payroll"])),
        ("scp", json!([])),
    ] {
        let token = made(&front, tokens.access(), |claims| drop(claims.insert(claim.to_owned(), value.clone())));
        assert!(!is_active(&front, &token).await, "{claim} {value}");
        assert!(userinfo::claims(&front.cx, &front.view, &token).await.is_err(), "{claim} {value}");
    }
    let elsewhere = made(&front, tokens.access(), |claims| drop(claims.insert("aud".to_owned(), json!("app"))));
    assert!(userinfo::claims(&front.cx, &front.view, &elsewhere).await.is_err(), "another audience");
    let plain = made(&front, tokens.access(), |claims| drop(claims.remove("scp")));
    assert!(userinfo::claims(&front.cx, &front.view, &plain).await.is_err(), "only this form is meant for its client");
}

#[tokio::test]
async fn t230_t235_who_shares_the_secret_can_make_no_more_of_a_client_than_it_is() {
    let front = front_of(Profile::Oidc).await;
    let machine = front.token(&front.site, &[("grant_type", "client_credentials"), ("scope", "crm")]).await;
    let machine = machine.expect("a token");
    assert!(is_active(&front, &made(&front, machine.access(), |_| ())).await);
    // Another resource server, which introspects what is meant for it.
    let (mut api, user) = (front.site.clone(), front.user.id.to_string());
    (api.id, api.uid) = ("api".parse().expect("an id"), ClientUid::generate(&*front.random, front.clock.now()));
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
    tx.clients().insert(&api).await.expect("inserted");
    tx.commit().await.expect("committed");
    for (claim, value) in [
        ("sub", json!(user)),
        ("sub", json!("app")),
        ("scope", json!("crm payroll")),
        ("aud", json!("api")),
        ("aud", json!(["site", "api"])),
        ("aud", json!(["site", "https://orders.example"])),
    ] {
        let token = made(&front, machine.access(), |claims| drop(claims.insert(claim.to_owned(), value.clone())));
        assert!(!is_active(&front, &token).await, "{claim} {value}");
        assert!(!is_active_to(&front, &api, &token).await, "{claim} {value}");
    }
}

#[tokio::test]
async fn t230_nothing_is_told_of_a_shared_secrets_token_but_what_was_looked_at() {
    let front = front_of(Profile::Oidc).await;
    let mut site = front.site.clone();
    site.metadata.tokens.introspection_signing = Some(Algorithm::Es256);
    front.update(&site).await;
    let machine = front.token(&front.site, &[("grant_type", "client_credentials"), ("scope", "crm")]).await;
    let machine = machine.expect("a token").access().to_owned();
    let person = front.sign_in(&front.site, "openid email").await.access().to_owned();
    for honest in [machine, person] {
        let forged = made(&front, &honest, |claims| {
            for (name, value) in [
                ("roles", json!(["admin"])),
                ("acr", json!("urn:mace:incommon:iap:gold")),
                ("auth_time", json!(1)),
                ("act", json!({ "sub": "somebody else" })),
                ("email", json!("eve@example.com")),
            ] {
                claims.insert(name.to_owned(), value);
            }
        });
        let mut expected = Front::claims(&honest);
        expected.remove("auth_time");
        expected.extend([("active".to_owned(), json!(true)), ("token_type".to_owned(), json!("Bearer"))]);
        for token in [honest, forged] {
            let (credentials, asked) = (front.credentials(&site), form(&[("token", &token)]));
            let said = introspect::introspect(&front.cx, &front.view, &credentials, &asked).await.expect("an answer");
            assert_eq!(json!(said), json!(expected));
            let signed = introspect::introspect_signed(&front.cx, &front.view, &credentials, &asked).await;
            assert_eq!(Front::claims(&signed.expect("an answer"))["token_introspection"], json!(expected));
        }
    }
}

#[tokio::test]
async fn t230_scopes_in_a_form_that_we_never_write_are_no_scopes() {
    let front = front_of(Profile::Oidc).await;
    let machine = front.token(&front.site, &[("grant_type", "client_credentials"), ("scope", "crm")]).await;
    let machine = machine.expect("a token");
    for (scope, scp) in [
        (json!("crm"), json!(["payroll"])),
        (json!("crm"), json!("crm")),
        (json!("crm"), json!(null)),
        (json!(["payroll"]), json!([])),
        (json!("crm crm"), json!(["crm"])),
        (json!("crm "), json!(["crm"])),
    ] {
        let token = made(&front, machine.access(), |claims| {
            claims.extend([("scope".to_owned(), scope.clone()), ("scp".to_owned(), scp.clone())]);
        });
        assert!(!is_active(&front, &token).await, "{scope} {scp}");
    }
}

#[tokio::test]
async fn t230_what_its_client_gets_bound_alone_is_nothing_without_its_key() {
    let front = front_of(Profile::Oidc).await;
    let machine = front.token(&front.site, &[("grant_type", "client_credentials")]).await.expect("a token");
    let mut site = front.site.clone();
    site.metadata.tokens.dpop_bound = true;
    front.update(&site).await;
    assert!(!is_active(&front, machine.access()).await);
    let key = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    let bound = made(&front, machine.access(), |claims| drop(claims.insert("cnf".to_owned(), key)));
    assert!(is_active(&front, &bound).await);
}

#[tokio::test]
async fn oauth21_knows_no_such_tokens() {
    let front = front_of(Profile::Oauth21).await;
    let claims = Front::claims(front.sign_in(&front.site, "openid").await.access());
    assert_eq!((&claims["aud"], claims.get("scp")), (&json!("https://id.example/t/acme"), None));
}
