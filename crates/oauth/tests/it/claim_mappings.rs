//! Claims that a tenant adds to tokens and to UserInfo.

use chancery_domain::{
    claim_mapping::{ClaimMapping, ClaimMappings, ClaimSource, ClaimTarget, MappedClient},
    client::Client,
    profile::Profile,
    time::Clock,
    version::Version,
    vocabulary::AccessTokenFormat,
};
use chancery_oauth::{discovery, userinfo};
use serde_json::{Value, json};

use crate::front::{Front, view_of};

use ClaimTarget::{AccessToken, IdToken, Userinfo};

fn mapping(front: &Front, claim: &str, source: ClaimSource, targets: &[ClaimTarget]) -> ClaimMapping {
    ClaimMapping {
        slug: format!("m-{}", claim.replace('_', "-")).parse().expect("a slug"),
        claim: claim.parse().expect("a name"),
        source,
        targets: targets.iter().copied().collect(),
        scope: None,
        client: None,
        version: Version::FIRST,
        created_at: front.clock.now(),
        updated_at: front.clock.now(),
    }
}

fn user(path: &str) -> ClaimSource {
    ClaimSource::user(path).expect("a path")
}

fn constant(value: Value) -> ClaimSource {
    ClaimSource::constant(value).expect("a constant")
}

/// Shows the tenant with these mappings.
fn map(front: &mut Front, mappings: Vec<ClaimMapping>) {
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    view.claim_mappings = ClaimMappings::new(mappings);
    front.view = front.directory.show(view);
}

fn only_for(client: &Client, mapping: ClaimMapping) -> ClaimMapping {
    ClaimMapping { client: Some(MappedClient { uid: client.uid, id: client.id.clone() }), ..mapping }
}

#[tokio::test]
async fn a_claim_goes_where_its_mapping_says_and_keeps_its_type() {
    let mut front = Front::new().await;
    let mappings = vec![
        mapping(&front, "level", user("tier"), &[IdToken, AccessToken, Userinfo]),
        mapping(&front, "login", user("/username"), &[AccessToken]),
        mapping(&front, "roles", constant(json!(["a", { "b": 1.5 }, true])), &[IdToken, Userinfo]),
        mapping(&front, "absent", user("/tier/x"), &[IdToken, AccessToken, Userinfo]),
    ];
    map(&mut front, mappings);
    let tokens = front.sign_in(&front.app, "openid").await;
    let (access, id) = (Front::claims(tokens.access()), Front::claims(tokens.text("id_token")));
    let said = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    let roles = json!(["a", { "b": 1.5 }, true]);
    assert_eq!((&access["level"], &access["login"]), (&json!("gold"), &json!("ada")));
    assert_eq!((&id["level"], &id["roles"]), (&json!("gold"), &roles));
    assert_eq!(json!(said), json!({ "sub": front.user.id.to_string(), "level": "gold", "roles": roles }));
    for (token, claims) in [(&access, &["roles", "absent"]), (&id, &["login", "absent"])] {
        assert!(claims.iter().all(|claim| !token.contains_key(*claim)), "{token:?}");
    }
}

#[tokio::test]
async fn a_condition_is_a_scope_a_client_or_both() {
    let mut front = Front::new().await;
    let scoped = |mapping| ClaimMapping { scope: Some("crm".parse().expect("a scope")), ..mapping };
    let all = &[IdToken, AccessToken, Userinfo];
    let mappings = vec![
        scoped(mapping(&front, "by_scope", constant(json!(1)), all)),
        only_for(&front.app, mapping(&front, "by_client", constant(json!(2)), all)),
        only_for(&front.app, scoped(mapping(&front, "by_both", constant(json!(3)), all))),
    ];
    map(&mut front, mappings);
    for (client, scope, expected) in [
        (&front.app, "openid", &["by_client"][..]),
        (&front.app, "openid crm", &["by_both", "by_client", "by_scope"]),
        (&front.site, "openid", &[]),
        (&front.site, "openid crm", &["by_scope"]),
    ] {
        let tokens = front.sign_in(client, scope).await;
        let said = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
        for claims in [Front::claims(tokens.access()), Front::claims(tokens.text("id_token")), said] {
            let found: Vec<_> = claims.keys().filter(|claim| claim.starts_with("by_")).collect();
            assert_eq!(found, expected, "{} {scope}", client.id);
        }
    }
}

#[tokio::test]
async fn refreshed_tokens_tell_what_is_known_now() {
    let mut front = Front::new().await;
    let mappings = vec![mapping(&front, "mail", user("email"), &[AccessToken, IdToken])];
    map(&mut front, mappings);
    let tokens = front.sign_in(&front.app, "openid offline_access").await;
    assert_eq!(Front::claims(tokens.access())["mail"], "ada@example.com");
    let mut user = front.user.clone();
    user.email = Some("lovelace@example.com".parse().expect("an address"));
    front.update_user(&user).await;
    let tokens = front.refresh(&front.app, tokens.refresh()).await.expect("tokens");
    assert_eq!(Front::claims(tokens.access())["mail"], "lovelace@example.com");
    assert_eq!(Front::claims(tokens.text("id_token"))["mail"], "lovelace@example.com");
}

#[tokio::test]
async fn a_client_that_acts_for_itself_gets_constants_alone() {
    let mut front = Front::new().await;
    let mappings = vec![
        mapping(&front, "level", user("tier"), &[AccessToken]),
        mapping(&front, "region", constant(json!("eu")), &[AccessToken]),
    ];
    map(&mut front, mappings);
    let tokens = front.token(&front.site, &[("grant_type", "client_credentials")]).await.expect("a token");
    let claims = Front::claims(tokens.access());
    assert_eq!((claims.get("level"), &claims["region"]), (None, &json!("eu")));
}

#[tokio::test]
async fn a_mapping_wins_over_what_a_scope_opens() {
    let mut front = Front::new().await;
    let mappings = vec![mapping(&front, "name", user("/username"), &[Userinfo])];
    map(&mut front, mappings);
    let tokens = front.sign_in(&front.app, "openid profile").await;
    let said = userinfo::claims(&front.cx, &front.view, tokens.access()).await.expect("claims");
    assert_eq!(said["name"], "ada");
}

#[tokio::test]
async fn hmac_tokens_have_them_too() {
    let mut front = Front::of(Profile::Oidc).await;
    let mut tenant = front.view.tenant.clone();
    tenant.settings.access_token_format = AccessTokenFormat::Hmac;
    let mut view = view_of(tenant, front.clock.now());
    view.claim_mappings = ClaimMappings::new(vec![mapping(&front, "level", user("tier"), &[AccessToken])]);
    front.view = front.directory.show(view);
    let tokens = front.sign_in(&front.app, "openid").await;
    assert_eq!(Front::claims(tokens.access())["level"], "gold");
    assert!(userinfo::claims(&front.cx, &front.view, tokens.access()).await.is_ok(), "still believed");
}

#[tokio::test]
async fn the_metadata_name_what_people_and_applications_see() {
    let mut front = Front::new().await;
    let mappings = vec![
        mapping(&front, "level", user("tier"), &[IdToken]),
        mapping(&front, "groups", user("groups"), &[Userinfo]),
        mapping(&front, "internal", user("tier"), &[AccessToken]),
    ];
    map(&mut front, mappings);
    let view = &front.view;
    let document =
        discovery::document(&view.tenant, &view.issuer, &view.signing_algorithms, &view.scopes, &view.claim_mappings);
    let claims = document["claims_supported"].as_array().expect("a list");
    assert!(claims.contains(&json!("level")) && claims.contains(&json!("groups")));
    assert!(!claims.contains(&json!("internal")));
}
