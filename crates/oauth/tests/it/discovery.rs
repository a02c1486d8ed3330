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

#[tokio::test]
async fn p007_what_a_tenant_switches_on_is_told() {
    let front = Front::open().await;
    let view = &front.view;
    let document =
        discovery::document(&view.tenant, &view.issuer, &view.signing_algorithms, &view.scopes, &view.claim_mappings);
    let types = ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];
    assert_eq!(document["response_types_supported"], serde_json::json!(types));
    assert!(document["grant_types_supported"].as_array().is_some_and(|grants| grants.contains(&"implicit".into())));

    // Another profile does not give what is still switched on from before.
    let mut tenant = view.tenant.clone();
    tenant.profile = Profile::Oauth21;
    let document =
        discovery::document(&tenant, &view.issuer, &view.signing_algorithms, &view.scopes, &view.claim_mappings);
    assert_eq!(document["response_types_supported"], serde_json::json!(["code"]));
    assert!(document["grant_types_supported"].as_array().is_some_and(|grants| !grants.contains(&"implicit".into())));
}
