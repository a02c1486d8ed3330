//! The client for itself.

use std::time::Duration;

use chancery_domain::{audit::Action, time::Clock};
use chancery_oauth::error::OAuthError;
use serde_json::json;

use crate::front::Front;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn a_client_gets_a_token_without_a_transaction() {
    let front = Front::new().await;
    let before = front.store.transactions();
    let tokens = front.token(&front.site, &[GRANT, ("scope", "crm")]).await.expect("a token");
    assert_eq!(front.store.transactions(), before);
    assert_eq!(tokens.0.keys().collect::<Vec<_>>(), ["access_token", "expires_in", "scope", "token_type"]);
    let claims = Front::claims(tokens.access());
    let now = front.clock.now().seconds();
    let mut expected = json!({
        "iss": "https://id.example/t/acme", "sub": "site", "aud": "https://id.example/t/acme", "client_id": "site",
        "scope": "crm", "iat": now, "exp": now + 600,
    });
    expected["jti"] = claims["jti"].clone();
    assert_eq!(json!(claims), expected);
    let issued = front.store.audit().into_iter().filter(|event| event.action == Action::ClientTokenIssued);
    assert_eq!(issued.count(), 1);
}

#[tokio::test]
async fn no_scope_asked_is_no_scope_given() {
    let front = Front::new().await;
    let tokens = front.token(&front.site, &[GRANT]).await.expect("a token");
    assert!(!tokens.has("scope") && !Front::claims(tokens.access()).contains_key("scope"));
}

#[tokio::test]
async fn what_needs_a_user_or_is_not_granted_is_refused() {
    let front = Front::new().await;
    for scope in ["openid", "offline_access", "crm openid", "address", "unknown", "a\"b"] {
        let error = front.token(&front.site, &[GRANT, ("scope", scope)]).await.expect_err(scope);
        assert!(error.to_string().starts_with("invalid_scope: "), "{scope}: {error}");
    }
}

#[tokio::test]
async fn grant_types_are_closed() {
    let front = Front::new().await;
    for (client, grant_type, expected) in [
        (&front.site, "password", "unsupported_grant_type: there is no such grant_type here"),
        (
            &front.site,
            "urn:ietf:params:oauth:grant-type:device_code",
            "unsupported_grant_type: there is no such grant_type here",
        ),
        (&front.site, "", "invalid_request: grant_type is missing"),
        (&front.app, "client_credentials", "unauthorized_client: the client may not use this grant_type"),
    ] {
        let error = front.token(client, &[("grant_type", grant_type)]).await.expect_err(grant_type);
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn a_stale_view_signs_nothing() {
    let front = Front::new().await;
    front.clock.advance(Duration::from_secs(31));
    let error = front.token(&front.site, &[GRANT]).await.expect_err("refused");
    assert!(matches!(error, OAuthError::Ours(_)), "{error}");
}

#[tokio::test]
async fn a_suspended_tenant_issues_nothing() {
    let mut front = Front::new().await;
    let suspended = front.view.tenant.clone().suspend().expect("active");
    front.view = front.directory.show(crate::front::view_of(suspended, front.clock.now()));
    let error = front.token(&front.site, &[GRANT]).await.expect_err("refused");
    assert_eq!(error.to_string(), "invalid_client: client authentication failed");
}
