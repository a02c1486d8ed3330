//! Devices that cannot show a browser (RFC 8628).

use std::{net::IpAddr, time::Duration};

use chancery_domain::{
    audit::Action,
    client::Client,
    device::{CodeLength, UserCode},
    ports::store::Store,
    profile::Profile,
    scope::ScopeSet,
    time::Clock,
    vocabulary::GrantType,
};
use chancery_oauth::{
    device::{self, Circumstances, Decision, Shown},
    error::OAuthError,
};
use serde_json::Value;

use crate::{
    front::{Front, Tokens, form, view_of},
    logout_tokens::told,
};

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
const PENDING: &str = "authorization_pending: nobody has decided yet";
const UNKNOWN: &str = "invalid_grant: the device code is unknown, used or not this client's";
const OLD: &str = "expired_token: the device code is too old; ask for another";
const REFUSED: &str = "access_denied: the user refused";
const SOONER: &str = "slow_down: asked too early; wait 5 seconds longer between two questions from now on";

/// A tenant with devices: `app` is a public one, `site` a confidential one.
pub(crate) async fn home() -> Front {
    let mut front = Front::of(Profile::Oidc).await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.device_authorization = true;
    front.view = front.directory.show(view_of(tenant, front.clock.now()));
    for mut client in [front.app.clone(), front.site.clone()] {
        client.grant_types.insert(GrantType::DeviceCode);
        front.update(&client).await;
    }
    front
}

async fn begin(front: &Front, client: &Client, parameters: &[(&str, &str)]) -> Result<Value, OAuthError> {
    let circumstances = Circumstances { place: IpAddr::from([192, 0, 2, 7]), length: CodeLength::Usual };
    let (credentials, form) = (front.credentials(client), form(parameters));
    let codes = device::begin(&front.cx, &front.view, &credentials, &form, circumstances).await?;
    Ok(serde_json::to_value(&codes).expect("an object"))
}

/// The device code of a wish for these scopes.
pub(crate) async fn wish(front: &Front, scope: &str) -> (String, Shown) {
    let codes = begin(front, &front.app, &[("scope", scope)]).await.expect("codes");
    let user_code = UserCode::parse(codes["user_code"].as_str().expect("a code")).expect("a code");
    let rows = Store::read(&front.store, front.view.tenant.id);
    let wish = rows.devices().find_by_user_code(&user_code.digest()).await.expect("read").expect("there");
    let shown = device::find(&front.cx, &front.view, &wish.digest).await.expect("answers").expect("it waits");
    (codes["device_code"].as_str().expect("a code").to_owned(), shown)
}

pub(crate) async fn ask(front: &Front, client: &Client, code: &str) -> Result<Tokens, String> {
    front.token(client, &[GRANT, ("device_code", code)]).await.map_err(|error| error.to_string())
}

pub(crate) async fn approve(front: &Front, shown: &Shown) -> Decision {
    device::approve(&front.cx, &front.view, shown, &front.session).await.expect("decides")
}

/// Time goes by, and the view is kept fresh.
fn advance(front: &Front, by: Duration) {
    front.clock.advance(by);
    front.view.freshness.refresh(front.clock.now());
}

#[tokio::test]
async fn a_device_gets_what_somebody_allowed_it() {
    let front = home().await;
    let codes = begin(&front, &front.app, &[("scope", "openid email")]).await.expect("codes");
    let user_code = codes["user_code"].as_str().expect("a code");
    assert!(codes["device_code"].as_str().is_some_and(|code| code.starts_with("chd_") && code.len() > 43));
    assert!(user_code.len() == 9 && user_code.as_bytes()[4] == b'-', "{user_code}");
    let page = "https://id.example/t/acme/device";
    assert_eq!(codes["verification_uri"], page);
    assert_eq!(codes["verification_uri_complete"], format!("{page}?user_code={user_code}"));
    assert_eq!((&codes["expires_in"], &codes["interval"]), (&600.into(), &5.into()));

    let (code, shown) = wish(&front, "openid offline_access email").await;
    assert_eq!(shown.wish.place.to_string(), "192.0.2.7");
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("nobody decided"), PENDING);
    assert_eq!(approve(&front, &shown).await, Decision::Made);
    let tokens = ask(&front, &front.app, &code).await.expect("tokens");
    assert_eq!(tokens.text("scope"), "email offline_access openid");
    let id_token = Front::claims(tokens.text("id_token"));
    assert_eq!(id_token["sub"], front.user.id.to_string());
    assert_eq!(id_token["auth_time"], front.session.authenticated_at.seconds());
    assert!(front.refresh(&front.app, tokens.refresh()).await.is_ok());
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("used"), UNKNOWN);
    let audited = |action| front.store.audit().iter().filter(|event| event.action == action).count();
    assert_eq!((audited(Action::DeviceApproved), audited(Action::TokensIssued)), (1, 1));
}

#[tokio::test]
async fn t223_who_asks_too_often_has_to_wait_longer() {
    let front = home().await;
    let (code, shown) = wish(&front, "openid").await;
    let second = Duration::from_secs(1);
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("pending"), PENDING);
    advance(&front, 4 * second);
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("too early"), SOONER);
    // Now it is ten seconds, from the question that came too early on.
    advance(&front, 9 * second);
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("too early"), SOONER);
    advance(&front, 15 * second);
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("pending"), PENDING);
    approve(&front, &shown).await;
    assert!(ask(&front, &front.app, &code).await.is_ok(), "what is there is given at once");
}

#[tokio::test]
async fn t224_another_client_or_tenant_gets_nothing() {
    let front = home().await;
    let (code, shown) = wish(&front, "openid").await;
    approve(&front, &shown).await;
    assert_eq!(ask(&front, &front.site, &code).await.expect_err("another client"), UNKNOWN);
    let elsewhere = home().await;
    assert_eq!(ask(&elsewhere, &elsewhere.app, &code).await.expect_err("another tenant"), UNKNOWN);
    for guess in ["", "chd_", "chc_x", &code[..code.len() - 1]] {
        let told = ask(&front, &front.app, guess).await.expect_err("a guess");
        let expected = if guess.is_empty() { "invalid_request: device_code is missing" } else { UNKNOWN };
        assert_eq!(told, expected, "{guess}");
    }
    assert!(ask(&front, &front.app, &code).await.is_ok(), "nothing was used up");
}

#[tokio::test]
async fn t226_one_decision_counts_and_one_redemption() {
    let front = home().await;
    let (code, shown) = wish(&front, "openid").await;
    assert_eq!(device::deny(&front.cx, &front.view, &shown, &front.session).await.expect("decides"), Decision::Made);
    assert_eq!(approve(&front, &shown).await, Decision::TooLate);
    assert_eq!(ask(&front, &front.app, &code).await.expect_err("refused"), REFUSED);
    assert!(device::find(&front.cx, &front.view, &shown.wish.digest).await.expect("answers").is_none());

    let (code, shown) = wish(&front, "openid").await;
    let both = tokio::join!(approve(&front, &shown), approve(&front, &shown));
    assert!(matches!(both, (Decision::Made, Decision::TooLate) | (Decision::TooLate, Decision::Made)), "{both:?}");
    let (one, two) = tokio::join!(ask(&front, &front.app, &code), ask(&front, &front.app, &code));
    assert_eq!([&one, &two].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(one.err().or(two.err()).as_deref(), Some(UNKNOWN));
    assert_eq!(front.store.grants(front.view.tenant.id).len(), 1);

    // Too old, for whoever decides and for the device.
    let (code, shown) = wish(&front, "openid").await;
    let (allowed, early) = wish(&front, "openid").await;
    approve(&front, &early).await;
    advance(&front, Duration::from_secs(600));
    assert_eq!(approve(&front, &shown).await, Decision::TooLate);
    for code in [code, allowed] {
        assert_eq!(ask(&front, &front.app, &code).await.expect_err("too old"), OLD);
    }
}

#[tokio::test]
async fn t227_only_who_registered_it_at_a_tenant_that_offers_it() {
    let front = home().await;
    let mut client = front.app.clone();
    client.grant_types.remove(&GrantType::DeviceCode);
    front.update(&client).await;
    let told = begin(&front, &front.app, &[]).await.expect_err("refused").to_string();
    assert_eq!(told, "unauthorized_client: the client may not use this grant_type");
    assert_eq!(ask(&front, &front.app, "chd_x").await.expect_err("refused"), told);
    let plain = Front::of(Profile::Oidc).await;
    let told = begin(&plain, &plain.app, &[]).await.expect_err("refused").to_string();
    assert_eq!(told, "unsupported_grant_type: there is no such grant_type here");

    // What a client lost after it asked, it does not get.
    let front = home().await;
    let (code, shown) = wish(&front, "openid email").await;
    approve(&front, &shown).await;
    let mut client = front.app.clone();
    client.grant_types.insert(GrantType::DeviceCode);
    client.scopes = ScopeSet::parse("openid").expect("scopes");
    front.update(&client).await;
    assert_eq!(ask(&front, &front.app, &code).await.expect("tokens").text("scope"), "openid");
}

#[tokio::test]
async fn what_may_not_be_asked_for_is_refused_at_once() {
    let front = home().await;
    for (parameters, expected) in [
        (("scope", "openid payroll"), "invalid_scope: a scope does not exist, or the client may not ask for it"),
        (("resource", "urn:nobody"), "invalid_target: a resource does not exist, or the client may not ask for it"),
    ] {
        let told = begin(&front, &front.app, &[parameters]).await.expect_err("refused").to_string();
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn whoever_signs_out_before_the_device_asks_takes_it_back() {
    let front = home().await;
    let (code, shown) = wish(&front, "openid").await;
    approve(&front, &shown).await;
    front.sign_out().await;
    let told = ask(&front, &front.app, &code).await.expect_err("refused");
    assert_eq!(told, "invalid_grant: whoever allowed it has signed out since, or is disabled");
}

#[tokio::test]
async fn p051_a_device_that_knows_a_session_is_told_of_its_end() {
    let front = home().await;
    front.update(&told(&front.client("app").await)).await;
    let taking_part = async || {
        let rows = Store::read(&front.store, front.view.tenant.id);
        rows.session_clients().of_session(front.session.id).await.expect("read")
    };
    for (scope, expected) in [("email", vec![]), ("openid email", vec![front.app.uid])] {
        let (code, shown) = wish(&front, scope).await;
        approve(&front, &shown).await;
        let tokens = ask(&front, &front.app, &code).await.expect("tokens");
        assert_eq!(tokens.has("id_token"), !expected.is_empty());
        assert_eq!(taking_part().await, expected, "{scope}");
    }
}
