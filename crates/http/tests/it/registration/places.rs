//! Places that clients name: for browsers, for people and for us.

use serde_json::{Value, json};

use super::{app, refused, with};
use crate::world::World;

#[tokio::test]
async fn t156_nothing_that_people_see_is_fetched() {
    let world = World::new().await;
    let mut metadata = app();
    for member in ["logo_uri", "policy_uri", "tos_uri", "client_uri"] {
        metadata[member] = json!("https://app.example/there");
    }
    world.registered(&metadata).await;
    assert!(world.web.fetched().is_empty());
}

#[tokio::test]
async fn t005_t009_t012_t014_t015_redirect_uris_that_could_hurt_are_refused() {
    let world = World::new().await;
    for uri in [
        "https://*.example/cb",
        "https://app.example/cb#x",
        "https://app.example/cb?code=1",
        "https://app.example/cb?state=1",
        "https://app.example/cb?iss=1",
        "https://app.example/cb?error=1",
        "myapp:/cb",
        "http://app.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://u@app.example/cb",
        "/cb",
        "",
    ] {
        for kind in ["web", "native"] {
            let metadata = json!({ "redirect_uris": [uri], "application_type": kind });
            refused(&world.register(&metadata).await, "invalid_redirect_uri", "redirect_uris");
        }
    }
    for none in [json!({}), json!({ "redirect_uris": [] }), json!({ "redirect_uris": null })] {
        refused(&world.register(&none).await, "invalid_redirect_uri", "redirect_uris");
    }
}

#[tokio::test]
async fn t013_no_link_runs_anything() {
    let world = World::new().await;
    for member in ["logo_uri", "policy_uri", "tos_uri", "client_uri", "initiate_login_uri", "post_logout_redirect_uris"]
    {
        for uri in
            ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc", "http://a/"]
        {
            let value = if member.ends_with("uris") { json!([uri]) } else { json!(uri) };
            refused(&world.register(&with(member, value)).await, "invalid_client_metadata", member);
        }
    }
}

#[tokio::test]
async fn t155_a_logout_uri_that_is_not_to_be_called_is_refused() {
    let world = World::new().await;
    for uri in [
        "http://app.example/out",
        "https://127.0.0.1/out",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/",
        "https://app.example/{sid}",
        "https://u@app.example/out",
        "out",
    ] {
        let answer = world.register(&with("backchannel_logout_uri", json!(uri))).await;
        refused(&answer, "invalid_client_metadata", "backchannel_logout_uri");
    }
}

#[tokio::test]
async fn t240_a_tenant_may_name_the_hosts_whose_software_registers_itself() {
    let world = World::new().await;
    let register = async |metadata: Value| world.ask("POST", "/t/partners/register", None, Some(&metadata)).await;
    for uri in ["https://app.example/cb", "https://app.example:8443/cb", "https://x.partner.example/cb"] {
        let answer = register(json!({ "redirect_uris": [uri] })).await;
        assert_eq!(answer.status, 201, "{uri}: {}", answer.body);
    }
    for uri in ["https://partner.example/cb", "https://app.example.evil.example/cb", "https://evil.example/app.example"]
    {
        let answer = register(json!({ "redirect_uris": ["https://app.example/cb", uri] })).await;
        refused(&answer, "invalid_redirect_uri", "redirect_uris");
    }
    for uri in ["com.example.app:/cb", "http://127.0.0.1/cb"] {
        let answer = register(json!({ "redirect_uris": [uri], "application_type": "native" })).await;
        refused(&answer, "invalid_redirect_uri", "redirect_uris");
    }
    for member in ["initiate_login_uri", "client_uri", "logo_uri", "policy_uri", "tos_uri", "post_logout_redirect_uris"]
    {
        let uri = "https://evil.example/x";
        let value = if member.ends_with("uris") { json!([uri]) } else { json!(uri) };
        refused(&register(with(member, value)).await, "invalid_client_metadata", member);
    }
}

#[tokio::test]
async fn t156_the_page_lets_the_browser_load_the_logo_from_its_place_alone() {
    let world = World::new().await;
    let (_, _, told) = world.registered(&with("logo_uri", json!("https://cdn.app.example/logo.png"))).await;
    let id = told["client_id"].as_str().expect("an id");
    let query = "response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
    let page = world.look(&format!("/t/welcome/oauth2/authorize?client_id={id}&{query}")).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("img-src 'self' https://cdn.app.example;"), "{policy}");
    assert!(page.body.contains(r#"referrerpolicy="no-referrer""#), "{}", page.body);
    let (_, _, told) = world.registered(&app()).await;
    let id = told["client_id"].as_str().expect("an id");
    let plain = world.look(&format!("/t/welcome/oauth2/authorize?client_id={id}&{query}")).await;
    assert!(plain.header("content-security-policy").contains("img-src 'self';"), "no picture, no place");
}
