//! What is remembered of a consent.

use chancery_accounts::consent;
use chancery_domain::{audit::Action, ports::store::Store, scope::ScopeSet, time::Clock};
use chancery_testkit::{SeededRandom, builders};

use crate::scene::Scene;

#[tokio::test]
async fn what_is_allowed_joins_what_was_allowed_before() {
    let scene = Scene::new().await;
    let client = builders::public_client("app", &SeededRandom::new(2), scene.clock.now());
    let scopes = |text| ScopeSet::parse(text).expect("scopes");
    for given in ["openid email", "openid profile"] {
        consent::give(&scene.cx, &scene.view, scene.ada.id, &client, &scopes(given)).await.expect("given");
    }
    let reader = Store::read(&scene.store, scene.view.tenant.id);
    let remembered = reader.consents().find(scene.ada.id, client.uid).await.expect("read").expect("there");
    assert_eq!(remembered.scopes, scopes("openid email profile"));
    assert!(!remembered.covers(&scopes("openid phone")));
    assert_eq!(scene.audited(Action::ConsentGiven).len(), 2);
}
