//! What the metadata say.

use chancery_domain::{profile::Profile, time::Clock};
use chancery_oauth::discovery;

use crate::front::{Front, view_of};

#[tokio::test]
async fn the_metadata_of_a_tenant() {
    let front = Front::new().await;
    let view = &front.view;
    let document =
        discovery::document(&view.tenant, &view.issuer, &view.signing_algorithms, &view.scopes, &view.claim_mappings);
    insta::assert_json_snapshot!(document);
}

#[tokio::test]
async fn the_algorithms_are_those_of_the_policy_and_on_oidc_the_one_of_secrets() {
    let front = Front::of(Profile::Oidc).await;
    let view = view_of(front.view.tenant.clone(), front.clock.now());
    let document =
        discovery::document(&view.tenant, &view.issuer, &view.signing_algorithms, &view.scopes, &view.claim_mappings);
    assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!(["RS256", "HS256"]));
}
