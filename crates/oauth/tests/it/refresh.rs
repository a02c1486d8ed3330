//! A refresh token for tokens.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chancery_domain::{audit::Action, grant::RevocationReason, time::Clock, vocabulary::GrantType};

use crate::front::{Front, Tokens};

const SCOPE: &str = "openid email offline_access";

/// Time goes by, and the view stays fresh.
fn wait(front: &Front, seconds: u64) {
    front.clock.advance(Duration::from_secs(seconds));
    front.view.freshness.refresh(front.clock.now());
}

fn revoked(front: &Front) -> Option<RevocationReason> {
    front.store.grants(front.view.tenant.id).remove(0).revoked.map(|(_, reason)| reason)
}

#[tokio::test]
async fn a_refresh_hands_out_a_child_and_says_the_same_of_the_user() {
    let front = Front::new().await;
    for client in [&front.app, &front.site] {
        let first = front.sign_in(client, SCOPE).await;
        wait(&front, 5);
        let second = front.refresh(client, first.refresh()).await.expect("tokens");
        assert_ne!(first.refresh(), second.refresh());
        let (before, after) = (Front::claims(first.text("id_token")), Front::claims(second.text("id_token")));
        for claim in ["iss", "sub", "aud", "azp", "auth_time", "sid"] {
            assert_eq!(before[claim], after[claim], "{claim}");
        }
        assert!(after["iat"].as_i64() > before["iat"].as_i64());
        assert!(!after.contains_key("nonce"));
        assert_eq!(second.text("scope"), "email offline_access openid");
    }
}

#[tokio::test]
async fn a_lost_answer_heals_with_the_same_child() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let second = front.refresh(&front.app, first.refresh()).await.expect("tokens");
    wait(&front, 9);
    let again = front.refresh(&front.app, first.refresh()).await.expect("tokens");
    assert_eq!(second.refresh(), again.refresh());
    assert_eq!(front.store.refresh_tokens(front.view.tenant.id).len(), 2);
    front.refresh(&front.app, again.refresh()).await.expect("the child is good");
}

#[tokio::test]
async fn sixty_four_at_once_get_one_child() {
    let front = Arc::new(Front::new().await);
    let first = front.sign_in(&front.app, SCOPE).await;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (front, token) = (Arc::clone(&front), first.refresh().to_owned());
        callers.spawn(async move { front.refresh(&front.app, &token).await.expect("tokens").refresh().to_owned() });
    }
    let children: BTreeSet<_> = callers.join_all().await.into_iter().collect();
    assert_eq!(children.len(), 1);
    assert_eq!(front.store.refresh_tokens(front.view.tenant.id).len(), 2);
    assert_eq!(revoked(&front), None);
}

#[tokio::test]
async fn a_parent_after_the_grace_ends_the_grant() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let second = front.refresh(&front.app, first.refresh()).await.expect("tokens");
    wait(&front, 10);
    assert!(front.refresh(&front.app, first.refresh()).await.is_err());
    assert_eq!(revoked(&front), Some(RevocationReason::RefreshReplayed));
    assert!(front.refresh(&front.app, second.refresh()).await.is_err(), "the child is dead too");
    let replays = front.store.audit().into_iter().filter(|event| event.action == Action::RefreshReplayed);
    assert_eq!(replays.count(), 1);
}

#[tokio::test]
async fn a_grandparent_ends_the_grant_even_within_the_grace() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let second = front.refresh(&front.app, first.refresh()).await.expect("tokens");
    front.refresh(&front.app, second.refresh()).await.expect("tokens");
    assert!(front.refresh(&front.app, first.refresh()).await.is_err());
    assert_eq!(revoked(&front), Some(RevocationReason::RefreshReplayed));
}

#[tokio::test]
async fn without_grace_the_second_use_ends_the_grant() {
    let mut front = Front::new().await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.refresh_grace = Duration::ZERO;
    front.view = front.directory.show(crate::front::view_of(tenant, front.clock.now()));
    let first = front.sign_in(&front.app, SCOPE).await;
    front.refresh(&front.app, first.refresh()).await.expect("tokens");
    assert!(front.refresh(&front.app, first.refresh()).await.is_err());
    assert_eq!(revoked(&front), Some(RevocationReason::RefreshReplayed));
}

#[tokio::test]
async fn another_clients_token_stays_as_it_is() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let error = front.refresh(&front.site, first.refresh()).await.expect_err("foreign");
    assert_eq!(error.to_string(), "invalid_grant: the refresh token is unknown, expired, used or not this client's");
    front.refresh(&front.app, first.refresh()).await.expect("unharmed");
}

async fn narrowed(front: &Front, token: &Tokens, scope: &str) -> Result<Tokens, String> {
    let parameters = [("grant_type", "refresh_token"), ("refresh_token", token.refresh()), ("scope", scope)];
    front.token(&front.app, &parameters).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn scopes_narrow_for_one_answer_and_never_widen() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let error = narrowed(&front, &first, "openid profile").await.expect_err("wider");
    assert_eq!(error, "invalid_scope: scope is wider than what was granted");
    let narrow = narrowed(&front, &first, "email").await.expect("tokens");
    assert_eq!(narrow.text("scope"), "email");
    assert!(!narrow.has("id_token"));
    let full = narrowed(&front, &narrow, SCOPE).await.expect("tokens");
    assert_eq!(full.text("scope"), "email offline_access openid");
}

#[tokio::test]
async fn idle_and_absolute_lives_end() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    wait(&front, 14 * 86_400);
    assert!(front.refresh(&front.app, first.refresh()).await.is_err(), "idle for too long");

    let front = Front::new().await;
    let mut token = front.sign_in(&front.app, SCOPE).await;
    for _ in 0..8 {
        wait(&front, 11 * 86_400);
        token = front.refresh(&front.app, token.refresh()).await.expect("tokens");
    }
    wait(&front, 2 * 86_400);
    assert!(front.refresh(&front.app, token.refresh()).await.is_err(), "the family is too old");
}

#[tokio::test]
async fn who_is_gone_refreshes_nothing() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    front.sign_out().await;
    let second = front.refresh(&front.app, first.refresh()).await.expect("offline access outlives the session");
    front.update_user(&front.user.clone().disable().expect("enabled")).await;
    assert!(front.refresh(&front.app, second.refresh()).await.is_err());

    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let mut app = front.app.clone();
    app.grant_types.remove(&GrantType::RefreshToken);
    front.update(&app).await;
    let error = front.refresh(&front.app, first.refresh()).await.expect_err("not any more");
    assert!(error.to_string().starts_with("unauthorized_client"), "{error}");
}

#[tokio::test]
async fn other_tokens_are_no_refresh_tokens() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    let code = front.code(&front.app, SCOPE).await;
    for token in [first.access(), first.text("id_token"), &code, "x"] {
        let error = front.refresh(&front.app, token).await.expect_err("not one");
        assert!(error.to_string().starts_with("invalid_grant"), "{error}");
    }
}

#[tokio::test]
async fn the_database_alone_cannot_open_a_child() {
    let front = Front::new().await;
    let first = front.sign_in(&front.app, SCOPE).await;
    front.refresh(&front.app, first.refresh()).await.expect("tokens");
    let rows = front.store.refresh_tokens(front.view.tenant.id);
    let spent = rows.iter().find_map(|row| row.spent.as_ref()).expect("a spent parent");
    let open = |secret| {
        let purpose = chancery_domain::ports::jose::Purpose::RefreshChild;
        front.view.sealer.open_under(secret, purpose, &spent.sealed_child)
    };
    assert!(open(first.refresh()).is_some());
    assert!(open("").is_none());
}
