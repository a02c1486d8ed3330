//! How long a session is believed.

use std::time::Duration;

use chancery_accounts::session;
use chancery_domain::{
    audit::Action,
    claims_request::ClaimsRequest,
    code::Code,
    device::{Approval, DeviceAuthorization, DeviceState},
    grant::Grant,
    id::{ClientUid, GrantId, SessionId},
    ports::store::Store,
    resource::ResourceSet,
    scope::ScopeSet,
    secret::{OpaqueToken, TokenKind},
    session::Session,
    time::Clock,
};
use chancery_testkit::{SeededRandom, builders};

use crate::scene::{HERE, PASSWORD, Scene};

async fn resume(scene: &Scene, cookie: &str) -> Option<Session> {
    session::resume(&scene.cx, &scene.view, cookie).await.expect("read")
}

#[tokio::test]
async fn a_session_is_over_when_unused_or_old() {
    let scene = Scene::new().await;
    let day = Duration::from_secs(86_400);
    let cookie = scene.sign_in("ada", PASSWORD).await.expect("right").cookie;
    for _ in 0..14 {
        scene.clock.advance(Duration::from_secs(86_399));
        assert!(resume(&scene, cookie.expose()).await.is_some());
    }
    scene.clock.advance(Duration::from_secs(14));
    assert!(resume(&scene, cookie.expose()).await.is_none(), "too old, though used a moment ago");

    let cookie = scene.sign_in("ada", PASSWORD).await.expect("right").cookie;
    scene.clock.advance(day);
    assert!(resume(&scene, cookie.expose()).await.is_none(), "unused for too long");
}

#[tokio::test]
async fn use_is_written_down_once_a_minute() {
    let scene = Scene::new().await;
    let cookie = scene.sign_in("ada", PASSWORD).await.expect("right").cookie;
    let before = scene.store.transactions();
    for _ in 0..59 {
        scene.clock.advance(Duration::from_secs(1));
        resume(&scene, cookie.expose()).await.expect("live");
    }
    assert_eq!(scene.store.transactions(), before);
    scene.clock.advance(Duration::from_secs(1));
    let session = resume(&scene, cookie.expose()).await.expect("live");
    assert_eq!(session.last_seen_at, scene.clock.now());
    resume(&scene, cookie.expose()).await.expect("live");
    assert_eq!(scene.store.transactions(), before + 1);
}

#[tokio::test]
async fn only_its_own_cookie_resumes_a_session() {
    let scene = Scene::new().await;
    let signed_in = scene.sign_in("ada", PASSWORD).await.expect("right");
    let cookie = signed_in.cookie.expose();
    for wrong in ["", "chs_", "chs_AAAA", &cookie[..cookie.len() - 1], &cookie.replace("chs_", "chr_")] {
        assert!(resume(&scene, wrong).await.is_none(), "{wrong}");
    }
    let other = builders::view(builders::tenant("globex", &SeededRandom::new(3), scene.clock.now()), scene.clock.now());
    assert!(session::resume(&scene.cx, &other, cookie).await.expect("read").is_none(), "of another tenant");
}

#[tokio::test]
async fn a_disabled_user_has_no_session() {
    let scene = Scene::new().await;
    let cookie = scene.sign_in("ada", PASSWORD).await.expect("right").cookie;
    scene.update(scene.ada.clone().disable().expect("enabled")).await;
    assert!(resume(&scene, cookie.expose()).await.is_none());
}

#[tokio::test]
async fn signing_out_takes_back_what_the_session_gave_but_for_offline_access() {
    let scene = Scene::new().await;
    let signed_in = scene.sign_in("ada", PASSWORD).await.expect("right");
    let random = SeededRandom::new(4);
    let now = scene.clock.now();
    let grant = |scopes: &str| Grant {
        id: GrantId::generate(&random, now),
        client: ClientUid::generate(&random, now),
        user: scene.ada.id,
        session: signed_in.session.id,
        scopes: ScopeSet::parse(scopes).expect("scopes"),
        resources: ResourceSet::default(),
        authenticated_at: now,
        amr: Vec::new(),
        acr: None,
        claims: ClaimsRequest::default(),
        created_at: now,
        expires_at: now + Duration::from_secs(600),
        revoked: None,
    };
    let (online, offline) = (grant("openid"), grant("openid offline_access"));
    let tx = Store::begin(&scene.store, scene.view.tenant.id).await.expect("begun");
    for grant in [&online, &offline] {
        tx.grants().insert(grant).await.expect("inserted");
    }
    tx.commit().await.expect("committed");

    for _ in 0..2 {
        session::end(&scene.cx, &scene.view, &signed_in.session).await.expect("ended");
    }
    assert!(resume(&scene, signed_in.cookie.expose()).await.is_none());
    let revoked = |id| scene.store.grants(scene.view.tenant.id).iter().any(|g| g.id == id && g.revoked.is_some());
    assert!(revoked(online.id) && !revoked(offline.id));
    assert_eq!(scene.audited(Action::SignedOut).len(), 1, "ending it again does nothing");
}

#[tokio::test]
async fn who_proves_anew_who_they_are_keeps_the_session_under_another_cookie() {
    let scene = Scene::new().await;
    let first = scene.sign_in("ada", PASSWORD).await.expect("right");
    scene.clock.advance(Duration::from_secs(5));
    let second = scene.sign_in_after("ada", PASSWORD, &first.session).await.expect("right");
    assert_eq!(second.session.id, first.session.id);
    assert_eq!(second.session.authenticated_at, scene.clock.now());
    assert!(resume(&scene, first.cookie.expose()).await.is_none(), "the cookie before opens nothing");
    let resumed = resume(&scene, second.cookie.expose()).await.expect("live");
    assert_eq!((resumed.id, resumed.authenticated_at), (first.session.id, scene.clock.now()));

    session::end(&scene.cx, &scene.view, &resumed).await.expect("ended");
    let third = scene.sign_in_after("ada", PASSWORD, &resumed).await.expect("right");
    assert_ne!(third.session.id, first.session.id, "what has ended does not go on");
}

#[tokio::test]
async fn a_client_that_is_left_redeems_nothing_more_of_the_session() {
    let scene = Scene::new().await;
    let signed_in = scene.sign_in("ada", PASSWORD).await.expect("right");
    let (random, now) = (SeededRandom::new(4), scene.clock.now());
    let [left, other] = [(); 2].map(|()| ClientUid::generate(&random, now));
    let another = SessionId::generate(&random, now);
    let code = |client, session| Code {
        digest: OpaqueToken::generate(TokenKind::Code, &random).digest(),
        grant: GrantId::generate(&random, now),
        grant_begun: false,
        client,
        user: scene.ada.id,
        session,
        redirect_uri: "https://app.example/cb".to_owned(),
        redirect_uri_asked: true,
        challenge: None,
        nonce: None,
        scopes: ScopeSet::parse("openid offline_access").expect("scopes"),
        resources: ResourceSet::default(),
        authenticated_at: now,
        amr: Vec::new(),
        acr: None,
        claims: ClaimsRequest::default(),
        confirmation: None,
        issued_at: now,
        expires_at: now + Duration::from_secs(60),
        redeemed_at: None,
    };
    let session = signed_in.session.id;
    let codes = [code(left, session), code(other, session), code(left, another)];
    let wish = DeviceAuthorization {
        digest: OpaqueToken::generate(TokenKind::Device, &random).digest(),
        user_code: OpaqueToken::generate(TokenKind::Device, &random).digest(),
        client: left,
        scopes: ScopeSet::parse("openid").expect("scopes"),
        resources: ResourceSet::default(),
        place: HERE,
        interval: DeviceAuthorization::INTERVAL,
        state: DeviceState::Pending,
        created_at: now,
        expires_at: now + DeviceAuthorization::LIFE,
    };
    let grant = GrantId::generate(&random, now);
    let approval = Approval { grant, user: scene.ada.id, session, authenticated_at: now, amr: Vec::new() };
    let tx = Store::begin(&scene.store, scene.view.tenant.id).await.expect("begun");
    for code in &codes {
        tx.codes().insert(code).await.expect("inserted");
    }
    tx.devices().insert(&wish).await.expect("inserted");
    assert!(tx.devices().approve(&wish.digest, &approval, now).await.expect("approved"));
    tx.commit().await.expect("committed");

    session::leave(&scene.cx, &scene.view, &signed_in.session, left).await.expect("left");
    let rows = Store::read(&scene.store, scene.view.tenant.id);
    let mut stay = Vec::new();
    for code in &codes {
        stay.push(rows.codes().find(&code.digest).await.expect("read").is_some());
    }
    assert_eq!(stay, [false, true, true]);
    assert!(rows.devices().find(&wish.digest).await.expect("read").is_none());
}
