//! What introspection, revocation and UserInfo must withstand.

use std::time::Duration;

use chancery_domain::client::Client;
use chancery_oauth::{
    client_auth::Credentials,
    error::{ErrorCode, OAuthError},
    introspect, revoke,
    userinfo::{BearerError, claims},
};
use serde_json::json;

use crate::front::{Front, form};

async fn is_active(front: &Front, client: &Client, token: &str, hint: &str) -> bool {
    let asked = form(&[("token", token), ("token_type_hint", hint)]);
    let said = introspect::introspect(&front.cx, &front.view, &front.credentials(client), &asked).await;
    let said = said.expect("an answer");
    if said["active"] == true {
        return true;
    }
    assert_eq!(json!(said), json!({ "active": false }), "nothing else is told of it");
    false
}

async fn take_back(front: &Front, client: &Client, token: &str, hint: &str) -> Result<(), OAuthError> {
    let asked = form(&[("token", token), ("token_type_hint", hint)]);
    revoke::revoke(&front.cx, &front.view, &front.credentials(client), &asked).await
}

#[tokio::test]
async fn t247_introspection_needs_a_client_that_proves_itself() {
    let front = Front::new().await;
    let token = front.sign_in(&front.site, "openid").await;
    let asked = form(&[("token", token.access())]);
    for sent in
        [&[("client_id", "site")][..], &[("client_id", "site"), ("client_secret", "x")], &[("client_id", "app")]]
    {
        let credentials = Credentials::read(&front.view, None, &form(sent)).expect("credentials");
        let refused = introspect::introspect(&front.cx, &front.view, &credentials, &asked).await;
        assert_eq!(refused.expect_err("refused").code(), Some(ErrorCode::InvalidClient), "{sent:?}");
        let refused = introspect::introspect_signed(&front.cx, &front.view, &credentials, &asked).await;
        assert_eq!(refused.expect_err("refused").code(), Some(ErrorCode::InvalidClient), "{sent:?}");
    }
}

#[tokio::test]
async fn t248_a_caller_that_a_token_is_not_for_hears_nothing() {
    let front = Front::new().await;
    let foreign = front.sign_in(&front.app, "openid offline_access").await;
    assert!(!is_active(&front, &front.site, foreign.access(), "access_token").await);
    assert!(!is_active(&front, &front.site, foreign.refresh(), "refresh_token").await);
}

#[tokio::test]
async fn t249_what_is_over_is_inactive_at_once() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid").await;
    assert!(is_active(&front, &front.site, tokens.access(), "access_token").await);
    take_back(&front, &front.site, tokens.access(), "access_token").await.expect("taken back");
    assert!(!is_active(&front, &front.site, tokens.access(), "access_token").await);
    let tokens = front.sign_in(&front.site, "openid").await;
    front.clock.advance(Duration::from_secs(600));
    assert!(!is_active(&front, &front.site, tokens.access(), "access_token").await);
}

#[tokio::test]
async fn t250_a_false_hint_changes_nothing() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    for hint in ["access_token", "refresh_token", "x"] {
        assert!(is_active(&front, &front.site, tokens.access(), hint).await, "{hint}");
        assert!(is_active(&front, &front.site, tokens.refresh(), hint).await, "{hint}");
    }
    take_back(&front, &front.site, tokens.refresh(), "access_token").await.expect("taken back");
    assert!(!is_active(&front, &front.site, tokens.refresh(), "access_token").await);
}

#[tokio::test]
async fn t251_another_clients_token_stays_as_it_is() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    for token in [tokens.access(), tokens.refresh()] {
        let refused = take_back(&front, &front.app, token, "access_token").await.expect_err("refused");
        assert_eq!(refused.code(), Some(ErrorCode::InvalidGrant));
        assert!(is_active(&front, &front.site, token, "access_token").await);
    }
}

#[tokio::test]
async fn t252_a_token_that_nobody_knows_is_as_good_as_taken_back() {
    let front = Front::new().await;
    let spoiled = format!("{}x", front.sign_in(&front.site, "openid").await.access());
    for token in ["x", "a.b.c", &spoiled] {
        take_back(&front, &front.site, token, "refresh_token").await.expect("nothing to do");
    }
}

#[tokio::test]
async fn t254_a_refresh_token_takes_every_token_of_its_grant_with_it() {
    let front = Front::new().await;
    let first = front.sign_in(&front.site, "openid offline_access").await;
    let second = front.refresh(&front.site, first.refresh()).await.expect("tokens");
    take_back(&front, &front.site, second.refresh(), "refresh_token").await.expect("taken back");
    for token in [first.access(), second.access(), second.refresh()] {
        assert!(!is_active(&front, &front.site, token, "access_token").await);
    }
}

#[tokio::test]
async fn t256_userinfo_takes_access_tokens_with_openid_alone() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid").await;
    let refused = claims(&front.cx, &front.view, tokens.text("id_token")).await.expect_err("refused");
    assert!(matches!(refused, BearerError::InvalidToken), "{refused}");
    let tokens = front.sign_in(&front.site, "email").await;
    let refused = claims(&front.cx, &front.view, tokens.access()).await.expect_err("refused");
    assert!(matches!(refused, BearerError::InsufficientScope), "{refused}");
}

#[tokio::test]
async fn p035_every_standard_claim_of_a_scope_comes_in_its_own_type() {
    let mut front = Front::new().await;
    let known = json!({
        "name": "Ada", "family_name": "Lovelace", "given_name": "Ada", "middle_name": "K", "nickname": "a",
        "preferred_username": "ada", "profile": "https://ada.example", "picture": "https://ada.example/p",
        "website": "https://ada.example", "gender": "female", "birthdate": "0000-12-10", "zoneinfo": "Europe/London",
        "locale": "en-GB", "phone_number": "+44 1", "phone_number_verified": false,
        "address": { "country": "GB", "formatted": "12 St James's Square" },
    });
    front.user.claims = serde_json::from_value(known.clone()).expect("claims");
    let user = front.user.clone();
    front.update_user(&user).await;
    let app = &mut front.app.clone();
    app.scopes = chancery_domain::scope::ScopeSet::parse("openid profile email address phone").expect("scopes");
    front.update(app).await;
    let tokens = front.sign_in(app, "openid profile email address phone").await;
    let said = json!(claims(&front.cx, &front.view, tokens.access()).await.expect("claims"));
    for (name, value) in known.as_object().expect("an object") {
        assert_eq!(said[name], *value, "{name}");
    }
    assert!(said["updated_at"].is_i64() && said["email_verified"].is_boolean());
    let id = Front::claims(tokens.text("id_token"));
    let stray: Vec<_> = known.as_object().expect("an object").keys().filter(|name| id.contains_key(*name)).collect();
    assert!(stray.is_empty(), "profile claims live in UserInfo: {stray:?}");
}
