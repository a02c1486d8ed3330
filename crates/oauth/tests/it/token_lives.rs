//! How long the tokens of one client live, and how often they are refreshed.

use std::time::Duration;

use chancery_domain::{client::TokenLifetimes, profile::Profile, time::Clock};
use chancery_oauth::error::ErrorCode;

use crate::front::{Front, view_of};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn life(token: &str) -> i64 {
    let claims = Front::claims(token);
    claims["exp"].as_i64().expect("a time") - claims["iat"].as_i64().expect("a time")
}

/// A tenant whose client `site` has lives of its own.
async fn front_of(lives: TokenLifetimes) -> Front {
    let mut front = Front::of(Profile::Oidc).await;
    front.site.metadata.tokens.lifetimes = lives;
    let site = front.site.clone();
    front.update(&site).await;
    front
}

/// Time passes, and the view is kept fresh.
fn wait(front: &Front, seconds: u64) {
    front.clock.advance(Duration::from_secs(seconds));
    front.view.freshness.refresh(front.clock.now());
}

#[tokio::test]
async fn a_client_has_lives_of_its_own_for_each_kind_of_token() {
    let front = front_of(TokenLifetimes {
        access_token: Some(seconds(1200)),
        client_credentials: Some(seconds(30)),
        id_token: Some(seconds(90)),
        ..TokenLifetimes::default()
    })
    .await;
    let tokens = front.sign_in(&front.site, "openid").await;
    assert_eq!((life(tokens.access()), life(tokens.text("id_token"))), (1200, 90));
    assert_eq!(tokens.0["expires_in"], 1200);
    let own = front.token(&front.site, &[("grant_type", "client_credentials")]).await.expect("a token");
    assert_eq!(life(own.access()), 30);
    let others = front.sign_in(&front.app, "openid").await;
    assert_eq!((life(others.access()), life(others.text("id_token"))), (600, 600));
}

#[tokio::test]
async fn nothing_outlives_what_the_keys_promised() {
    let lives = TokenLifetimes {
        access_token: Some(seconds(7200)),
        id_token: Some(seconds(7200)),
        ..TokenLifetimes::default()
    };
    let mut front = front_of(lives).await;
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    view.key_policy.token_life = Duration::from_secs(3600);
    front.view = front.directory.show(view);
    let tokens = front.sign_in(&front.site, "openid").await;
    assert_eq!((life(tokens.access()), life(tokens.text("id_token"))), (3600, 3600));
}

#[tokio::test]
async fn a_refresh_token_is_used_so_often_and_not_once_more() {
    let front = front_of(TokenLifetimes { refresh_max_uses: Some(3), ..TokenLifetimes::default() }).await;
    let mut tokens = front.sign_in(&front.site, "openid offline_access").await;
    for _ in 0..3 {
        tokens = front.refresh(&front.site, tokens.refresh()).await.expect("tokens");
    }
    let error = front.refresh(&front.site, tokens.refresh()).await.expect_err("refused");
    assert_eq!(error.code(), Some(ErrorCode::InvalidGrant));
    let others = front.sign_in(&front.app, "openid offline_access").await;
    let mut token = others.refresh().to_owned();
    for _ in 0..5 {
        token = front.refresh(&front.app, &token).await.expect("tokens").refresh().to_owned();
    }
}

#[tokio::test]
async fn refresh_tokens_die_idle_or_old_as_the_client_registered() {
    let lives = TokenLifetimes {
        refresh_idle: Some(seconds(100)),
        refresh_absolute: Some(seconds(250)),
        ..TokenLifetimes::default()
    };
    let front = front_of(lives).await;
    let idle = front.sign_in(&front.site, "openid offline_access").await;
    wait(&front, 100);
    assert!(front.refresh(&front.site, idle.refresh()).await.is_err());

    let mut tokens = front.sign_in(&front.site, "openid offline_access").await;
    for _ in 0..3 {
        wait(&front, 80);
        tokens = front.refresh(&front.site, tokens.refresh()).await.expect("tokens");
    }
    wait(&front, 10);
    assert!(front.refresh(&front.site, tokens.refresh()).await.is_err());
}

#[tokio::test]
async fn p044_the_id_token_of_a_refresh_is_about_the_same() {
    let front = front_of(TokenLifetimes::default()).await;
    let before = front.sign_in(&front.site, "openid offline_access").await;
    wait(&front, 60);
    let after = front.refresh(&front.site, before.refresh()).await.expect("tokens");
    let [before, after] = [&before, &after].map(|tokens| Front::claims(tokens.text("id_token")));
    for same in ["iss", "sub", "aud", "azp", "auth_time", "sid"] {
        assert_eq!(before[same], after[same], "{same}");
    }
    assert!(after["iat"].as_i64() > before["iat"].as_i64());
    assert!(!after.contains_key("nonce"));
}
