//! What a client has to choose anew for each request.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor},
    ports::store::Store,
    session::Session,
    time::Clock,
};
use chancery_oauth::authorize::{self, Done};
use chancery_testkit::builders;

use crate::front::{Front, challenge, request};

/// Another session, of the same user or of another.
async fn session(front: &Front, other: Option<&str>) -> Session {
    let now = front.clock.now();
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
    let user = other.map(|name| builders::user(name, &*front.random, now));
    if let Some(user) = &user {
        tx.users().insert(user).await.expect("inserted");
    }
    let user = user.as_ref().unwrap_or(&front.user);
    let (session, _) = builders::session(user, &front.view.tenant, &*front.random, now);
    tx.sessions().insert(&session).await.expect("inserted");
    tx.commit().await.expect("committed");
    session
}

/// A code in that session, for one challenge and that nonce.
async fn given(front: &Front, session: &Session, scope: &str, nonce: &str) {
    let challenge = challenge();
    let mut asked = request("app", scope, &challenge);
    asked.retain(|(name, _)| *name != "nonce");
    asked.push(("nonce", nonce));
    let checked = front.check(&asked).await.expect("a good request");
    let mut trusted = checked.clone();
    std::sync::Arc::make_mut(&mut trusted.client).skip_consent = true;
    let before = front.store.transactions();
    authorize::issue(&front.cx, &front.view, &trusted, session, Done::default()).await.expect("a code");
    assert_eq!(front.store.transactions(), before + 1, "in the transaction of the code");
}

/// What was warned of, in order.
fn warnings(front: &Front) -> Vec<&'static str> {
    let events = front.store.audit();
    let events = events.iter().filter(|event| event.action == Action::ConstantValueSeen);
    let reasons = events.map(|event| {
        assert_eq!(event.author.actor, Actor::Client("app".parse().expect("an id")));
        event.reason.expect("a reason")
    });
    reasons.collect()
}

#[tokio::test]
async fn t063_a_challenge_in_two_sessions_is_warned_of_once_an_hour() {
    let front = Front::new().await;
    given(&front, &front.session, "openid", "one").await;
    given(&front, &front.session, "openid", "one").await;
    assert!(warnings(&front).is_empty(), "a page may be loaded again");
    let other = session(&front, Some("bob")).await;
    given(&front, &other, "openid", "two").await;
    assert_eq!(warnings(&front), ["constant_challenge"]);
    given(&front, &other, "openid", "one").await;
    assert_eq!(warnings(&front), ["constant_challenge", "constant_nonce"]);
    given(&front, &other, "openid", "one").await;
    front.clock.advance(Duration::from_secs(3599));
    given(&front, &other, "openid", "one").await;
    assert_eq!(warnings(&front).len(), 2, "quiet for an hour");
    front.clock.advance(Duration::from_secs(1));
    given(&front, &other, "openid", "one").await;
    assert_eq!(warnings(&front).len(), 4, "as long as it goes on");
}

#[tokio::test]
async fn t063_whoever_comes_back_after_signing_out_is_not_another() {
    let front = Front::new().await;
    given(&front, &front.session, "openid", "one").await;
    front.sign_out().await;
    let again = session(&front, None).await;
    given(&front, &again, "openid", "one").await;
    assert!(warnings(&front).is_empty());
    let elsewhere = session(&front, None).await;
    given(&front, &elsewhere, "openid", "one").await;
    assert!(warnings(&front).is_empty(), "the session that had it first is over, and was theirs");
    let other = session(&front, Some("bob")).await;
    given(&front, &other, "openid", "one").await;
    assert_eq!(warnings(&front), ["constant_challenge", "constant_nonce"]);
}

#[tokio::test]
async fn t063_what_protects_nothing_is_not_looked_at() {
    let front = Front::new().await;
    given(&front, &front.session, "email", "one").await;
    let other = session(&front, Some("bob")).await;
    given(&front, &other, "email", "one").await;
    assert_eq!(warnings(&front), ["constant_challenge"], "no ID token has the nonce");
    front.clock.advance(Duration::from_secs(86_400));
    let later = session(&front, Some("eve")).await;
    given(&front, &later, "email", "one").await;
    assert_eq!(warnings(&front).len(), 1, "forgotten after a day");
}
