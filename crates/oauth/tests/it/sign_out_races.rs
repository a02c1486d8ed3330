//! Somebody signs out while something is being given in their session, or takes back what allows it.

use chancery_domain::{audit::Action, ports::grants::GrantSelection, ports::store::Store, time::Clock};
use chancery_oauth::authorize::{self, Answer, Done, Refusal};

use crate::{
    device,
    front::{Front, challenge, request},
};

/// What comes of it when the user signs out after everything was looked at, and before anything is written.
async fn signing_out_during<T>(front: &Front, giving: impl Future<Output = T>) -> T {
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
    let sign_out = async {
        let now = front.clock.now();
        assert!(tx.sessions().end(front.session.id, now).await.expect("ended"));
        tx.grants().revoke_of_session(front.session.id, None, now).await.expect("revoked");
        tx.commit().await.expect("committed");
    };
    // The first goes as far as it can by reading: writers stand in line.
    tokio::join!(giving, sign_out).0
}

/// What comes of it when what the user allowed the public client is taken back at that moment, and what it could still redeem.
async fn withdrawing_during<T>(front: &Front, giving: impl Future<Output = T>) -> T {
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
    let withdraw = async {
        let of = GrantSelection { user: Some(front.user.id), client: Some(front.app.uid), session: None };
        assert!(tx.consent_withdrawals().withdraw(front.user.id, front.app.uid).await.expect("withdrawn"));
        tx.grant_revocations().forget_codes(&of, front.clock.now()).await.expect("forgotten");
        tx.commit().await.expect("committed");
    };
    tokio::join!(giving, withdraw).0
}

/// What the public client asks for by that response type.
fn asked<'a>(response_type: &'a str, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut asked = request("app", "openid", challenge);
    asked.retain(|(name, _)| *name != "response_type");
    asked.extend([("response_type", response_type), ("nonce", "a nonce")]);
    asked
}

fn error(issued: Result<Answer, Refusal>) -> String {
    match issued.expect_err("nothing is given") {
        Refusal::Answer(answer) => answer.parameter("error").expect("an error").to_owned(),
        page @ Refusal::Page(_) => panic!("{page:?}"),
    }
}

#[tokio::test]
async fn t190_no_code_and_no_token_leaves_once_somebody_has_signed_out() {
    let challenge = challenge();
    for response_type in ["code", "code id_token token", "id_token token"] {
        let front = Front::open().await;
        front.allow(&front.app, "openid").await;
        let asked = asked(response_type, &challenge);
        let checked = front.check(&asked).await.expect("a good request");
        let events = front.store.audit().len();
        let issuing = authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default());
        assert_eq!(error(signing_out_during(&front, issuing).await), "login_required", "{response_type}");
        assert_eq!(front.store.grants(front.view.tenant.id).len(), 0);
        assert_eq!(front.store.audit().len(), events, "nothing was issued");
        let issued = authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await;
        assert_eq!(error(issued), "login_required", "nor later, by who saw the session before");
    }
}

#[tokio::test]
async fn t098_a_code_becomes_no_grant_once_somebody_has_signed_out() {
    let front = Front::new().await;
    for scope in ["openid", "openid offline_access"] {
        let front = Front::new().await;
        let code = front.code(&front.app, scope).await;
        let redeemed = signing_out_during(&front, front.redeem(&front.app, &code)).await;
        let told = redeemed.expect_err("refused").to_string();
        assert_eq!(told, "invalid_grant: the code is unknown, expired, used or not this client's");
        assert_eq!(front.store.grants(front.view.tenant.id).len(), 0);
        assert_eq!(front.store.refresh_tokens(front.view.tenant.id).len(), 0);
    }
    // What was given before outlives the session as it always did.
    let tokens = front.sign_in(&front.app, "openid offline_access").await;
    let refreshed = signing_out_during(&front, front.refresh(&front.app, tokens.refresh())).await;
    assert!(refreshed.is_ok());
}

#[tokio::test]
async fn t098_what_a_device_was_allowed_becomes_no_grant_once_somebody_has_signed_out() {
    let front = device::home().await;
    let (code, shown) = device::wish(&front, "openid offline_access").await;
    device::approve(&front, &shown).await;
    let told = signing_out_during(&front, device::ask(&front, &front.app, &code)).await.expect_err("refused");
    assert_eq!(told, "invalid_grant: whoever allowed it has signed out since, or is disabled");
    assert_eq!(front.store.grants(front.view.tenant.id).len(), 0);
}

#[tokio::test]
async fn t098_no_code_and_no_token_leaves_once_the_consent_was_withdrawn() {
    let challenge = challenge();
    for response_type in ["code", "code id_token token", "id_token token"] {
        let mut front = Front::open().await;
        front.allow(&front.app, "openid").await;
        let asked = asked(response_type, &challenge);
        let checked = front.check(&asked).await.expect("a good request");
        let events = front.store.audit().len();
        let issuing = authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default());
        assert_eq!(error(withdrawing_during(&front, issuing).await), "consent_required", "{response_type}");
        assert_eq!(front.store.grants(front.view.tenant.id).len(), 0);
        assert_eq!(front.store.audit().len(), events, "nothing was issued");

        // Who is not asked has nothing to withdraw.
        front.app.skip_consent = true;
        front.update(&front.app).await;
        let checked = front.check(&asked).await.expect("a good request");
        front.allow(&front.app, "openid").await;
        let issuing = authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default());
        assert!(withdrawing_during(&front, issuing).await.is_ok(), "{response_type}");
    }
}

#[tokio::test]
async fn t098_a_code_that_is_forgotten_while_it_is_redeemed_was_not_used_twice() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid offline_access").await;
    let told = withdrawing_during(&front, front.redeem(&front.app, &code)).await.expect_err("refused").to_string();
    assert_eq!(told, "invalid_grant: the code is unknown, expired, used or not this client's");
    assert_eq!(front.store.grants(front.view.tenant.id).len(), 0);
    let alarms = front.store.audit().into_iter().filter(|event| event.action == Action::CodeReplayed);
    assert_eq!(alarms.count(), 0);
}
