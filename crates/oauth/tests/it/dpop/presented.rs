//! Bound access tokens where they are presented.

use chancery_domain::{secret::base64url, tenant::DpopPolicy};
use chancery_oauth::{
    discovery,
    dpop::Sent,
    endpoints,
    error::ErrorCode,
    introspect,
    userinfo::{self, BearerError, Presented, Scheme},
};
use chancery_testkit::client_jose::FakeClientKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{key, other_key, sent};
use crate::front::{Front, form};

/// An access token that is bound to [`key`].
async fn bound(front: &Front) -> String {
    let code = front.code(&front.app, "openid").await;
    front.redeem_with(&front.app, front.proof(&key()), &code).await.expect("tokens").access().to_owned()
}

/// A proof for UserInfo that says more, or less.
fn proof(front: &Front, key: &FakeClientKey, token: &str, more: &[(&str, Value)]) -> Sent {
    let mut said = front.said(endpoints::USERINFO);
    said["htm"] = json!("GET");
    said["ath"] = json!(base64url(&Sha256::digest(token)));
    for (name, value) in more {
        said[*name] = value.clone();
    }
    sent(&key.prove(&said))
}

async fn ask(front: &Front, token: &str, scheme: Scheme, dpop: &Sent) -> Result<(), BearerError> {
    let presented = Presented { token, scheme, method: "GET", dpop };
    userinfo::told(&front.cx, &front.view, presented).await.map(drop)
}

fn refused_proof(refused: Result<(), BearerError>) -> ErrorCode {
    match refused {
        Err(BearerError::Proof(error)) => error.code().expect("the caller's fault"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bound_token_opens_userinfo_with_a_proof_and_once_with_each() {
    let front = Front::new().await;
    let token = bound(&front).await;
    let good = proof(&front, &key(), &token, &[]);
    ask(&front, &token, Scheme::Dpop, &good).await.expect("claims");
    assert_eq!(refused_proof(ask(&front, &token, Scheme::Dpop, &good).await), ErrorCode::InvalidDpopProof, "t131");
    let posted = proof(&front, &key(), &token, &[("htm", json!("POST"))]);
    let presented = Presented { token: &token, scheme: Scheme::Dpop, method: "POST", dpop: &posted };
    userinfo::told(&front.cx, &front.view, presented).await.expect("claims");
}

#[tokio::test]
async fn t135_t137_a_proof_is_for_this_token_and_this_request() {
    let front = Front::new().await;
    let token = bound(&front).await;
    let bad = [
        Sent::Nothing,
        Sent::Several,
        proof(&front, &key(), &token, &[("ath", Value::Null)]),
        proof(&front, &key(), "another token", &[]),
        proof(&front, &key(), &token, &[("htm", json!("POST"))]),
        proof(&front, &key(), &token, &[("htu", json!(front.view.issuer.at(endpoints::TOKEN)))]),
    ];
    for bad in bad {
        let refused = ask(&front, &token, Scheme::Dpop, &bad).await;
        assert_eq!(refused_proof(refused), ErrorCode::InvalidDpopProof, "{bad:?}");
    }
    let stale = proof(&front, &key(), &token, &[("iat", json!(1))]);
    assert_eq!(refused_proof(ask(&front, &token, Scheme::Dpop, &stale).await), ErrorCode::UseDpopNonce);
    let other = proof(&front, &other_key(), &token, &[]);
    let refused = ask(&front, &token, Scheme::Dpop, &other).await;
    assert!(matches!(refused, Err(BearerError::InvalidToken)), "another key: {refused:?}");
}

#[tokio::test]
async fn t136_neither_scheme_stands_for_the_other() {
    let front = Front::new().await;
    let token = bound(&front).await;
    let plain = front.sign_in(&front.app, "openid").await.access().to_owned();
    for (token, scheme, dpop) in [
        (&token, Scheme::Bearer, Sent::Nothing),
        (&token, Scheme::Bearer, proof(&front, &key(), &token, &[])),
        (&plain, Scheme::Bearer, proof(&front, &key(), &plain, &[])),
        (&plain, Scheme::Dpop, proof(&front, &key(), &plain, &[])),
    ] {
        let refused = ask(&front, token, scheme, &dpop).await;
        assert!(matches!(refused, Err(BearerError::Misused { .. })), "{scheme:?} {refused:?}");
    }
    ask(&front, &plain, Scheme::Bearer, &Sent::Nothing).await.expect("claims");
}

#[tokio::test]
async fn introspection_tells_what_a_token_is_bound_to() {
    let front = Front::new().await;
    let code = front.code(&front.site, "openid").await;
    let tokens = front.redeem_with(&front.site, front.proof(&key()), &code).await.expect("tokens");
    let credentials = front.credentials(&front.site);
    let asked = form(&[("token", tokens.access())]);
    let said = introspect::introspect(&front.cx, &front.view, &credentials, &asked).await.expect("told");
    assert_eq!(said["active"], true);
    assert_eq!(said["token_type"], "DPoP");
    assert_eq!(said["cnf"], json!({ "jkt": key().thumbprint().to_string() }));
}

#[tokio::test]
async fn the_metadata_name_the_algorithms_where_proofs_are_looked_at() {
    let front = Front::new().await;
    let told = |front: &Front| {
        let view = &front.view;
        let document = discovery::document(
            &view.tenant,
            &view.issuer,
            &view.signing_algorithms,
            &view.scopes,
            &view.claim_mappings,
        );
        document.get("dpop_signing_alg_values_supported").cloned()
    };
    let all = json!(["ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512"]);
    assert_eq!(told(&front), Some(all));
    assert_eq!(told(&front.with_settings(|it| it.dpop = DpopPolicy::Off)), None);
}
