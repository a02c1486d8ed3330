//! Access tokens that only their issuer can read.

use std::time::Duration;

use chancery_domain::{profile::Profile, time::Clock, vocabulary::AccessTokenFormat};
use chancery_oauth::{introspect, revoke, userinfo};
use serde_json::{Value, json};

use crate::front::{Front, form, view_of};

/// A tenant of that profile with that format.
async fn front_of(profile: Profile) -> Front {
    let mut front = Front::of(profile).await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.access_token_format = AccessTokenFormat::Opaque;
    front.view = front.directory.show(view_of(tenant, front.clock.now()));
    front
}

async fn told(front: &Front, token: &str) -> Value {
    let parameters = form(&[("token", token)]);
    let credentials = front.credentials(&front.site);
    Value::Object(introspect::introspect(&front.cx, &front.view, &credentials, &parameters).await.expect("an answer"))
}

#[tokio::test]
async fn they_are_good_at_our_own_endpoints_until_they_are_taken_back() {
    for profile in [Profile::Oidc, Profile::Oauth21] {
        let front = front_of(profile).await;
        let tokens = front.sign_in(&front.site, "openid email").await;
        assert!(tokens.access().starts_with("chk_") && tokens.access().matches('.').count() == 1);
        assert_eq!(tokens.text("id_token").matches('.').count(), 2, "its client has to read the ID token");
        let said = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
        assert_eq!(said["email"], "ada@example.com");
        let said = told(&front, tokens.access()).await;
        assert_eq!(
            (&said["active"], &said["client_id"], &said["scope"]),
            (&json!(true), &json!("site"), &json!("email openid"))
        );
        let parameters = form(&[("token", tokens.access())]);
        revoke::revoke(&front.cx, &front.view, &front.credentials(&front.site), &parameters).await.expect("revoked");
        assert_eq!(told(&front, tokens.access()).await, json!({ "active": false }));
        assert!(userinfo::claims(&front.cx, &front.view, tokens.access()).await.is_err());
    }
}

#[tokio::test]
async fn they_end_and_no_two_are_alike() {
    let front = front_of(Profile::Oauth21).await;
    let machine = || front.token(&front.site, &[("grant_type", "client_credentials")]);
    let (one, two) = (machine().await.expect("a token"), machine().await.expect("a token"));
    let (salt, _) = one.access().split_once('.').expect("two parts");
    assert!(!two.access().starts_with(salt));
    assert_eq!(told(&front, one.access()).await["active"], true);
    front.clock.advance(Duration::from_secs(600));
    front.view.freshness.refresh(front.clock.now());
    assert_eq!(told(&front, one.access()).await, json!({ "active": false }));
}

#[tokio::test]
async fn what_is_bent_or_put_together_opens_nothing() {
    let front = front_of(Profile::Oauth21).await;
    let tokens = front.sign_in(&front.site, "openid").await;
    let other = front.sign_in(&front.site, "openid").await;
    let (salt, sealed) = tokens.access().split_once('.').expect("two parts");
    let (_, foreign) = other.access().split_once('.').expect("two parts");
    for bad in [
        format!("{salt}.{foreign}"),
        format!("{salt}."),
        salt.to_owned(),
        format!("{salt}.{sealed}."),
        format!("{salt}.{sealed}A"),
        format!("{salt}.{}", &sealed[1..]),
        format!("{}.{sealed}", &salt[..salt.len() - 1]),
    ] {
        assert_eq!(told(&front, &bad).await, json!({ "active": false }), "{bad}");
    }
    assert_eq!(told(&front, tokens.access()).await["active"], true);
}

#[tokio::test]
async fn signed_tokens_of_the_time_before_stay_good() {
    let mut front = Front::of(Profile::Oauth21).await;
    let before = front.sign_in(&front.site, "openid").await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.access_token_format = AccessTokenFormat::Opaque;
    front.view = front.directory.show(view_of(tenant, front.clock.now()));
    assert_eq!(told(&front, before.access()).await["active"], true);
}
