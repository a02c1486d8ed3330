//! Who gets in, and what the others are told.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use chancery_accounts::{
    password::{Cost, PasswordGate},
    session,
    signin::SignInRefused,
};
use chancery_domain::{audit::Action, time::Clock};
use chancery_testkit::{SeededRandom, builders};

use crate::scene::{PASSWORD, Scene};

const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

#[tokio::test]
async fn a_user_signs_in_by_name_or_by_address() {
    let scene = Scene::new().await;
    for login in ["ada", "ADA", " ada@Example.com "] {
        let signed_in = scene.sign_in(login, PASSWORD).await.expect("right");
        assert_eq!(signed_in.user.id, scene.ada.id);
        assert_eq!(signed_in.session.amr, ["pwd"]);
        assert_eq!(signed_in.session.authenticated_at, scene.clock.now());
        assert_eq!(signed_in.session.digest, signed_in.cookie.digest());
        let resumed = session::resume(&scene.cx, &scene.view, signed_in.cookie.expose()).await.expect("read");
        assert_eq!(resumed.map(|session| session.id), Some(signed_in.session.id));
    }
    assert_eq!(scene.audited(Action::SignedIn).len(), 3);
}

#[tokio::test]
async fn everybody_else_is_told_the_same() {
    let scene = Scene::new().await;
    let random = SeededRandom::new(2);
    let now = scene.clock.now();
    let without = builders::user("bob", &random, now);
    let mut disabled = builders::user("eve", &random, now);
    disabled.password = scene.ada.password.clone();
    scene.insert(&without).await;
    scene.insert(&disabled.disable().expect("enabled")).await;
    let cases = [
        ("ada", "wrong password", "wrong_password"),
        ("ada", "Correct Horse Battery", "wrong_password"),
        ("ada", " correct horse battery ", "wrong_password"),
        ("bob", PASSWORD, "no_password"),
        ("eve", PASSWORD, "disabled_user"),
        ("nobody", PASSWORD, "unknown_user"),
        ("not a login", PASSWORD, "unknown_user"),
        ("", "", "unknown_user"),
        ("a@b@c", &"x".repeat(2000), "unknown_user"),
    ];
    for (login, password, _) in cases {
        let refused = scene.sign_in(login, password).await.err();
        assert!(matches!(refused, Some(SignInRefused::Wrong)), "{login}: {refused:?}");
    }
    let reasons = cases.map(|(_, _, reason)| reason);
    assert_eq!(scene.audited(Action::SignInRefused), reasons);
    assert!(scene.audited(Action::SignedIn).is_empty());
}

#[tokio::test]
async fn audit_never_holds_what_was_typed() {
    let scene = Scene::new().await;
    scene.sign_in("mallory@example.com", "hunter2 hunter2").await.expect_err("wrong");
    scene.sign_in("ada@example.com", "hunter2 hunter2").await.expect_err("wrong");
    let events = format!("{:?}", scene.store.audit());
    assert!(!events.contains("example.com") && !events.contains("hunter2"), "{events}");
}

#[tokio::test]
async fn guessing_gets_slower_whichever_name_is_used() {
    let scene = Scene::new().await;
    for login in ["ada", "ada@example.com", "ADA", "ada", "ada"] {
        assert!(matches!(scene.sign_in(login, "wrong password").await, Err(SignInRefused::Wrong)));
    }
    let refused = scene.sign_in("ada@example.com", PASSWORD).await.err();
    let Some(SignInRefused::TooMany { retry_after }) = refused else { panic!("{refused:?}") };
    assert_eq!(retry_after, Duration::from_secs(1));
    assert_eq!(scene.audited(Action::SignInRefused).last(), Some(&"throttled"));
    scene.clock.advance(retry_after);
    assert!(scene.sign_in("ada", PASSWORD).await.is_ok());
    assert!(matches!(scene.sign_in_from("ada", "wrong password", ELSEWHERE).await, Err(SignInRefused::Wrong)));
}

#[tokio::test]
async fn parallel_guesses_do_not_outrun_the_counter() {
    let scene = std::sync::Arc::new(Scene::with(PasswordGate::new(2, 100, Cost::LEAST)).await);
    let guesses: Vec<_> = (0..50)
        .map(|n| {
            let scene = std::sync::Arc::clone(&scene);
            tokio::spawn(async move { scene.sign_in("ada", &format!("guess {n}")).await.err() })
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        looked_at += u32::from(matches!(guess.await.expect("ran"), Some(SignInRefused::Wrong)));
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn a_busy_gate_or_an_absent_store_is_not_held_against_anybody() {
    let scene = Scene::with(PasswordGate::new(1, 0, Cost { memory: 64 * 1024, passes: 3, lanes: 1 })).await;
    let slow = scene.sign_in("nobody", "whatever it is");
    let busy = async {
        tokio::task::yield_now().await;
        for _ in 0..20 {
            assert!(matches!(scene.sign_in("ada", PASSWORD).await, Err(SignInRefused::Busy)));
        }
    };
    let (slow, ()) = tokio::join!(slow, busy);
    assert!(matches!(slow, Err(SignInRefused::Wrong)));
    scene.store.take_away(true);
    assert!(matches!(scene.sign_in("ada", PASSWORD).await, Err(SignInRefused::Ours(_))));
    scene.store.take_away(false);
    assert!(scene.sign_in("ada", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_suspended_tenant_lets_nobody_in() {
    let mut scene = Scene::new().await;
    let cookie = scene.sign_in("ada", PASSWORD).await.expect("right").cookie;
    scene.view.tenant = scene.view.tenant.suspend().expect("active");
    assert!(matches!(scene.sign_in("ada", PASSWORD).await, Err(SignInRefused::Wrong)));
    let resumed = session::resume(&scene.cx, &scene.view, cookie.expose()).await.expect("read");
    assert!(resumed.is_none());
}
