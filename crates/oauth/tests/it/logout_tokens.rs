//! What clients are told behind the browser's back.

use std::sync::Arc;

use chancery_domain::{
    client::{BackchannelUri, Client, ClientLogout, IdTokenSigning},
    delivery::Delivery,
    id::TenantId,
    logout::EndedSessions,
    logout_scope::LogoutScope,
    outbound::Reach,
    ports::{
        deliveries::{Made, MakeDelivery, Owed, Wish},
        platform::PlatformStore,
        store::Store,
    },
    profile::Profile,
    time::Clock,
};
use chancery_oauth::{
    Context,
    logout::{self, LogoutTokens},
};
use chancery_testkit::{directory::MemoryDirectory, memory::MemoryStore};
use serde_json::json;

use crate::{
    front::{Front, form, view_of},
    shared_secrets::{front_of, header},
};

const TARGET: &str = "https://app.example/ended";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

pub(crate) fn told(client: &Client) -> Client {
    let uri = BackchannelUri::from(&Reach::public().check(TARGET).expect("public"));
    let mut client = client.clone();
    client.metadata.logout = ClientLogout { backchannel_uri: Some(uri), ..ClientLogout::default() };
    client
}

/// The user's session ends, and what is owed is claimed.
async fn owed(front: &Front) -> Vec<Owed> {
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("begun");
    let now = front.clock.now();
    assert!(tx.sessions().end(front.session.id, now).await.expect("ended"));
    let sessions = [front.session.id];
    let ended = EndedSessions { tenant: &front.view.tenant.slug, user: front.user.id, sessions: &sessions, at: now };
    ended.announce(&*tx, &*front.random).await.expect("announced");
    tx.commit().await.expect("committed");
    let tx = PlatformStore::begin(&front.store).await.expect("begun");
    let wish = Wish { most: 10, of_one_place: 10, of_one_tenant: 10, not_for: Vec::new(), not_of: Vec::new() };
    tx.deliveries().claim(now, now + Delivery::LIFE, &wish).await.expect("claimed")
}

async fn made(front: &Front, owed: &Owed) -> Option<String> {
    made_by(&front.cx, owed).await.map(|(_, token)| token)
}

/// Where it goes, and the token.
async fn made_by(cx: &Context, owed: &Owed) -> Option<(String, String)> {
    match LogoutTokens::new(cx.clone()).make(owed).await.expect("made") {
        Made::Form { target, pairs } => {
            let [(name, token)] = &pairs[..] else { panic!("one parameter") };
            assert_eq!(*name, "logout_token");
            Some((target, token.clone()))
        }
        Made::Nothing => None,
    }
}

#[tokio::test]
async fn p051_whoever_got_an_answer_in_the_session_is_told_once_and_in_the_right_words() {
    let front = Front::new().await;
    front.update(&told(&front.app)).await;
    let app = front.client("app").await;
    for _ in 0..2 {
        front.sign_in(&app, "openid").await;
    }
    front.sign_in(&front.site, "openid").await;
    let owed = owed(&front).await;
    let [only] = &owed[..] else { panic!("{} deliveries", owed.len()) };
    assert_eq!((only.delivery.client, only.delivery.target.as_str()), (front.app.uid, TARGET));

    let token = made(&front, only).await.expect("a token");
    assert_eq!(header(&token)["typ"], "logout+jwt");
    let (now, mut claims) = (front.clock.now().seconds(), Front::claims(&token));
    assert!(claims.remove("jti").is_some_and(|jti| jti.as_str().is_some_and(|jti| jti.len() >= 22)));
    let expected = json!({
        "iss": front.view.issuer.as_str(), "aud": "app", "iat": now, "exp": now + 120, "events": { EVENT: {} },
        "sub": front.user.id.to_string(), "sid": front.session.id.to_string(),
    });
    assert_eq!(serde_json::Value::Object(claims), expected);

    let again = made(&front, only).await.expect("a token");
    assert_ne!(Front::claims(&again)["jti"], Front::claims(&token)["jti"], "each attempt is a token of its own");
}

#[tokio::test]
async fn p051_what_signs_its_id_tokens_signs_what_it_is_told() {
    let (front, site) = front_of(Profile::Oidc).await;
    assert_eq!(site.id_token_signing, IdTokenSigning::ClientSecret);
    front.update(&told(&site)).await;
    let site = front.client("site").await;
    front.sign_in(&site, "openid").await;
    let token = made(&front, &owed(&front).await[0]).await.expect("a token");
    let header = header(&token);
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("HS256"), Some("logout+jwt")));
}

#[tokio::test]
async fn a_notice_that_has_become_pointless_is_dropped() {
    let front = Front::new().await;
    front.update(&told(&front.app)).await;
    let app = front.client("app").await;
    front.sign_in(&app, "openid").await;
    let owed = owed(&front).await.remove(0);
    let elsewhere = Owed { tenant: TenantId::generate(&*front.random, front.clock.now()), ..owed.clone() };
    assert!(made(&front, &elsewhere).await.is_none(), "another tenant has the name now");

    let mut silent = front.client("app").await;
    silent.metadata.logout = ClientLogout::default();
    front.update(&silent).await;
    assert!(made(&front, &owed).await.is_none(), "it no longer asks for it");
}

#[tokio::test]
async fn p051_a_notice_goes_to_where_its_client_is_by_then() {
    const ELSEWHERE: &str = "https://new.example/logout";
    let front = Front::new().await;
    front.update(&told(&front.app)).await;
    let app = front.client("app").await;
    front.sign_in(&app, "openid").await;
    let owed = owed(&front).await.remove(0);
    let mut moved = front.client("app").await;
    let uri = BackchannelUri::from(&Reach::public().check(ELSEWHERE).expect("public"));
    moved.metadata.logout.backchannel_uri = Some(uri);
    front.update(&moved).await;
    let (target, token) = made_by(&front.cx, &owed).await.expect("a token");
    assert_eq!((target.as_str(), Front::claims(&token)["aud"].as_str()), (ELSEWHERE, Some("app")));

    // A process that has not heard of the client yet asks the rows.
    let behind = MemoryDirectory::new(MemoryStore::default());
    behind.show(view_of(front.view.tenant.clone(), front.session.authenticated_at));
    let cx = Context { directory: Arc::new(behind), ..front.cx.clone() };
    assert_eq!(made_by(&cx, &owed).await.expect("a token").0, ELSEWHERE);
}

#[tokio::test]
async fn a_client_that_signs_out_of_itself_alone_leaves_the_others_alone() {
    let front = Front::new().await;
    let hint = front.sign_in(&front.app, "openid").await.text("id_token").to_owned();
    let asks = async || {
        let parameters = form(&[("id_token_hint", hint.as_str())]);
        logout::check(&front.cx, &front.view, &parameters, Some(&front.session)).await.expect("good").only
    };
    assert_eq!(asks().await, None);
    let mut app = front.client("app").await;
    app.metadata.logout.scope = Some(LogoutScope::Client);
    front.update(&app).await;
    assert_eq!(asks().await, Some(app.uid));
    let unproven = logout::check(&front.cx, &front.view, &form(&[("client_id", "app")]), Some(&front.session)).await;
    let unproven = unproven.expect("a page");
    assert!(unproven.needs_confirmation && unproven.only.is_none(), "whoever is asked signs out of all");
}
