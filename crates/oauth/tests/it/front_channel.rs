//! Tokens that leave through the browser.

use std::time::Duration;

use chancery_domain::{
    profile::Profile,
    secret::base64url,
    session::Session,
    time::Clock,
    vocabulary::{GrantType, ResponseMode, ResponseType},
};
use chancery_oauth::{
    authorize::{self, Answer, Done, Refusal},
    userinfo,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::front::{CALLBACK, Front, challenge, request, told};

/// A good request for that response type.
fn asking<'a>(response_type: &'a str, scope: &'a str, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut asked = request("app", scope, challenge);
    asked.retain(|(name, _)| *name != "response_type");
    asked.extend([("response_type", response_type), ("nonce", "a nonce")]);
    asked
}

fn half(text: &str) -> String {
    base64url(&Sha256::digest(text)[..16])
}

fn names(answer: &Answer) -> Vec<&'static str> {
    answer.parameters.iter().map(|(name, _)| *name).collect()
}

fn error(refusal: &Refusal) -> Option<&str> {
    match refusal {
        Refusal::Answer(answer) => answer.parameter("error"),
        Refusal::Page(_) => None,
    }
}

#[tokio::test]
async fn p032_each_response_type_gives_what_it_names() {
    let front = Front::open().await;
    let challenge = challenge();
    for (response_type, given) in [
        ("id_token", &["id_token"][..]),
        ("id_token token", &["access_token", "token_type", "expires_in", "scope", "id_token"]),
        ("token id_token", &["access_token", "token_type", "expires_in", "scope", "id_token"]),
        ("code id_token", &["code", "id_token"]),
        ("code token", &["code", "access_token", "token_type", "expires_in", "scope"]),
        ("code id_token token", &["code", "access_token", "token_type", "expires_in", "scope", "id_token"]),
    ] {
        let answer = front.answer(&front.app, &asking(response_type, "openid email", &challenge)).await;
        assert_eq!(names(&answer), [given, &["session_state", "state", "iss"]].concat(), "{response_type}");
        assert_eq!(answer.mode, ResponseMode::Fragment, "{response_type}");
        if let Some(id_token) = answer.parameter("id_token") {
            let said = Front::claims(id_token);
            let hash = |name| answer.parameter(name).map_or(json!(null), |text| json!(half(text)));
            assert_eq!(said.get("at_hash").cloned().unwrap_or_default(), hash("access_token"), "{response_type}");
            assert_eq!(said.get("c_hash").cloned().unwrap_or_default(), hash("code"), "{response_type}");
            assert_eq!(said["s_hash"], half("a state"), "{response_type}");
            assert_eq!(said["nonce"], "a nonce", "{response_type}");
        }
        let location = front.location(answer).await;
        let (place, fragment) = location.split_once('#').expect("a fragment");
        assert_eq!(place, CALLBACK, "{response_type}");
        assert!(fragment.starts_with(given[0]), "{fragment}");
    }
}

#[tokio::test]
async fn p034_an_id_token_alone_tells_what_the_scopes_open() {
    let front = Front::open().await;
    let challenge = challenge();
    let answer = front.answer(&front.app, &asking("id_token", "openid email", &challenge)).await;
    let said = Front::claims(answer.parameter("id_token").expect("an ID token"));
    assert_eq!((&said["email"], &said["email_verified"]), (&json!("ada@example.com"), &json!(true)));
    assert_eq!(said["sub"], front.user.id.to_string());
    assert!(front.store.grants(front.view.tenant.id).is_empty(), "an ID token hangs on nothing");
    for response_type in ["id_token token", "code id_token"] {
        let answer = front.answer(&front.app, &asking(response_type, "openid email", &challenge)).await;
        let said = Front::claims(answer.parameter("id_token").expect("an ID token"));
        assert!(!said.contains_key("email"), "{response_type}: UserInfo tells it");
    }
}

#[tokio::test]
async fn p033_both_channels_speak_of_the_same_person_and_grant() {
    let front = Front::open().await;
    let challenge = challenge();
    let asked = asking("code id_token token", "openid offline_access", &challenge);
    let answer = front.answer(&front.app, &asked).await;
    let begun = front.store.grants(front.view.tenant.id).remove(0);
    front.clock.advance(Duration::from_secs(20));
    let tokens = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect("tokens");
    let [first, second] = [answer.parameter("id_token").expect("one"), tokens.text("id_token")].map(Front::claims);
    for claim in ["iss", "sub", "aud", "nonce", "auth_time", "sid"] {
        assert_eq!(first[claim], second[claim], "{claim}");
    }
    let grants = front.store.grants(front.view.tenant.id);
    assert_eq!(grants.len(), 1, "the code goes on with the grant of the access token beside it");
    assert!(grants[0].expires_at > begun.expires_at);
    assert!(tokens.has("refresh_token"));
    front.refresh(&front.app, tokens.refresh()).await.expect("tokens");
}

#[tokio::test]
async fn p039_a_code_used_twice_ends_the_token_that_left_beside_it() {
    let front = Front::open().await;
    let challenge = challenge();
    let answer = front.answer(&front.app, &asking("code token", "openid", &challenge)).await;
    let access = answer.parameter("access_token").expect("an access token");
    let code = answer.parameter("code").expect("a code");
    let tokens = front.redeem(&front.app, code).await.expect("tokens");
    for token in [access, tokens.access()] {
        userinfo::claims(&front.cx, &front.view, token).await.expect("claims");
    }
    let replayed = front.redeem(&front.app, code).await.expect_err("used").to_string();
    assert!(replayed.starts_with("invalid_grant"), "{replayed}");
    for token in [access, tokens.access()] {
        assert!(userinfo::claims(&front.cx, &front.view, token).await.is_err());
    }
}

#[tokio::test]
async fn a_grant_that_was_taken_back_before_its_code_was_used_stays_so() {
    let front = Front::open().await;
    let challenge = challenge();
    let answer = front.answer(&front.app, &asking("code token", "openid", &challenge)).await;
    front.sign_out().await;
    let refused = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect_err("refused");
    assert!(refused.to_string().starts_with("invalid_grant"), "{refused}");
    let access = answer.parameter("access_token").expect("an access token");
    assert!(userinfo::claims(&front.cx, &front.view, access).await.is_err());
}

#[tokio::test]
async fn what_leaves_through_the_browser_cannot_be_refreshed() {
    let front = Front::open().await;
    let challenge = challenge();
    let answer = front.answer(&front.app, &asking("id_token token", "openid offline_access", &challenge)).await;
    assert_eq!(answer.parameter("scope"), Some("openid"));
    assert!(answer.parameter("refresh_token").is_none());
    let grant = front.store.grants(front.view.tenant.id).remove(0);
    assert!(!grant.is_offline());
    front.clock.advance(Duration::from_secs(661));
    assert!(!grant.is_live(front.clock.now()), "it is over with its one token");
}

#[tokio::test]
async fn t023_what_is_not_switched_on_is_not_given() {
    let challenge = challenge();
    for (profile, switched_on, registered, expected) in [
        (Profile::Oidc, true, true, None),
        (Profile::Oidc, true, false, Some("unauthorized_client")),
        (Profile::Oidc, false, true, Some("unsupported_response_type")),
        (Profile::Oauth21, true, true, Some("unsupported_response_type")),
    ] {
        let mut front = Front::open().await;
        let mut tenant = front.view.tenant.clone();
        tenant.profile = profile;
        if !switched_on {
            tenant.settings.response_types = [ResponseType::Code, ResponseType::CodeToken].into();
        }
        front.view = front.directory.show(crate::front::view_of(tenant, front.clock.now()));
        if !registered {
            let mut app = front.app.clone();
            app.metadata.response_types.remove(&ResponseType::IdTokenToken);
            front.update(&app).await;
        }
        let refusal = front.check(&asking("id_token token", "openid", &challenge)).await.err();
        assert_eq!(refusal.as_ref().and_then(error), expected, "{profile:?} {switched_on} {registered}");
        if let Some(Refusal::Answer(answer)) = refusal {
            assert_eq!(answer.mode, ResponseMode::Fragment, "where a token was looked for");
        }
    }
    let front = Front::open().await;
    for unknown in ["token", "none", "code none", "code code", "id_token  token", "ID_TOKEN"] {
        let refusal = front.check(&asking(unknown, "openid", &challenge)).await.expect_err(unknown);
        assert_eq!(error(&refusal), Some("unsupported_response_type"), "{unknown}");
    }
    let mut app = front.app.clone();
    app.grant_types.remove(&GrantType::Implicit);
    front.update(&app).await;
    let refusal = front.check(&asking("code id_token", "openid", &challenge)).await.expect_err("no such grant");
    assert_eq!(error(&refusal), Some("unauthorized_client"));
}

#[tokio::test]
async fn p020_a_nonce_is_needed_where_an_id_token_leaves_through_the_browser() {
    let front = Front::open().await;
    let challenge = challenge();
    for response_type in ResponseType::ALL {
        let mut asked = asking(response_type.as_str(), "openid", &challenge);
        asked.retain(|(name, _)| *name != "nonce");
        let refusal = front.check(&asked).await.err();
        let expected = response_type.has_id_token().then_some("invalid_request");
        assert_eq!(refusal.as_ref().and_then(error), expected, "{response_type}");
    }
    let without_openid = front.check(&asking("id_token", "email", &challenge)).await.expect_err("no openid");
    assert_eq!(error(&without_openid), Some("invalid_request"));
}

#[tokio::test]
async fn t025_no_token_goes_into_a_query() {
    let front = Front::open().await;
    let challenge = challenge();
    for mode in ["query", "query.jwt"] {
        for response_type in ResponseType::ALL.iter().filter(|it| it.has_front_channel_token()) {
            let mut asked = asking(response_type.as_str(), "openid", &challenge);
            asked.push(("response_mode", mode));
            let refusal = front.check(&asked).await.expect_err(mode);
            let Refusal::Answer(answer) = &refusal else { panic!("{}", told(&refusal)) };
            assert_eq!(answer.parameter("error"), Some("invalid_request"), "{response_type}");
            assert_eq!((answer.mode, answer.parameter("state")), (ResponseMode::Fragment, Some("a state")));
        }
    }
}

#[tokio::test]
async fn p016_p022_errors_take_the_way_of_the_answer() {
    let front = Front::open().await;
    let challenge = challenge();
    for (response_type, mode, expected) in [
        ("code", None, ResponseMode::Query),
        ("code", Some("fragment"), ResponseMode::Fragment),
        ("code", Some("form_post"), ResponseMode::FormPost),
        ("code", Some("jwt"), ResponseMode::QueryJwt),
        ("code", Some("fragment.jwt"), ResponseMode::FragmentJwt),
        ("code id_token", None, ResponseMode::Fragment),
        ("code id_token", Some("form_post"), ResponseMode::FormPost),
        ("code id_token", Some("jwt"), ResponseMode::FragmentJwt),
        ("id_token", Some("form_post.jwt"), ResponseMode::FormPostJwt),
        ("", None, ResponseMode::Query),
        ("", Some("form_post"), ResponseMode::FormPost),
    ] {
        let mut asked = asking(response_type, "openid unheard-of", &challenge);
        asked.extend(mode.map(|mode| ("response_mode", mode)));
        let Err(Refusal::Answer(answer)) = front.check(&asked).await else { panic!("{response_type} {mode:?}") };
        assert_eq!(answer.mode, expected, "{response_type} {mode:?}");
        assert_eq!(answer.parameter("state"), Some("a state"), "{response_type} {mode:?}");
    }
}

#[tokio::test]
async fn a_client_without_a_code_needs_no_challenge() {
    let front = Front::open().await;
    let mut asked = asking("id_token token", "openid", "");
    asked.retain(|(name, _)| !name.starts_with("code_challenge"));
    front.check(&asked).await.expect("there is no code to bind");
    let mut asked = asking("code token", "openid", "");
    asked.retain(|(name, _)| !name.starts_with("code_challenge"));
    assert_eq!(error(&front.check(&asked).await.expect_err("a code")), Some("invalid_request"));
}

#[tokio::test]
async fn a_request_that_comes_back_gets_no_more_than_is_offered_then() {
    let mut front = Front::open().await;
    let challenge = challenge();
    let checked = front.check(&asking("id_token token", "openid", &challenge)).await.expect("a good request");
    let mut tenant = front.view.tenant.clone();
    tenant.settings.response_types = [ResponseType::Code].into();
    front.view = front.directory.show(crate::front::view_of(tenant, front.clock.now()));
    let refusal = authorize::recheck(&front.cx, &front.view, checked.request).await.expect_err("refused");
    assert_eq!(error(&refusal), Some("unsupported_response_type"));
}

#[tokio::test]
async fn nothing_leaves_without_a_session_and_consent() {
    let front = Front::open().await;
    let challenge = challenge();
    let checked = front.check(&asking("id_token token", "openid", &challenge)).await.expect("a good request");
    let issued =
        async |session: &Session| authorize::issue(&front.cx, &front.view, &checked, session, Done::default()).await;
    assert!(issued(&front.session).await.is_err(), "nobody allowed it");
    front.allow(&front.app, "openid").await;
    let over = Session { ended_at: Some(front.clock.now()), ..front.session.clone() };
    assert!(issued(&over).await.is_err());
    assert!(front.store.grants(front.view.tenant.id).is_empty());
    assert!(issued(&front.session).await.is_ok());
}
