//! Claims for access tokens.

use std::time::Duration;

use chancery_domain::time::Clock;
use chancery_oauth::userinfo::{BearerError, claims};
use serde_json::json;

use crate::front::Front;

#[tokio::test]
async fn each_scope_opens_its_claims() {
    let front = Front::new().await;
    let user = front.user.id.to_string();
    for (scope, expected) in [
        ("openid", json!({ "sub": user })),
        ("openid email", json!({ "sub": user, "email": "ada@example.com", "email_verified": true })),
        ("openid crm", json!({ "sub": user, "tier": "gold" })),
        (
            "openid profile",
            json!({
                "sub": user, "name": "Ada", "birthdate": "1815-12-10", "preferred_username": "ada",
                "updated_at": front.user.updated_at.seconds(),
            }),
        ),
    ] {
        let tokens = front.sign_in(&front.app, scope).await;
        let said = claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
        assert_eq!(json!(said), expected, "{scope}");
        let sub = &Front::claims(tokens.text("id_token"))["sub"];
        assert_eq!(said["sub"], *sub);
    }
}

#[tokio::test]
async fn without_openid_it_opens_nothing() {
    let front = Front::new().await;
    let user = front.sign_in(&front.app, "email").await;
    let client = front.token(&front.site, &[("grant_type", "client_credentials")]).await.expect("a token");
    for token in [user.access(), client.access()] {
        let error = claims(&front.cx, &front.view, token).await.expect_err("refused");
        assert!(matches!(error, BearerError::InsufficientScope), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_good_access_token_opens_nothing() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid offline_access").await;
    let invalid = async |front: &Front, token: &str| {
        matches!(claims(&front.cx, &front.view, token).await, Err(BearerError::InvalidToken))
    };
    for token in [tokens.text("id_token"), tokens.refresh(), "", "a.b.c"] {
        assert!(invalid(&front, token).await, "{token}");
    }
    let mut elsewhere = Front::new().await;
    let tenant = chancery_testkit::builders::tenant("other", &*front.random, front.clock.now());
    elsewhere.view = elsewhere.directory.show(crate::front::view_of(tenant, front.clock.now()));
    assert!(invalid(&elsewhere, tokens.access()).await, "another tenant");

    assert!(!invalid(&front, tokens.access()).await);
    front.update(&front.app.clone().disable().expect("enabled")).await;
    assert!(invalid(&front, tokens.access()).await, "client disabled");

    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(600));
    assert!(invalid(&front, tokens.access()).await, "expired");

    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid").await;
    front.update_user(&front.user.clone().disable().expect("enabled")).await;
    assert!(invalid(&front, tokens.access()).await, "user disabled");
}
