//! A code for tokens.

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    audit::Action, grant::RevocationReason, ports::store::Store, profile::Profile, scope::ScopeSet, time::Clock,
};
use chancery_oauth::{
    authorize::{self, Done},
    error::OAuthError,
};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::front::{CALLBACK, Front, VERIFIER, form, request};

const GRANT: (&str, &str) = ("grant_type", "authorization_code");

#[tokio::test]
async fn a_code_brings_tokens_about_the_user() {
    let front = Front::new().await;
    front.clock.advance(Duration::from_secs(20));
    let tokens = front.sign_in(&front.app, "openid email offline_access").await;
    assert_eq!(tokens.text("scope"), "email offline_access openid");
    assert_eq!(tokens.0["expires_in"], 600);
    let now = front.clock.now().seconds();
    let access = Front::claims(tokens.access());
    let at_hash = chancery_domain::secret::base64url(&Sha256::digest(tokens.access())[..16]);
    let user = front.user.id.to_string();
    assert_eq!(
        json!(Front::claims(tokens.text("id_token"))),
        json!({
            "iss": "https://id.example/t/acme", "sub": user, "aud": "app", "azp": "app", "iat": now, "exp": now + 600,
            "auth_time": now - 20, "at_hash": at_hash, "sid": front.session.id.to_string(), "amr": ["pwd"],
        })
    );
    assert_eq!(access["sub"], user);
    assert_eq!(access["auth_time"], now - 20);
    let grants = front.store.grants(front.view.tenant.id);
    assert!(access["jti"].as_str().is_some_and(|jti| jti.starts_with("g.")));
    assert_eq!(grants.len(), 1);
}

#[tokio::test]
async fn the_nonce_goes_into_the_id_token_and_without_openid_there_is_none() {
    let front = Front::new().await;
    front.allow(&front.app, "openid").await;
    let challenge = crate::front::challenge();
    let nonce = "n".repeat(384);
    let mut asked = request("app", "openid", &challenge);
    asked.push(("nonce", &nonce));
    let checked = front.check(&asked).await.expect("a good request");
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    let tokens = front.redeem(&front.app, answer.parameter("code").expect("a code")).await.expect("tokens");
    assert_eq!(Front::claims(tokens.text("id_token"))["nonce"], nonce);
    let plain = front.sign_in(&front.app, "crm").await;
    assert!(!plain.has("id_token") && !plain.has("refresh_token"));
}

#[tokio::test]
async fn a_refresh_token_comes_with_offline_access_alone() {
    let front = Front::new().await;
    assert!(!front.sign_in(&front.app, "openid").await.has("refresh_token"));
    assert!(front.sign_in(&front.app, "openid offline_access").await.has("refresh_token"));
}

#[tokio::test]
async fn a_second_use_ends_what_the_first_began() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid offline_access").await;
    front.redeem(&front.app, &code).await.expect("tokens");
    // Long after it expired, too.
    front.clock.advance(Duration::from_secs(25));
    let error = front.redeem(&front.app, &code).await.expect_err("used");
    assert!(error.to_string().starts_with("invalid_grant: "), "{error}");
    let grant = front.store.grants(front.view.tenant.id).remove(0);
    assert_eq!(grant.revoked.map(|(_, reason)| reason), Some(RevocationReason::CodeReplayed));
    let replays = front.store.audit().into_iter().filter(|event| event.action == Action::CodeReplayed);
    assert_eq!(replays.count(), 1);
}

#[tokio::test]
async fn a_second_use_that_is_otherwise_wrong_changes_nothing() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    front.redeem(&front.app, &code).await.expect("tokens");
    let other = "b".repeat(43);
    let wrong = [GRANT, ("code", code.as_str()), ("redirect_uri", CALLBACK), ("code_verifier", &other)];
    assert!(front.token(&front.app, &wrong).await.is_err());
    assert!(front.redeem(&front.site, &code).await.is_err());
    assert!(front.store.grants(front.view.tenant.id).iter().all(|grant| grant.revoked.is_none()));
}

#[tokio::test]
async fn sixty_four_at_once_and_one_succeeds() {
    let front = Arc::new(Front::new().await);
    let code = front.code(&front.app, "openid").await;
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (front, code) = (Arc::clone(&front), code.clone());
        callers.spawn(async move { front.redeem(&front.app, &code).await.is_ok() });
    }
    let successes = callers.join_all().await.into_iter().filter(|success| *success).count();
    assert_eq!(successes, 1);
    let grants = front.store.grants(front.view.tenant.id);
    let reasons: Vec<_> = grants.iter().map(|grant| grant.revoked.map(|(_, reason)| reason)).collect();
    assert_eq!(reasons, [Some(RevocationReason::CodeReplayed)], "the others have used it twice");
}

#[tokio::test]
async fn each_refusal_has_its_answer_and_the_code_lives_on() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    let other_case = code.to_ascii_uppercase();
    let wrong_verifier = "b".repeat(43);
    let good = [GRANT, ("code", &code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    let cases = [
        ("code", ""),
        ("code", "nonsense"),
        ("code", &code[..code.len() - 1]),
        ("code", &other_case),
        ("redirect_uri", "https://app.example/other"),
        ("code_verifier", ""),
        ("code_verifier", &wrong_verifier),
        ("code_verifier", "short"),
        ("code_verifier", "an illegal character / in the verifier, and long"),
    ];
    let mut table = Vec::new();
    for (name, value) in cases {
        let changed = good.map(|(own, is)| if own == name { (own, value) } else { (own, is) });
        let error = front.token(&front.app, &changed).await.expect_err(name);
        let shown = if name == "code" { "…" } else { value };
        table.push(format!("{:<66} {error}", format!("{name}={shown}")));
    }
    let foreign = front.redeem(&front.site, &code).await.expect_err("foreign");
    table.push(format!("{:<66} {foreign}", "another client"));
    insta::assert_snapshot!(table.join("\n"));
    front.redeem(&front.app, &code).await.expect("the code lives on");
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_a_downgrade() {
    let front = Front::of(Profile::Oidc).await;
    let mut site = front.site.clone();
    site.require_pkce = false;
    front.update(&site).await;
    front.allow(&site, "openid").await;
    let asked = &request("site", "openid", "")[..5];
    let checked = front.check(asked).await.expect("a good request");
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    let code = answer.parameter("code").expect("a code");
    let error = front.redeem(&site, code).await.expect_err("downgrade");
    assert_eq!(error.to_string(), "invalid_request: the authorization request had no code_challenge");
    let plain = [GRANT, ("code", code), ("redirect_uri", CALLBACK)];
    front.token(&site, &plain).await.expect("tokens");
}

#[tokio::test]
async fn the_redirect_uri_is_named_again_as_the_profile_wants_it() {
    for (profile, needed) in [(Profile::Oauth21, false), (Profile::Oidc, true)] {
        let front = Front::of(profile).await;
        let code = front.code(&front.app, "openid").await;
        let without = [GRANT, ("code", code.as_str()), ("code_verifier", VERIFIER)];
        assert_eq!(front.token(&front.app, &without).await.is_err(), needed, "{profile:?}");
    }
}

#[tokio::test]
async fn a_code_is_too_old_after_its_minute() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    front.view.freshness.refresh(front.clock.now() + Duration::from_secs(60));
    front.clock.advance(Duration::from_secs(60));
    assert!(front.redeem(&front.app, &code).await.is_err());
    assert!(front.store.grants(front.view.tenant.id).is_empty());
}

#[tokio::test]
async fn who_is_gone_in_between_gets_nothing() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    front.sign_out().await;
    assert!(front.redeem(&front.app, &code).await.is_err(), "signed out");

    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    front.update_user(&front.user.clone().disable().expect("enabled")).await;
    assert!(front.redeem(&front.app, &code).await.is_err(), "user disabled");

    let front = Front::new().await;
    let code = front.code(&front.app, "openid email").await;
    let mut app = front.app.clone();
    app.scopes = ScopeSet::parse("openid").expect("a scope");
    front.update(&app).await;
    assert_eq!(front.redeem(&app, &code).await.expect("tokens").text("scope"), "openid");
}

#[tokio::test]
async fn a_code_of_another_tenant_is_unknown() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    let mut other = Front::new().await;
    let tenant = chancery_testkit::builders::tenant("other", &*front.random, front.clock.now());
    other.view = front.directory.show(crate::front::view_of(tenant, front.clock.now()));
    other.store = front.store.clone();
    other.cx = front.cx.clone();
    let tx = Store::begin(&other.store, other.view.tenant.id).await.expect("a transaction");
    tx.clients().insert(&front.app).await.expect("inserted");
    tx.commit().await.expect("committed");
    assert!(other.redeem(&front.app, &code).await.is_err());
    front.redeem(&front.app, &code).await.expect("not consumed");
}

#[tokio::test]
async fn a_store_that_is_away_gives_nothing() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid").await;
    let (credentials, view) = (front.credentials(&front.app), Arc::clone(&front.view));
    front.store.take_away(true);
    let parameters = form(&[GRANT, ("code", &code), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)]);
    let error = chancery_oauth::token::exchange(&front.cx, &view, &credentials, &parameters).await;
    assert!(matches!(error, Err(OAuthError::Ours(_))));
    front.store.take_away(false);
    front.redeem(&front.app, &code).await.expect("it heals");
}
