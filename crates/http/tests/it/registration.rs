//! Clients that register themselves, and what strangers try while they do.

mod places;
mod strangers;

use axum::body::Body;
use chancery_domain::ports::store::Store;
use http::Request;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const REGISTER: &str = "/t/welcome/register";

impl World {
    async fn ask(&self, method: &str, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).expect("a request")).await
    }

    async fn register(&self, metadata: &Value) -> Answer {
        self.ask("POST", REGISTER, None, Some(metadata)).await
    }

    /// A client that was registered: where it manages itself, by what token, and all it was told.
    async fn registered(&self, metadata: &Value) -> (String, String, Value) {
        let answer = self.register(metadata).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let told = answer.json();
        let text = |name: &str| told[name].as_str().expect(name).to_owned();
        let place = text("registration_client_uri").strip_prefix("https://id.example").expect("ours").to_owned();
        (place, text("registration_access_token"), told)
    }
}

fn app() -> Value {
    json!({ "redirect_uris": ["https://app.example/cb"] })
}

fn with(member: &str, value: Value) -> Value {
    let mut metadata = app();
    metadata[member] = value;
    metadata
}

/// That it is refused by name.
fn refused(answer: &Answer, error: &str, member: &str) {
    assert_eq!(answer.status, 400, "{member}: {}", answer.body);
    let body = answer.json();
    assert_eq!(body["error"], error, "{member}: {}", answer.body);
    let hint = body["error_description"].as_str().expect("a description");
    assert!(hint.starts_with(member), "{member}: {hint}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn p045_a_client_registers_reads_changes_and_removes_itself() {
    let world = World::new().await;
    let answer = world.register(&with("client_name", json!("Sundial"))).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (201, "application/json"), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let told = answer.json();
    for (member, value) in [
        ("client_name", json!("Sundial")),
        ("redirect_uris", json!(["https://app.example/cb"])),
        ("grant_types", json!(["authorization_code"])),
        ("response_types", json!(["code"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("application_type", json!("web")),
        ("id_token_signed_response_alg", json!("RS256")),
        ("client_secret_expires_at", json!(0)),
    ] {
        assert_eq!(told[member], value, "{member}: {told}");
    }
    assert!(told["client_secret"].as_str().is_some_and(|secret| secret.starts_with("chx_")), "{told}");
    assert!(told["client_id_issued_at"].is_i64(), "{told}");

    let id = told["client_id"].as_str().expect("an id");
    let token = told["registration_access_token"].as_str().expect("a token");
    let place = format!("{REGISTER}/{id}");
    assert_eq!(told["registration_client_uri"], format!("https://id.example{place}"));
    let read = world.ask("GET", &place, Some(token), None).await;
    assert_eq!(read.status, 200, "{}", read.body);
    let read = read.json();
    assert_eq!((&read["client_name"], &read["registration_access_token"]), (&json!("Sundial"), &json!(token)));
    assert!(read.get("client_secret").is_none() && read.get("client_secret_expires_at").is_none(), "{read}");

    let mut wanted = with("token_endpoint_auth_method", json!("none"));
    wanted["client_id"] = json!(id);
    let changed = world.ask("PUT", &place, Some(token), Some(&wanted)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.json()["token_endpoint_auth_method"], "none");
    assert_ne!(changed.json()["client_name"], "Sundial", "what is left out takes its default");
    let stored = world.store.read(world.tenants["welcome"]).clients().find(&id.parse().expect("an id")).await;
    assert!(stored.expect("read").expect("there").secrets.is_empty(), "a public client has no secret");
    wanted["token_endpoint_auth_method"] = json!("client_secret_post");
    let again = world.ask("PUT", &place, Some(token), Some(&wanted)).await.json();
    assert!(again["client_secret"].is_string() && again["client_secret_expires_at"] == 0, "{again}");

    let gone = world.ask("DELETE", &place, Some(token), None).await;
    assert_eq!((gone.status.as_u16(), gone.body.as_str()), (204, ""));
    assert_eq!(world.ask("GET", &place, Some(token), None).await.status, 401);
}

#[tokio::test]
async fn p007_every_member_that_a_client_can_have_goes_in_and_comes_back() {
    let world = World::new().await;
    world.web.publish("https://app.example/sector.json", r#"["https://app.example/cb","https://app.example/2"]"#);
    let metadata = json!({
        "application_type": "web",
        "client_name": "Sundial",
        "redirect_uris": ["https://app.example/cb"],
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "token_endpoint_auth_method": "client_secret_post",
        "response_types": ["code", "id_token", "token id_token"],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "scope": "openid profile",
        "client_uri": "https://app.example/",
        "logo_uri": "https://app.example/logo.png",
        "policy_uri": "https://app.example/privacy",
        "tos_uri": "https://app.example/terms",
        "contacts": ["ops@app.example"],
        "software_id": "sundial",
        "software_version": "2.1",
        "initiate_login_uri": "https://app.example/login",
        "sector_identifier_uri": "https://app.example/sector.json",
        "subject_type": "pairwise",
        "default_max_age": 600,
        "require_auth_time": true,
        "id_token_signed_response_alg": "HS256",
        "jwks": { "keys": [{ "kty": "EC", "kid": "enc" }] },
        "id_token_encrypted_response_alg": "ECDH-ES",
        "id_token_encrypted_response_enc": "A128CBC-HS256",
        "userinfo_encrypted_response_alg": "ECDH-ES+A128KW",
        "userinfo_encrypted_response_enc": "A256GCM",
        "authorization_signed_response_alg": "RS256",
        "authorization_encrypted_response_alg": "ECDH-ES+A256KW",
        "authorization_encrypted_response_enc": "A128GCM",
        "require_pushed_authorization_requests": true,
    });
    let (_, _, told) = world.registered(&metadata).await;
    for (member, value) in metadata.as_object().expect("an object") {
        if member == "response_types" {
            assert_eq!(told[member], json!(["code", "id_token", "id_token token"]));
        } else if member == "grant_types" {
            assert_eq!(told[member].as_array().map(Vec::len), Some(3), "{told}");
        } else {
            assert_eq!(told[member], *value, "{member}: {told}");
        }
    }
}

#[tokio::test]
async fn p046_places_are_read_with_care() {
    let world = World::new().await;
    let name = "invalid_client_metadata";
    refused(
        &world.register(&with("initiate_login_uri", json!("http://app.example/"))).await,
        name,
        "initiate_login_uri",
    );
    let sector = |uri: &str| with("sector_identifier_uri", json!(uri));
    world.web.publish("https://app.example/other.json", r#"["https://app.example/2"]"#);
    world.web.publish("https://app.example/not.json", r#"{"a":1}"#);
    for uri in ["https://app.example/other.json", "https://app.example/not.json", "https://app.example/none.json"] {
        refused(&world.register(&sector(uri)).await, name, "sector_identifier_uri");
    }
    for uri in ["https://127.0.0.1/", "http://app.example/list", "https://u@app.example/", "https://10.0.0.1/x"] {
        refused(&world.register(&sector(uri)).await, name, "sector_identifier_uri");
        refused(&world.register(&with("jwks_uri", json!(uri))).await, name, "jwks_uri");
    }
    refused(&world.register(&with("jwks_uri", json!("https://app.example/none"))).await, name, "jwks_uri");
    assert!(world.web.fetched().iter().all(|uri| uri.starts_with("https://app.example/")), "{:?}", world.web.fetched());
}

#[tokio::test]
async fn pages_of_everywhere_may_register_where_everybody_may() {
    let world = World::new().await;
    let answer = world.register(&app()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let request = Request::options(REGISTER).header("origin", "https://inspector.example").body(Body::empty());
    let preflight = world.send(request.expect("a request")).await;
    assert_eq!(preflight.status, 204);
    assert!(preflight.header("access-control-allow-methods").contains("PUT"));
    assert!(preflight.header("access-control-allow-headers").contains("authorization"));
}

#[tokio::test]
async fn a_registered_client_asks_the_token_endpoint_by_its_secret() {
    let world = World::new().await;
    let (_, _, told) = world.registered(&with("token_endpoint_auth_method", json!("client_secret_post"))).await;
    let text = |member: &str| told[member].as_str().expect(member).to_owned();
    let form = |secret: &str| {
        format!("grant_type=authorization_code&code=chc_x&client_id={}&client_secret={secret}", text("client_id"))
    };
    let known = world.post("/t/welcome/oauth2/token", &form(&text("client_secret"))).await;
    assert_ne!(known.json()["error"], "invalid_client", "{}", known.body);
    let other = world.post("/t/welcome/oauth2/token", &form("chx_wrong")).await;
    assert_eq!(other.json()["error"], "invalid_client", "{}", other.body);
}

#[tokio::test]
async fn p012_a_client_registers_where_it_hears_of_the_end_of_a_session() {
    let world = World::new().await;
    let mut metadata = with("backchannel_logout_uri", json!("https://app.example/out"));
    metadata["backchannel_logout_session_required"] = json!(true);
    let (_, _, told) = world.registered(&metadata).await;
    assert_eq!(told["backchannel_logout_uri"], "https://app.example/out");
    assert_eq!(told["backchannel_logout_session_required"], true);
    let name = "invalid_client_metadata";
    let alone = with("backchannel_logout_session_required", json!(true));
    refused(&world.register(&alone).await, name, "backchannel_logout_session_required");
    let elsewhere = with("frontchannel_logout_uri", json!("https://other.example/out"));
    refused(&world.register(&elsewhere).await, name, "frontchannel_logout_uri");
}
