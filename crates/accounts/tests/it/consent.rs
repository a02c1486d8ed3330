//! What is remembered of a consent.

use std::time::Duration;

use chancery_accounts::consent;
use chancery_domain::{
    audit::Action,
    ports::{answered_pages::AnsweredPage, store::Store},
    scope::ScopeSet,
    secret::Digest,
    time::Clock,
};
use chancery_testkit::{SeededRandom, builders};

use crate::scene::Scene;

fn page(scene: &Scene, name: &str) -> AnsweredPage {
    AnsweredPage { digest: Digest::of("test", name.as_bytes()), until: scene.clock.now() + Duration::from_secs(60) }
}

#[tokio::test]
async fn what_is_allowed_joins_what_was_allowed_before() {
    let scene = Scene::new().await;
    let client = builders::public_client("app", &SeededRandom::new(2), scene.clock.now());
    let scopes = |text| ScopeSet::parse(text).expect("scopes");
    for (number, given) in ["openid email", "openid profile"].into_iter().enumerate() {
        let page = page(&scene, &number.to_string());
        let first = consent::give(&scene.cx, &scene.view, scene.ada.id, &client, &scopes(given), &page).await;
        assert!(first.expect("given"));
    }
    let reader = Store::read(&scene.store, scene.view.tenant.id);
    let remembered = reader.consents().find(scene.ada.id, client.uid).await.expect("read").expect("there");
    assert_eq!(remembered.scopes, scopes("openid email profile"));
    assert!(!remembered.covers(&scopes("openid phone")));
    assert_eq!(scene.audited(Action::ConsentGiven).len(), 2);
}

#[tokio::test]
async fn t184_a_page_that_was_answered_gives_nothing_again() {
    let scene = Scene::new().await;
    let client = builders::public_client("app", &SeededRandom::new(2), scene.clock.now());
    let (scopes, page) = (ScopeSet::parse("openid").expect("scopes"), page(&scene, "one"));
    let give =
        async || consent::give(&scene.cx, &scene.view, scene.ada.id, &client, &scopes, &page).await.expect("answers");
    assert!(give().await);
    assert!(give().await, "it still stands");
    assert_eq!(scene.audited(Action::ConsentGiven).len(), 1);
    let tx = Store::begin(&scene.store, scene.view.tenant.id).await.expect("begun");
    assert!(tx.consent_withdrawals().withdraw(scene.ada.id, client.uid).await.expect("withdrawn"));
    tx.commit().await.expect("committed");
    assert!(!give().await);
    let reader = Store::read(&scene.store, scene.view.tenant.id);
    assert!(reader.consents().find(scene.ada.id, client.uid).await.expect("read").is_none());
    assert_eq!(scene.audited(Action::ConsentGiven).len(), 1);
}
