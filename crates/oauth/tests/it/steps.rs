//! What has to happen before a code: sign-in, consent, or neither.

use std::time::Duration;

use chancery_domain::{session::Session, time::Clock, vocabulary::Acr};
use chancery_oauth::authorize::{self, Checked, Done, Refusal, Step};
use chancery_testkit::builders;

use crate::front::{Front, challenge, request, told};

/// The request with these parameters more.
async fn asked(front: &Front, more: &[(&'static str, &str)]) -> Checked {
    let challenge = challenge();
    let mut parameters = request("app", "openid", &challenge);
    parameters.extend_from_slice(more);
    front.check(&parameters).await.expect("a good request")
}

/// The next step, in a word.
async fn step(front: &Front, checked: &Checked, session: Option<&Session>, signed_in: bool) -> String {
    step_after(front, checked, session, Done { signed_in, ..Done::default() }).await
}

/// The same, when that was done for the request.
async fn step_after(front: &Front, checked: &Checked, session: Option<&Session>, done: Done) -> String {
    match authorize::next_step(&front.cx, &front.view, checked, session, done).await {
        Ok(Step::SignUp) => "sign up".to_owned(),
        Ok(Step::SignIn) => "sign in".to_owned(),
        Ok(Step::Consent { asked }) => format!("consent to {asked}"),
        Ok(Step::Issue) => "issue".to_owned(),
        Err(Refusal::Answer(answer)) => answer.parameter("error").expect("an error").to_owned(),
        Err(page @ Refusal::Page(_)) => told(&page),
    }
}

#[tokio::test]
async fn first_sign_in_then_consent_then_a_code() {
    let front = Front::new().await;
    let checked = asked(&front, &[]).await;
    assert_eq!(step(&front, &checked, None, false).await, "sign in");
    assert_eq!(step(&front, &checked, Some(&front.session), true).await, "consent to openid");
    front.allow(&front.app, "openid email").await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "issue");
    let wider = front.check(&request("app", "openid profile", &challenge())).await.expect("a good request");
    assert_eq!(step(&front, &wider, Some(&front.session), false).await, "consent to openid profile");
}

#[tokio::test]
async fn a_trusted_client_asks_nobody() {
    let front = Front::new().await;
    let mut app = front.app.clone();
    app.skip_consent = true;
    front.update(&app).await;
    let checked = asked(&front, &[("prompt", "none")]).await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "issue");
}

#[tokio::test]
async fn without_a_page_there_is_an_error() {
    let front = Front::new().await;
    let checked = asked(&front, &[("prompt", "none")]).await;
    assert_eq!(step(&front, &checked, None, false).await, "login_required");
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "consent_required");
    front.allow(&front.app, "openid").await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "issue");
}

#[tokio::test]
async fn a_login_is_asked_for_once() {
    let mut front = Front::new().await;
    front.allow(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(60));
    for prompt in ["login", "select_account"] {
        let checked = asked(&front, &[("prompt", prompt)]).await;
        assert_eq!(step(&front, &checked, Some(&front.session), false).await, "sign in");
        let issued = authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await;
        assert!(matches!(issued, Err(Refusal::Answer(_))), "a step cannot be left out");
    }
    let checked = asked(&front, &[("prompt", "login")]).await;
    front.clock.advance(Duration::from_secs(5));
    front.session.authenticated_at = front.clock.now();
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "issue");
}

#[tokio::test]
async fn max_age_counts_from_the_last_sign_in() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(60));
    for (max_age, expected) in [("61", "issue"), ("59", "sign in"), ("0", "sign in")] {
        let checked = asked(&front, &[("max_age", max_age)]).await;
        assert_eq!(step(&front, &checked, Some(&front.session), false).await, expected, "{max_age}");
    }
    let silent = asked(&front, &[("max_age", "59"), ("prompt", "none")]).await;
    assert_eq!(step(&front, &silent, Some(&front.session), false).await, "login_required");
}

#[tokio::test]
async fn consent_is_asked_again_where_the_client_wants_it() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(60));
    let checked = asked(&front, &[("prompt", "consent")]).await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "consent to openid");
    front.allow(&front.app, "openid").await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "issue");
}

#[tokio::test]
async fn a_hint_is_about_one_user() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, "openid").await;
    let hint = tokens.text("id_token");
    front.clock.advance(Duration::from_secs(86_000));
    let silent = asked(&front, &[("prompt", "none"), ("id_token_hint", hint)]).await;
    assert_eq!(step(&front, &silent, Some(&front.session), false).await, "issue");

    let grace = builders::user("grace", &*front.random, front.clock.now() - Duration::from_secs(60));
    let (mut other, _) = builders::session(&grace, &front.view.tenant, &*front.random, front.clock.now());
    other.authenticated_at = front.clock.now() - Duration::from_secs(60);
    assert_eq!(step(&front, &silent, Some(&other), false).await, "login_required");
    let loud = asked(&front, &[("id_token_hint", hint)]).await;
    assert_eq!(step(&front, &loud, Some(&other), false).await, "sign in");
    assert_eq!(step(&front, &loud, Some(&other), true).await, "login_required", "the session is never switched");
    let challenge = challenge();
    let mut parameters = request("app", "openid", &challenge);
    parameters.push(("id_token_hint", tokens.access()));
    assert!(front.check(&parameters).await.is_err(), "an access token is no hint");
}

#[tokio::test]
async fn a_session_that_is_over_gets_no_code() {
    let mut front = Front::new().await;
    front.allow(&front.app, "openid").await;
    let checked = asked(&front, &[]).await;
    front.session.ended_at = Some(front.clock.now());
    assert!(authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.is_err());
}

#[tokio::test]
async fn who_is_to_make_an_account_is_sent_where_that_is_done() {
    let mut front = Front::new().await;
    front.allow(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(60));
    let mut tenant = front.view.tenant.clone();
    tenant.settings.sign_up_uri = Some("https://acme.example/join".to_owned());
    front.view = front.directory.show(crate::front::view_of(tenant, front.clock.now()));
    let checked = asked(&front, &[("prompt", "create")]).await;
    assert_eq!(step(&front, &checked, None, false).await, "sign up");
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "sign up");
    assert_eq!(step(&front, &checked, Some(&front.session), true).await, "issue");
    let back = Checked { request: checked.request.after_sign_up(), client: checked.client };
    assert_eq!(step(&front, &back, Some(&front.session), false).await, "sign in", "with the new account");
    assert_eq!(step(&front, &back, Some(&front.session), true).await, "issue");
}

#[tokio::test]
async fn a_client_has_a_max_age_of_its_own() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    let mut app = front.app.clone();
    app.metadata.default_max_age = Some(30);
    front.update(&app).await;
    front.clock.advance(Duration::from_secs(60));
    let checked = asked(&front, &[]).await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "sign in");
    let checked = asked(&front, &[("max_age", "61")]).await;
    assert_eq!(step(&front, &checked, Some(&front.session), false).await, "issue");
}

#[tokio::test]
async fn t030_a_sign_in_that_proves_too_little_is_not_enough() {
    let mut front = Front::new().await;
    front.allow(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(60));
    let essential = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["gold","{}"]}}}}}}"#, Acr::Password);
    let loud = asked(&front, &[("claims", &essential)]).await;
    let silent = asked(&front, &[("claims", &essential), ("prompt", "none")]).await;
    assert_eq!(step(&front, &loud, Some(&front.session), false).await, "issue");
    assert_eq!(step(&front, &silent, Some(&front.session), false).await, "issue");
    front.session.amr = vec!["otp".to_owned()];
    assert_eq!(step(&front, &silent, Some(&front.session), false).await, "interaction_required");
    assert_eq!(step(&front, &loud, Some(&front.session), false).await, "sign in");
    assert_eq!(step(&front, &loud, Some(&front.session), true).await, "unmet_authentication_requirements");
}

/// The replicas that showed the pages were behind the one that took the request in.
#[tokio::test]
async fn what_was_done_for_a_request_counts_whatever_the_clocks_say() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    front.clock.advance(Duration::from_secs(5));
    let checked = asked(&front, &[("prompt", "login consent")]).await;
    let session = Some(&front.session);
    for (signed_in, allowed, expected) in
        [(false, false, "sign in"), (false, true, "sign in"), (true, false, "consent to openid"), (true, true, "issue")]
    {
        let done = Done { signed_in, allowed };
        assert_eq!(step_after(&front, &checked, session, done).await, expected, "{done:?}");
        let issued = authorize::issue(&front.cx, &front.view, &checked, &front.session, done).await;
        assert_eq!(issued.is_ok(), expected == "issue", "{done:?}");
    }
    // That somebody was asked stands for nothing that they never allowed.
    let wider = front.check(&request("app", "openid profile", &challenge())).await.expect("a good request");
    let done = Done { signed_in: true, allowed: true };
    assert_eq!(step_after(&front, &wider, session, done).await, "consent to openid profile");
}
