//! What a client hears about tokens.

use std::time::Duration;

use chancery_domain::{
    client::Client, id::ClientUid, ports::store::Store, profile::Profile, time::Clock, vocabulary::Algorithm,
};
use chancery_oauth::{error::OAuthError, introspect};
use chancery_testkit::builders;
use serde_json::{Map, Value, json};

use crate::{
    front::{Front, form},
    resources::{ORDERS, STOCK, shop_with},
};

async fn ask(front: &Front, client: &Client, token: &str) -> Result<Map<String, Value>, OAuthError> {
    let parameters = form(&[("token", token), ("token_type_hint", "refresh_token")]);
    introspect::introspect(&front.cx, &front.view, &front.credentials(client), &parameters).await
}

async fn is_active(front: &Front, token: &str) -> bool {
    ask(front, &front.site, token).await.expect("an answer")["active"] == true
}

#[tokio::test]
async fn a_client_hears_all_about_its_own_tokens() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    let now = front.clock.now().seconds();
    let said = ask(&front, &front.site, tokens.access()).await.expect("an answer");
    let mut expected = json!(Front::claims(tokens.access()));
    expected["active"] = json!(true);
    expected["token_type"] = json!("Bearer");
    assert_eq!(json!(said), expected);
    let said = ask(&front, &front.site, tokens.refresh()).await.expect("an answer");
    assert_eq!(
        json!(said),
        json!({
            "active": true, "iss": "https://id.example/t/acme", "sub": front.user.id.to_string(), "client_id": "site",
            "scope": "offline_access openid", "iat": now, "exp": now + 14 * 86_400,
        })
    );
}

#[tokio::test]
async fn what_is_not_its_own_or_no_token_is_inactive() {
    let front = Front::new().await;
    let foreign = front.sign_in(&front.app, "openid offline_access").await;
    let own = front.sign_in(&front.site, "openid offline_access").await;
    let forged = format!("{}x", own.access());
    for token in [foreign.access(), foreign.refresh(), own.text("id_token"), &forged, "x"] {
        let said = ask(&front, &front.site, token).await.expect("an answer");
        assert_eq!(json!(said), json!({ "active": false }));
    }
}

#[tokio::test]
async fn an_expired_or_spent_token_is_inactive() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    let child = front.refresh(&front.site, tokens.refresh()).await.expect("tokens");
    assert!(!is_active(&front, tokens.refresh()).await, "spent");
    assert!(is_active(&front, child.refresh()).await);
    front.clock.advance(Duration::from_secs(600));
    assert!(!is_active(&front, tokens.access()).await, "expired");
}

#[tokio::test]
async fn who_is_gone_takes_the_tokens_along() {
    let front = Front::new().await;
    let plain = front.sign_in(&front.site, "openid").await;
    let offline = front.sign_in(&front.site, "openid offline_access").await;
    front.sign_out().await;
    assert!(!is_active(&front, plain.access()).await, "signed out");
    assert!(is_active(&front, offline.access()).await, "offline access outlives the session");
    front.update_user(&front.user.clone().disable().expect("enabled")).await;
    assert!(!is_active(&front, offline.access()).await, "user disabled");
    assert!(!is_active(&front, offline.refresh()).await, "user disabled");
}

#[tokio::test]
async fn a_clients_own_token_is_good_as_long_as_the_client_is_there() {
    let front = Front::new().await;
    let tokens = front.token(&front.site, &[("grant_type", "client_credentials")]).await.expect("a token");
    assert!(is_active(&front, tokens.access()).await);

    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
    tx.clients().delete(&front.site.id, front.site.version).await.expect("deleted");
    let mut again = front.site.clone();
    again.uid = ClientUid::generate(&*front.random, front.clock.now());
    tx.clients().insert(&again).await.expect("inserted");
    tx.commit().await.expect("committed");
    assert!(!is_active(&front, tokens.access()).await, "a client of the same name is another one");
}

#[tokio::test]
async fn a_client_must_prove_who_it_is() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid").await;
    let error = ask(&front, &front.app, tokens.access()).await.expect_err("public");
    assert_eq!(error.to_string(), "invalid_client: client authentication failed");
}

#[tokio::test]
async fn other_tenants_and_suspended_ones_say_inactive() {
    let mut front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid").await;
    let home = front.view.tenant.clone();
    let mut elsewhere = builders::tenant("other", &*front.random, front.clock.now());
    elsewhere.id = home.id;
    front.view = front.directory.show(crate::front::view_of(elsewhere, front.clock.now()));
    assert!(!is_active(&front, tokens.access()).await, "another issuer");
    front.view = front.directory.show(crate::front::view_of(home.suspend().expect("active"), front.clock.now()));
    assert!(!is_active(&front, tokens.access()).await, "suspended");
}

#[tokio::test]
async fn t248_who_speaks_for_a_resource_hears_of_its_tokens_and_of_no_others() {
    let front = shop_with(Profile::Oauth21, |_| {}, |_| {}).await;
    let for_both = front.sign_in(&front.app, "openid orders:read stock:read").await;
    let for_orders = front.sign_in(&front.app, "orders:read").await;
    let for_stock = front.sign_in(&front.app, "stock:read").await;
    for tokens in [&for_both, &for_orders, &for_stock] {
        assert!(!is_active(&front, tokens.access()).await, "it speaks for nothing");
    }
    let mut site = front.client("site").await;
    site.metadata.exchange.resources = [ORDERS.parse().expect("a URI")].into_iter().collect();
    site.metadata.tokens.introspection_signing = Some(Algorithm::Es256);
    front.update(&site).await;
    for (tokens, hears) in [(&for_both, true), (&for_orders, true), (&for_stock, false)] {
        assert_eq!(is_active(&front, tokens.access()).await, hears);
        let (credentials, asked) = (front.credentials(&site), form(&[("token", tokens.access())]));
        let signed = introspect::introspect_signed(&front.cx, &front.view, &credentials, &asked).await;
        let told = Front::claims(&signed.expect("an answer"))["token_introspection"].clone();
        assert_eq!(told["active"], hears);
        assert_eq!(told.get("sub").is_some(), hears, "nothing is told of what is for others");
    }
    let said = ask(&front, &site, for_both.access()).await.expect("an answer");
    assert_eq!((&said["client_id"], &said["scope"]), (&json!("app"), &json!("openid orders:read stock:read")));
    assert_eq!(said["aud"], json!([front.view.issuer.as_str(), ORDERS, STOCK]));
    let refresh = front.sign_in(&front.app, "offline_access orders:read").await;
    assert!(!is_active(&front, refresh.refresh()).await, "a refresh token is its client's alone");
}
