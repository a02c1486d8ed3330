//! What the authorization endpoint refuses, and how.

use std::time::Duration;

use chancery_domain::{
    profile::Profile,
    redirect_uri::RedirectUri,
    vocabulary::{GrantType, ResponseMode},
};
use chancery_oauth::{
    authorize::{self, Done, Refusal},
    parameters::Parameters,
};

use crate::front::{CALLBACK, Front, challenge, form, request, told, told_answer};

/// The good request with one parameter replaced, added, or (with the empty text) left out.
fn with<'a>(good: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut changed: Vec<_> = good.iter().copied().filter(|(own, _)| *own != name).collect();
    if !value.is_empty() {
        changed.push((name, value));
    }
    changed
}

#[tokio::test]
async fn every_refusal_has_its_answer() {
    let front = Front::new().await;
    let challenge = challenge();
    let good = request("app", "openid profile", &challenge);
    assert!(front.check(&good).await.is_ok());
    let (long, longer, longest) = ("x".repeat(385), "x".repeat(1025), "x".repeat(16_384));
    let many_scopes = "scope ".repeat(2000);
    let cases = [
        ("client_id", ""),
        ("client_id", "nobody"),
        ("client_id", "no body"),
        ("redirect_uri", ""),
        ("redirect_uri", "https://app.example/cb/"),
        ("redirect_uri", "https://app.example/cb?x=1"),
        ("redirect_uri", "https://app.example/cb#x"),
        ("redirect_uri", "https://APP.example/cb"),
        ("redirect_uri", "https://app.example:443/cb"),
        ("redirect_uri", "https://app.example/x/../cb"),
        ("redirect_uri", "https://app.example/cb\r\nSet-Cookie: x"),
        ("response_mode", "web_message"),
        ("response_mode", "Query"),
        ("state", &longest),
        ("request", "eyJ"),
        ("request_uri", "https://app.example/request"),
        ("registration", "{}"),
        ("response_type", ""),
        ("response_type", "token"),
        ("response_type", "id_token token"),
        ("response_type", "none"),
        ("scope", "openid admin"),
        ("scope", "openid address"),
        ("scope", "open\"id"),
        ("scope", &many_scopes),
        ("code_challenge", ""),
        ("code_challenge", "tooshort"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="),
        ("code_challenge_method", ""),
        ("code_challenge_method", "plain"),
        ("code_challenge_method", "s256"),
        ("nonce", &long),
        ("prompt", "none login"),
        ("prompt", "create none"),
        ("prompt", "signup"),
        ("max_age", "-1"),
        ("max_age", "+1"),
        ("max_age", "1.5"),
        ("max_age", "soon"),
        ("max_age", "99999999999999999999"),
        ("login_hint", &longer),
        ("id_token_hint", "eyJhbGciOiJub25lIn0.e30."),
    ];
    let mut table = Vec::new();
    for (name, value) in cases {
        let refusal = front.check(&with(&good, name, value)).await.expect_err(name);
        if let Refusal::Answer(answer) = &refusal {
            let description = answer.parameter("error_description").expect("a description");
            assert!(description.bytes().all(|b| matches!(b, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E)), "{description}");
        }
        let shown: String = value.escape_debug().take(40).collect();
        table.push(format!("{:<62} {}", format!("{name}={shown}"), told(&refusal)));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn a_repeated_parameter_is_refused_where_it_stands() {
    let front = Front::new().await;
    let challenge = challenge();
    let mut table = Vec::new();
    for name in ["client_id", "redirect_uri", "state", "response_mode", "response_type", "scope", "nonce", "prompt"] {
        let mut twice = request("app", "openid", &challenge);
        twice.extend([("response_mode", "form_post"), ("nonce", "n"), ("prompt", "login")]);
        let value = twice.iter().find(|(own, _)| *own == name).map_or("x", |(_, value)| value);
        twice.push((name, value));
        let refusal = front.check(&twice).await.expect_err(name);
        table.push(format!("{name:<14} {}", told(&refusal)));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn errors_follow_the_response_mode() {
    let front = Front::new().await;
    let challenge = challenge();
    let mut asked = request("app", "openid unknown", &challenge);
    asked.push(("response_mode", "form_post"));
    let Err(Refusal::Answer(answer)) = front.check(&asked).await else { panic!("an answer") };
    assert_eq!(answer.mode, ResponseMode::FormPost);
    assert_eq!(answer.redirect_uri, CALLBACK);
}

#[tokio::test]
async fn what_is_unknown_or_superfluous_is_ignored() {
    let front = Front::of(Profile::Oidc).await;
    let challenge = challenge();
    let mut asked = request("site", "openid", &challenge);
    asked.extend([
        ("display", "popup"),
        ("ui_locales", "de"),
        ("claims_locales", "de"),
        ("acr_values", "x"),
        ("foo", "bar"),
    ]);
    asked.extend([("request", ""), ("nonce", ""), ("foo", "again")]);
    let checked = front.check(&asked).await.expect("a good request");
    assert_eq!(checked.request.nonce, None);
}

#[tokio::test]
async fn state_comes_back_byte_for_byte() {
    let front = Front::new().await;
    let challenge = challenge();
    let state = format!("{} +%&=?#\"<ü>", "s".repeat(2048));
    let asked = with(&request("app", "openid", &challenge), "state", &state);
    let checked = front.check(&asked).await.expect("a good request");
    let answer = authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer");
    assert_eq!(answer.parameter("state"), Some(state.as_str()));
    let location = front.location(answer.clone()).await;
    let query = location.strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix('?')).expect("a query");
    let read = Parameters::parse(query.as_bytes()).expect("a form");
    assert_eq!(read.optional("state").expect("once"), Some(state.as_str()));
    assert_eq!(read.one("iss").expect("there"), front.view.issuer.as_str());
    assert_eq!(read.one("error").expect("there"), "access_denied");
    let without = with(&asked, "state", "");
    let checked = front.check(&without).await.expect("a good request");
    assert_eq!(authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer").parameter("state"), None);
}

#[tokio::test]
async fn a_redirect_uri_keeps_its_own_query() {
    let front = Front::new().await;
    let own = "https://app.example/cb?dummy1=lorem&dummy2=ipsum";
    let mut app = front.app.clone();
    app.redirect_uris.push(RedirectUri::register(own, app.kind).expect("a URI"));
    front.update(&app).await;
    let challenge = challenge();
    let asked = with(&request("app", "openid", &challenge), "redirect_uri", own);
    let checked = front.check(&asked).await.expect("a good request");
    insta::assert_snapshot!(front.location(authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer")).await, @"https://app.example/cb?dummy1=lorem&dummy2=ipsum&error=access_denied&error_description=the%20user%20did%20not%20allow%20it&state=a%20state&iss=https%3A%2F%2Fid.example%2Ft%2Facme");
}

#[tokio::test]
async fn the_redirect_uri_may_be_left_out_only_where_there_is_one_and_no_openid() {
    let front = Front::of(Profile::Oidc).await;
    let challenge = challenge();
    let without = with(&request("app", "crm", &challenge), "redirect_uri", "");
    let checked = front.check(&without).await.expect("a good request");
    assert!(!checked.request.redirect_uri_asked);
    assert_eq!(checked.request.redirect_uri, CALLBACK);
    let openid = with(&without, "scope", "crm openid");
    assert!(matches!(front.check(&openid).await, Err(Refusal::Page(_))));
    let mut app = front.app.clone();
    app.redirect_uris.push(RedirectUri::register("https://app.example/cb2", app.kind).expect("a URI"));
    front.update(&app).await;
    assert!(matches!(front.check(&without).await, Err(Refusal::Page(_))));
}

#[tokio::test]
async fn a_challenge_is_asked_for_by_profile_and_client() {
    let challenge = challenge();
    for (profile, client, require_pkce, needed) in [
        (Profile::Oauth21, "app", false, true),
        (Profile::Oauth21, "site", false, true),
        (Profile::Oidc, "app", false, true),
        (Profile::Oidc, "site", true, true),
        (Profile::Oidc, "site", false, false),
    ] {
        let front = Front::of(profile).await;
        let mut changed = if client == "app" { front.app.clone() } else { front.site.clone() };
        changed.require_pkce = require_pkce;
        front.update(&changed).await;
        let asked = with(&request(client, "openid", &challenge), "code_challenge", "");
        let refused = front.check(&asked).await.is_err();
        assert_eq!(refused, needed, "{profile:?} {client} {require_pkce}");
    }
}

#[tokio::test]
async fn offline_access_is_passed_over_without_the_grant() {
    let front = Front::new().await;
    let mut app = front.app.clone();
    app.grant_types.remove(&GrantType::RefreshToken);
    front.update(&app).await;
    let challenge = challenge();
    let checked = front.check(&request("app", "openid offline_access", &challenge)).await.expect("a good request");
    assert_eq!(checked.request.scopes.to_string(), "openid");
}

#[tokio::test]
async fn a_client_without_the_grant_hears_so() {
    let front = Front::new().await;
    let mut app = front.app.clone();
    app.grant_types = [GrantType::ClientCredentials].into();
    front.update(&app).await;
    let challenge = challenge();
    let refusal = front.check(&request("app", "openid", &challenge)).await.expect_err("refused");
    insta::assert_snapshot!(told(&refusal), @"query     error=unauthorized_client & error_description=the application may not use the authorization_code grant & state=a state & iss=https://id.example/t/acme");
}

#[tokio::test]
async fn a_disabled_client_looks_like_an_unknown_one() {
    let front = Front::new().await;
    let challenge = challenge();
    let unknown = front.check(&request("nobody", "openid", &challenge)).await.expect_err("refused");
    front.update(&front.app.clone().disable().expect("enabled")).await;
    let disabled = front.check(&request("app", "openid", &challenge)).await.expect_err("refused");
    assert_eq!(told(&disabled), told(&unknown));
}

#[tokio::test]
async fn a_suspended_tenant_is_a_page() {
    let mut front = Front::new().await;
    let suspended = front.view.tenant.clone().suspend().expect("active");
    front.view = front.directory.show(crate::front::view_of(suspended, front.cx.clock.now()));
    let challenge = challenge();
    let refusal = front.check(&request("app", "openid", &challenge)).await.expect_err("refused");
    insta::assert_snapshot!(told(&refusal), @"page      access_denied: this provider is not in service");
}

#[tokio::test]
async fn a_request_that_comes_back_is_checked_again() {
    let front = Front::new().await;
    let challenge = challenge();
    let checked = front.check(&request("app", "openid email", &challenge)).await.expect("a good request");
    let sealed = serde_json::to_string(&checked.request).expect("JSON");
    let opened = || serde_json::from_str(&sealed).expect("a request");
    assert!(authorize::recheck(&front.cx, &front.view, opened()).await.is_ok());

    let mut app = front.app.clone();
    app.scopes = app.scopes.without(&"email".parse().map(|scope| [scope].into_iter().collect()).expect("a scope"));
    front.update(&app).await;
    let refusal = authorize::recheck(&front.cx, &front.view, opened()).await.expect_err("refused");
    assert!(matches!(&refusal, Refusal::Answer(answer) if answer.parameter("error") == Some("invalid_scope")));

    front.clock.advance(Duration::from_secs(3601));
    let refusal = authorize::recheck(&front.cx, &front.view, opened()).await.expect_err("refused");
    assert!(matches!(refusal, Refusal::Page(_)), "{}", told(&refusal));
}

#[tokio::test]
async fn another_tenants_client_is_unknown() {
    let front = Front::new().await;
    let other = chancery_testkit::builders::tenant("other", &*front.random, front.cx.clock.now());
    let view = crate::front::view_of(other, front.cx.clock.now());
    let challenge = challenge();
    let form = form(&request("app", "openid", &challenge));
    let refusal = authorize::check(&front.cx, &view, &form).await.expect_err("refused");
    assert!(matches!(refusal, Refusal::Page(_)));
}

#[tokio::test]
async fn a_code_says_who_issues_it() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    let challenge = challenge();
    let checked = front.check(&request("app", "openid", &challenge)).await.expect("a good request");
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    assert!(answer.parameter("code").is_some_and(|code| code.len() >= 43));
    assert!(told_answer(&answer).ends_with("& state=a state & iss=https://id.example/t/acme"));
    assert!(!format!("{answer:?}").contains(answer.parameter("code").expect("a code")));
}
