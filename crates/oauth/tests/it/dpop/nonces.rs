//! Nonces of the server, and proofs that are too old or too new.

use std::{sync::Arc, time::Duration};

use chancery_domain::time::Clock;
use chancery_oauth::{
    dpop::{self, Sent},
    endpoints,
    error::ErrorCode,
};
use serde_json::json;

use super::{ITSELF, code_of, key, sent};
use crate::front::{Front, view_of};

fn nonce(front: &Front) -> String {
    dpop::nonce(&front.view, front.clock.now()).expect("a nonce")
}

fn proof_with(front: &Front, nonce: &str) -> Sent {
    let mut said = front.said(endpoints::TOKEN);
    said["nonce"] = json!(nonce);
    sent(&key().prove(&said))
}

#[tokio::test]
async fn t133_a_clock_that_is_wrong_is_shown_the_way_by_a_nonce() {
    let front = Front::new().await;
    for (away, good) in [(-59, true), (-60, false), (-3600, false), (60, true), (61, false)] {
        let mut said = front.said(endpoints::TOKEN);
        said["iat"] = json!(front.clock.now().seconds() + away);
        let told = front.token_with(&front.site, sent(&key().prove(&said)), &ITSELF).await;
        if good {
            told.unwrap_or_else(|error| panic!("{away}: {error}"));
            continue;
        }
        assert_eq!(code_of(told), ErrorCode::UseDpopNonce, "{away}");
        said["nonce"] = json!(nonce(&front));
        front.token_with(&front.site, sent(&key().prove(&said)), &ITSELF).await.expect("fresh by its nonce");
    }
}

#[tokio::test]
async fn t138_a_nonce_is_good_for_a_while_and_for_one_tenant() {
    let front = Front::new().await;
    let first = nonce(&front);
    front.token_with(&front.site, proof_with(&front, &first), &ITSELF).await.expect("now");
    front.later(Duration::from_secs(120));
    assert_ne!(nonce(&front), first);
    front.token_with(&front.site, proof_with(&front, &first), &ITSELF).await.expect("for a while");
    front.later(Duration::from_secs(120));
    let refused = front.token_with(&front.site, proof_with(&front, &first), &ITSELF).await;
    assert_eq!(code_of(refused), ErrorCode::UseDpopNonce, "too old");

    let mut elsewhere = Front::new().await;
    let tenant = chancery_testkit::builders::tenant("globex", &*elsewhere.random, elsewhere.clock.now());
    elsewhere.view = Arc::new(view_of(tenant, front.clock.now()));
    for bad in [nonce(&elsewhere), "a nonce".to_owned(), String::new(), format!("{}A", nonce(&front))] {
        let refused = front.token_with(&front.site, proof_with(&front, &bad), &ITSELF).await;
        assert_eq!(code_of(refused), ErrorCode::UseDpopNonce, "{bad}");
    }
    let mut said = front.said(endpoints::TOKEN);
    said["nonce"] = json!(1);
    let refused = front.token_with(&front.site, sent(&key().prove(&said)), &ITSELF).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidDpopProof, "no text");
}

#[tokio::test]
async fn t131_a_proof_with_a_nonce_is_good_once_for_as_long_as_the_nonce_is() {
    let front = Front::new().await;
    let proof = proof_with(&front, &nonce(&front));
    front.token_with(&front.site, proof.clone(), &ITSELF).await.expect("tokens");
    front.later(Duration::from_secs(119));
    assert_eq!(code_of(front.token_with(&front.site, proof, &ITSELF).await), ErrorCode::InvalidDpopProof);
}

#[tokio::test]
async fn a_tenant_may_want_a_nonce_in_every_proof() {
    let front = Front::new().await.with_settings(|it| it.dpop_nonce_required = true);
    let refused = front.token_with(&front.site, front.proof(&key()), &ITSELF).await;
    assert_eq!(code_of(refused), ErrorCode::UseDpopNonce);
    front.token_with(&front.site, proof_with(&front, &nonce(&front)), &ITSELF).await.expect("tokens");
    front.token_with(&front.site, Sent::Nothing, &ITSELF).await.expect("whoever sends no proof needs none");
}
