//! Choosing a password behind a link.

use std::time::Duration;

use chancery_accounts::{
    password_link::{ChoiceRefused, choose, follow},
    session,
    signin::SignInRefused,
};
use chancery_domain::{
    audit::Action,
    password_link::PasswordLink,
    ports::store::Store,
    secret::{Digest, OpaqueToken, Secret, TokenKind},
    time::Clock,
    view::TenantView,
};
use chancery_testkit::builders;

use crate::scene::{PASSWORD, Scene};

const NEW: &str = "battery staple";

/// A link of a day for Ada.
async fn link(scene: &Scene) -> OpaqueToken {
    let (token, now) = (OpaqueToken::generate(TokenKind::PasswordLink, &*scene.cx.random), scene.clock.now());
    let expires_at = now + PasswordLink::USUAL_LIFE;
    let link = PasswordLink { user: scene.ada.id, digest: token.digest(), created_at: now, expires_at };
    let tx = Store::begin(&scene.store, scene.view.tenant.id).await.expect("begun");
    tx.password_links().put(&link).await.expect("put");
    tx.commit().await.expect("committed");
    token
}

async fn set(scene: &Scene, link: &Digest, password: &str) -> Result<(), ChoiceRefused> {
    choose(&scene.cx, &scene.view, link, &Secret::new(password.to_owned())).await.map(drop)
}

async fn leads_somewhere(scene: &Scene, view: &TenantView, text: &str) -> bool {
    follow(&scene.cx, view, text).await.expect("read").is_some()
}

#[tokio::test]
async fn a_password_is_chosen_once_and_ends_what_was_before() {
    let scene = Scene::new().await;
    let before = scene.sign_in("ada", PASSWORD).await.expect("right");
    let token = link(&scene).await;
    let invited = follow(&scene.cx, &scene.view, token.expose()).await.expect("read").expect("it leads to Ada");
    assert_eq!(invited.user.id, scene.ada.id);
    assert!(leads_somewhere(&scene, &scene.view, token.expose()).await, "looking uses nothing up");

    set(&scene, &invited.link, NEW).await.expect("set");
    assert!(matches!(scene.sign_in("ada", PASSWORD).await, Err(SignInRefused::Wrong)));
    scene.sign_in("ada", NEW).await.expect("the new one is right");
    let resumed = session::resume(&scene.cx, &scene.view, before.cookie.expose()).await.expect("read");
    assert!(resumed.is_none(), "other sessions end");
    assert!(matches!(set(&scene, &invited.link, "a third one").await, Err(ChoiceRefused::Over)));
    assert!(!leads_somewhere(&scene, &scene.view, token.expose()).await);
    assert_eq!(scene.audited(Action::PasswordSet).len(), 1);
}

#[tokio::test]
async fn a_password_that_does_not_fit_leaves_the_link() {
    let scene = Scene::new().await;
    let token = link(&scene).await;
    assert!(matches!(set(&scene, &token.digest(), "short").await, Err(ChoiceRefused::Unfit(_))));
    set(&scene, &token.digest(), NEW).await.expect("set");
}

#[tokio::test]
async fn t168_a_link_that_leads_nowhere_looks_the_same_whatever_the_cause() {
    let scene = Scene::new().await;
    let token = link(&scene).await;
    let stranger = OpaqueToken::generate(TokenKind::PasswordLink, &*scene.cx.random);
    let cookie = OpaqueToken::generate(TokenKind::Session, &*scene.cx.random);
    for text in ["", "x", stranger.expose(), cookie.expose()] {
        assert!(!leads_somewhere(&scene, &scene.view, text).await, "{text}");
    }
    let other = builders::view(builders::tenant("bolt", &*scene.cx.random, scene.clock.now()), scene.clock.now());
    assert!(!leads_somewhere(&scene, &other, token.expose()).await, "of another tenant");
    assert!(leads_somewhere(&scene, &scene.view, token.expose()).await, "and not used up by it");

    scene.update(scene.ada.clone().disable().expect("enabled")).await;
    assert!(!leads_somewhere(&scene, &scene.view, token.expose()).await, "of somebody who may not sign in");
    assert!(matches!(set(&scene, &token.digest(), NEW).await, Err(ChoiceRefused::Over)));

    let scene = Scene::new().await;
    let token = link(&scene).await;
    scene.clock.advance(PasswordLink::USUAL_LIFE.saturating_sub(Duration::from_secs(1)));
    assert!(leads_somewhere(&scene, &scene.view, token.expose()).await);
    scene.clock.advance(Duration::from_secs(1));
    assert!(!leads_somewhere(&scene, &scene.view, token.expose()).await, "too old");
    assert!(matches!(set(&scene, &token.digest(), NEW).await, Err(ChoiceRefused::Over)));
}
