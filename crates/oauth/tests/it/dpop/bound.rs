//! Codes and refresh tokens that are bound to a key.

use std::sync::Arc;

use chancery_domain::{
    client::TokenLifetimes, ports::store::Store, profile::Profile, tenant::DpopPolicy, time::Clock,
    used_once::UsedOnce, vocabulary::ResponseType,
};
use chancery_oauth::{
    authorize::{self, Done},
    dpop::Sent,
    endpoints,
    error::ErrorCode,
    pushed, token,
};
use chancery_testkit::certificates::{FakeAuthorities, FakeCertificate};
use serde_json::{Value, json};

use super::{code_of, key, other_key, sent};
use crate::front::{CALLBACK, Front, VERIFIER, challenge, form, request, told, view_of};

const SCOPE: &str = "openid offline_access";

/// A code that is bound to [`key`].
async fn bound_code(front: &Front) -> String {
    let (challenge, jkt) = (challenge(), key().thumbprint().to_string());
    let mut parameters = request("app", SCOPE, &challenge);
    parameters.push(("dpop_jkt", &jkt));
    let answer = front.answer(&front.app, &parameters).await;
    answer.parameter("code").expect("a code").to_owned()
}

#[tokio::test]
async fn t064_a_code_bound_to_a_key_is_redeemed_with_it_alone() {
    let front = Front::new().await;
    let code = bound_code(&front).await;
    let refused = front.redeem_with(&front.app, Sent::Nothing, &code).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidDpopProof);
    let refused = front.redeem_with(&front.app, front.proof(&other_key()), &code).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
    let tokens = front.redeem_with(&front.app, front.proof(&key()), &code).await.expect("its own key");
    assert_eq!(tokens.text("token_type"), "DPoP");
    // Who has the code and not the key cannot end anything with it either.
    let refused = front.redeem_with(&front.app, front.proof(&other_key()), &code).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
    front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await.expect("the grant still holds");
}

#[tokio::test]
async fn a_thumbprint_of_another_form_is_refused() {
    let front = Front::new().await;
    let challenge = challenge();
    for bad in ["a", &"A".repeat(42), &"A".repeat(44), &format!("{}=", "A".repeat(43))] {
        let mut parameters = request("app", "openid", &challenge);
        parameters.push(("dpop_jkt", bad));
        let refused = told(&front.check(&parameters).await.expect_err("refused"));
        assert!(refused.contains("error=invalid_request & error_description=dpop_jkt"), "{refused}");
    }
}

#[tokio::test]
async fn p057_a_proof_at_the_push_binds_the_code() {
    let front = Front::new().await;
    let challenge = challenge();
    let asked = request("site", SCOPE, &challenge);
    let push = async |proof: Sent, parameters: &[(&str, &str)]| {
        let credentials = front.credentials(&front.site).with_dpop(proof);
        pushed::push(&front.cx, &front.view, &credentials, &form(parameters)).await
    };
    let proof = || sent(&key().prove(&front.said(endpoints::PUSHED_AUTHORIZATION)));
    let refused =
        push(sent(&key().prove(&front.said(endpoints::TOKEN))), &asked).await.err().expect("for another endpoint");
    assert_eq!(refused.code(), Some(ErrorCode::InvalidDpopProof));
    let other = other_key().thumbprint().to_string();
    let refused = push(proof(), &[&asked[..], &[("dpop_jkt", &other)]].concat()).await.err().expect("another key");
    assert_eq!(refused.code(), Some(ErrorCode::InvalidRequest));

    let own = key().thumbprint().to_string();
    for more in [&[][..], &[("dpop_jkt", own.as_str())]] {
        let pushed = push(proof(), &[&asked[..], more].concat()).await.expect("pushed");
        let uri = serde_json::to_value(&pushed).expect("JSON")["request_uri"].as_str().expect("text").to_owned();
        front.allow(&front.site, SCOPE).await;
        let checked = front.check(&[("client_id", "site"), ("request_uri", &uri)]).await.expect("good");
        let answer =
            authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
        let code = answer.parameter("code").expect("a code");
        let refused = front.redeem_with(&front.site, front.proof(&other_key()), code).await;
        assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
        front.redeem_with(&front.site, front.proof(&key()), code).await.expect("tokens");
    }
    let proof = proof();
    push(proof.clone(), &asked).await.expect("pushed");
    assert_eq!(push(proof, &asked).await.err().expect("again").code(), Some(ErrorCode::InvalidDpopProof));
}

#[tokio::test]
async fn t100_a_public_clients_refresh_token_is_bound_to_its_key() {
    let front = Front::new().await;
    let code = front.code(&front.app, SCOPE).await;
    let tokens = front.redeem_with(&front.app, front.proof(&key()), &code).await.expect("tokens");
    let refused = front.refresh_with(&front.app, front.proof(&other_key()), tokens.refresh()).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
    let refused = front.refresh_with(&front.app, Sent::Nothing, tokens.refresh()).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidDpopProof);
    front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await.expect("its own key");
}

#[tokio::test]
async fn p059_a_confidential_client_may_come_with_a_new_key_and_not_without() {
    let front = Front::new().await;
    let code = front.code(&front.site, SCOPE).await;
    let tokens = front.redeem_with(&front.site, front.proof(&key()), &code).await.expect("tokens");
    let again = front.refresh_with(&front.site, front.proof(&other_key()), tokens.refresh()).await.expect("tokens");
    assert_eq!(Front::claims(again.access())["cnf"], json!({ "jkt": other_key().thumbprint().to_string() }));
    let refused = front.refresh_with(&front.site, Sent::Nothing, tokens.refresh()).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidDpopProof);
}

#[tokio::test]
async fn p059_a_bound_refresh_token_stays_what_it_is() {
    let front = Front::new().await;
    let code = front.code(&front.app, SCOPE).await;
    let tokens = front.redeem_with(&front.app, front.proof(&key()), &code).await.expect("tokens");
    for _ in 0..3 {
        // Each use gives it as much time again.
        front.later(front.view.refresh_idle_ttl(&front.app) / 2 + std::time::Duration::from_secs(60));
        let again = front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await.expect("tokens");
        assert_eq!(again.refresh(), tokens.refresh());
    }
    front.later(front.view.refresh_idle_ttl(&front.app));
    let refused = front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_bound_refresh_token_is_used_no_more_often_than_its_client_may() {
    let mut front = Front::new().await;
    front.app.metadata.tokens.lifetimes = TokenLifetimes { refresh_max_uses: Some(2), ..TokenLifetimes::default() };
    front.update(&front.app).await;
    let code = front.code(&front.app, SCOPE).await;
    let tokens = front.redeem_with(&front.app, front.proof(&key()), &code).await.expect("tokens");
    for _ in 0..2 {
        front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await.expect("tokens");
    }
    let refused = front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
}

#[tokio::test]
async fn a_token_that_is_bound_to_nothing_goes_on_as_before() {
    let front = Front::new().await;
    let tokens = front.sign_in(&front.app, SCOPE).await;
    let bound = front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await.expect("tokens");
    assert_eq!(bound.text("token_type"), "DPoP");
    assert_ne!(bound.refresh(), tokens.refresh(), "it rotates");
    let plain = front.refresh(&front.app, bound.refresh()).await.expect("tokens");
    assert_eq!(plain.text("token_type"), "Bearer");
}

#[tokio::test]
async fn t140_a_proof_is_remembered_when_all_else_is_right() {
    let front = Front::new().await;
    let said = front.said(endpoints::TOKEN);
    let is_remembered = async || {
        let jti = said["jti"].as_str().expect("text");
        let used = UsedOnce::proof(front.app.uid, &key().thumbprint(), jti, front.clock.now());
        front.store.read(front.view.tenant.id).replay_memory().is_used(&used).await.expect("read")
    };
    let proof = sent(&key().prove(&said));
    let refused = front.redeem_with(&front.app, proof.clone(), &format!("chc_{}", "A".repeat(43))).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidGrant);
    assert!(!is_remembered().await, "whoever has no code fills nothing");
    let code = front.code(&front.app, SCOPE).await;
    front.redeem_with(&front.app, proof, &code).await.expect("tokens");
    assert!(is_remembered().await);
}

#[tokio::test]
async fn no_bound_client_gets_a_token_through_the_browser() {
    let front = Front::open().await.with_settings(|it| it.dpop = DpopPolicy::Required);
    assert_eq!(front.view.tenant.profile, Profile::Oidc);
    let challenge = challenge();
    let mut parameters = request("site", "openid", &challenge);
    parameters[2].1 = ResponseType::CodeToken.as_str();
    parameters.push(("nonce", "a nonce"));
    let refused = told(&front.check(&parameters).await.expect_err("refused"));
    assert!(refused.contains("error=invalid_request & error_description=response_type"), "{refused}");
    parameters[2].1 = ResponseType::CodeIdToken.as_str();
    front.check(&parameters).await.expect("an ID token is bound to nothing anyway");
}

/// What the token endpoint says to `site` with that proof, over a connection with a certificate: the claims of the access
/// token, and the refresh token.
async fn with_certificate(
    front: &Front,
    proof: Sent,
    parameters: &[(&str, &str)],
) -> Result<(Value, String), ErrorCode> {
    let now = front.clock.now();
    let (not_before, not_after) = (now, now + std::time::Duration::from_secs(60));
    let own = FakeCertificate { vouched: true, subject: "CN=site", dns: "site", kid: "one", not_before, not_after };
    let credentials = front.credentials(&front.site).with_dpop(proof).shown_with(Some(Arc::new(own.shown())));
    let given = token::exchange(&front.cx, &front.view, &credentials, &form(parameters)).await;
    let given = serde_json::to_value(given.map_err(|error| error.code().expect("the caller's fault"))?).expect("JSON");
    let text = |member: &str| given[member].as_str().expect("a text").to_owned();
    assert_eq!(text("token_type"), "Bearer", "the certificate goes before the proof");
    Ok((Front::claims(&text("access_token"))["cnf"].clone(), text("refresh_token")))
}

/// The tokens of `site` are bound to certificates from now on.
async fn binds_to_certificates(mut front: Front) -> Front {
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    view.client_certificates = Some(Arc::new(FakeAuthorities(true)));
    front.view = front.directory.show(view);
    front.site.metadata.certificates.bound_tokens = true;
    front.update(&front.site).await;
    front
}

#[tokio::test]
async fn t064_a_proof_beside_a_certificate_redeems_the_code_that_is_bound_to_its_key() {
    let front = binds_to_certificates(Front::new().await).await;
    let (challenge, jkt) = (challenge(), key().thumbprint().to_string());
    let mut parameters = request("site", SCOPE, &challenge);
    parameters.push(("dpop_jkt", &jkt));
    let answer = front.answer(&front.site, &parameters).await;
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", answer.parameter("code").expect("a code")),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let refused = with_certificate(&front, Sent::Nothing, &redeem).await;
    assert_eq!(refused.expect_err("no proof"), ErrorCode::InvalidDpopProof);
    let refused = with_certificate(&front, front.proof(&other_key()), &redeem).await;
    assert_eq!(refused.expect_err("another key"), ErrorCode::InvalidGrant);
    let (cnf, refresh) = with_certificate(&front, front.proof(&key()), &redeem).await.expect("its own key");
    assert!(cnf["x5t#S256"].is_string() && cnf.get("jkt").is_none(), "{cnf}");
    let again = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    for proof in [front.proof(&key()), front.proof(&other_key()), Sent::Nothing] {
        with_certificate(&front, proof, &again).await.expect("it is bound to the certificate");
    }
    assert_eq!(
        front.refresh(&front.site, &refresh).await.expect_err("no certificate").code(),
        Some(ErrorCode::InvalidRequest)
    );
}

#[tokio::test]
async fn what_began_with_a_proof_goes_on_with_one_beside_the_certificate() {
    let front = Front::new().await;
    let code = front.code(&front.site, SCOPE).await;
    let tokens = front.redeem_with(&front.site, front.proof(&key()), &code).await.expect("tokens");
    let front = binds_to_certificates(front).await;
    let again = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh())];
    let refused = with_certificate(&front, Sent::Nothing, &again).await;
    assert_eq!(refused.expect_err("no proof"), ErrorCode::InvalidDpopProof);
    with_certificate(&front, front.proof(&key()), &again).await.expect("its own key");
}
