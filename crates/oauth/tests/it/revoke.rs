//! Taking tokens back.

use chancery_domain::{audit::Action, client::Client};
use chancery_oauth::{error::OAuthError, introspect, revoke};

use crate::front::{Front, form};

async fn revoke(front: &Front, client: &Client, token: &str) -> Result<(), OAuthError> {
    let parameters = form(&[("token", token), ("token_type_hint", "access_token")]);
    revoke::revoke(&front.cx, &front.view, &front.credentials(client), &parameters).await
}

async fn is_active(front: &Front, token: &str) -> bool {
    let parameters = form(&[("token", token)]);
    let credentials = front.credentials(&front.site);
    let said = introspect::introspect(&front.cx, &front.view, &credentials, &parameters).await;
    said.expect("an answer")["active"] == true
}

#[tokio::test]
async fn a_refresh_token_takes_its_whole_grant_along() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    let child = front.refresh(&front.site, tokens.refresh()).await.expect("tokens");
    let other = front.sign_in(&front.site, "openid").await;
    revoke(&front, &front.site, child.refresh()).await.expect("revoked");
    for token in [tokens.access(), child.access(), child.refresh()] {
        assert!(!is_active(&front, token).await);
    }
    assert!(is_active(&front, other.access()).await, "another grant");
    revoke(&front, &front.site, child.refresh()).await.expect("the same again");
    let events = front.store.audit().into_iter().filter(|event| event.action == Action::GrantRevoked);
    assert_eq!(events.count(), 1);
}

#[tokio::test]
async fn an_access_token_takes_its_whole_grant_along() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    revoke(&front, &front.site, tokens.access()).await.expect("revoked");
    assert!(!is_active(&front, tokens.access()).await);
    assert!(front.refresh(&front.site, tokens.refresh()).await.is_err());
}

#[tokio::test]
async fn a_clients_own_token_goes_alone() {
    let front = Front::new().await;
    let grant = [("grant_type", "client_credentials")];
    let first = front.token(&front.site, &grant).await.expect("a token");
    let second = front.token(&front.site, &grant).await.expect("a token");
    revoke(&front, &front.site, first.access()).await.expect("revoked");
    assert!(!is_active(&front, first.access()).await);
    assert!(is_active(&front, second.access()).await);
}

#[tokio::test]
async fn a_public_client_revokes_its_own() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid offline_access").await;
    revoke(&front, &front.app, tokens.refresh()).await.expect("revoked");
    assert!(front.refresh(&front.app, tokens.refresh()).await.is_err());
}

#[tokio::test]
async fn another_clients_token_is_refused_and_lives_on() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.site, "openid offline_access").await;
    for token in [tokens.access(), tokens.refresh()] {
        let error = revoke(&front, &front.app, token).await.expect_err("foreign");
        assert_eq!(error.to_string(), "invalid_grant: the token is not this client's");
        assert!(is_active(&front, token).await);
    }
}

#[tokio::test]
async fn what_is_unknown_needs_no_revocation() {
    let front = Front::new().await;
    let foreign = Front::new().await.random;
    let unknown =
        chancery_domain::secret::OpaqueToken::generate(chancery_domain::secret::TokenKind::Refresh, &*foreign);
    for token in ["x", "a.b.c", unknown.expose()] {
        revoke(&front, &front.app, token).await.expect("nothing to do");
    }
}

#[tokio::test]
async fn a_store_that_is_away_never_says_done() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid offline_access").await;
    front.store.take_away(true);
    assert!(matches!(revoke(&front, &front.app, tokens.refresh()).await, Err(OAuthError::Ours(_))));
}
