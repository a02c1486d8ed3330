//! Clients that register themselves, and what strangers try while they do.

use std::time::Duration;

use axum::body::Body;
use chancery_domain::{
    id::InitialAccessTokenId,
    ports::store::Store,
    registration::InitialAccessToken,
    secret::{OpaqueToken, TokenKind},
    time::Clock,
};
use chancery_testkit::SeededRandom;
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
async fn t238_where_it_is_closed_nobody_registers_and_discovery_is_silent() {
    let world = World::new().await;
    let answer = world.ask("POST", "/t/acme/register", None, Some(&app())).await;
    assert_eq!((answer.status.as_u16(), answer.json()["error"].clone()), (403, json!("access_denied")));
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let discovery = |tenant: &str| format!("/t/{tenant}/.well-known/openid-configuration");
    assert!(world.get(&discovery("acme")).await.json().get("registration_endpoint").is_none());
    let named = world.get(&discovery("welcome")).await.json()["registration_endpoint"].clone();
    assert_eq!(named, format!("https://id.example{REGISTER}"));
}

#[tokio::test]
async fn t239_an_initial_access_token_is_good_where_and_as_often_as_it_is_for() {
    let world = World::new().await;
    let path = "/t/invited/register";
    let random = SeededRandom::new(77);
    let now = world.clock.now();
    let token = |left| {
        let text = OpaqueToken::generate(TokenKind::InitialAccess, &random);
        let row = InitialAccessToken {
            id: InitialAccessTokenId::generate(&random, now),
            digest: text.digest(),
            hint: text.hint(),
            display_name: "tests".to_owned(),
            uses_left: left,
            created_at: now,
            expires_at: now + Duration::from_secs(60),
        };
        (text, row)
    };
    let ((twice, first), (late, second), (elsewhere, third)) = (token(2), token(1), token(1));
    for (tenant, row) in [("invited", &first), ("invited", &second), ("globex", &third)] {
        let tx = world.store.begin(world.tenants[tenant]).await.expect("begun");
        tx.initial_access_tokens().insert(row).await.expect("written");
        tx.commit().await.expect("durable");
    }
    let missing = world.ask("POST", path, None, Some(&app())).await;
    assert_eq!(missing.status, 401);
    assert!(missing.header("www-authenticate").starts_with("Bearer "), "{:?}", missing.headers);
    let wrong = |answer: &Answer, what: &str| {
        assert_eq!((answer.status.as_u16(), answer.json()["error"].clone()), (401, json!("invalid_token")), "{what}");
        assert!(answer.header("www-authenticate").contains("invalid_token"), "{what}");
    };
    for bad in ["chi_x", "nonsense", elsewhere.expose()] {
        wrong(&world.ask("POST", path, Some(bad), Some(&app())).await, bad);
    }
    let unfit = with("subject_type", json!("secret"));
    assert_eq!(world.ask("POST", path, Some(twice.expose()), Some(&unfit)).await.status, 400, "which uses nothing up");
    for _ in 0..2 {
        assert_eq!(world.ask("POST", path, Some(twice.expose()), Some(&app())).await.status, 201);
    }
    wrong(&world.ask("POST", path, Some(twice.expose()), Some(&app())).await, "used up");
    world.clock.advance(Duration::from_secs(60));
    wrong(&world.ask("POST", path, Some(late.expose()), Some(&app())).await, "over");
}

#[tokio::test]
async fn t240_strangers_get_no_more_than_the_policy_gives() {
    let world = World::new().await;
    let name = "invalid_client_metadata";
    for (member, value, named) in [
        ("scope", json!("openid chancery.admin"), "scope"),
        ("grant_types", json!(["client_credentials"]), "grant_types"),
        ("grant_types", json!(["password"]), "grant_types"),
        ("grant_types", json!(["refresh_token"]), "grant_types"),
        ("response_types", json!(["code", "none"]), "response_types"),
        ("token_endpoint_auth_method", json!("tls_client_auth"), "token_endpoint_auth_method"),
        ("token_endpoint_auth_method", json!("private_key_jwt"), "jwks"),
        ("token_endpoint_auth_signing_alg", json!("HS256"), "token_endpoint_auth_signing_alg"),
        ("id_token_signed_response_alg", json!("none"), "id_token_signed_response_alg"),
        ("request_object_signing_alg", json!("none"), "request_object_signing_alg"),
        ("subject_type", json!("secret"), "subject_type"),
        ("userinfo_signed_response_alg", json!("none"), "userinfo_signed_response_alg"),
        ("id_token_encrypted_response_enc", json!("A128GCM"), "id_token_encrypted_response_enc"),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP-256"), "id_token_encrypted_response_alg"),
        ("jwks", json!("text"), "jwks"),
        ("application_type", json!("service"), "application_type"),
    ] {
        refused(&world.register(&with(member, value.clone())).await, name, named);
    }
    let mut implicit = with("response_types", json!(["id_token"]));
    implicit["grant_types"] = json!(["authorization_code"]);
    refused(&world.register(&implicit).await, name, "response_types");
    let mut public = with("token_endpoint_auth_method", json!("none"));
    public["id_token_signed_response_alg"] = json!("HS256");
    refused(&world.register(&public).await, name, "id_token_signed_response_alg");
}

#[tokio::test]
async fn t241_a_token_manages_its_own_client_and_no_disabled_one() {
    let world = World::new().await;
    let ((a, token, told), (b, ..)) = (world.registered(&app()).await, world.registered(&app()).await);
    let id = told["client_id"].as_str().expect("an id");
    let mut change = app();
    change["client_id"] = json!(id);
    for (method, body) in [("GET", None), ("PUT", Some(&change)), ("DELETE", None)] {
        for path in [&*b, "/t/welcome/register/nobody", "/t/welcome/register/app", "/t/globex/register/app"] {
            let answer = world.ask(method, path, Some(&token), body).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["error"].clone()),
                (401, json!("invalid_token")),
                "{path}"
            );
        }
        assert_eq!(world.ask(method, &a, None, body).await.status, 401, "{method} without a token");
    }
    change["client_id"] = json!("another");
    refused(&world.ask("PUT", &a, Some(&token), Some(&change)).await, "invalid_client_metadata", "client_id");

    let tenant = world.tenants["welcome"];
    let stored =
        world.store.read(tenant).clients().find(&id.parse().expect("an id")).await.expect("read").expect("there");
    let tx = world.store.begin(tenant).await.expect("begun");
    tx.clients().update(&stored.disable().expect("enabled"), world.clock.now()).await.expect("written");
    tx.commit().await.expect("durable");
    change["client_id"] = json!(id);
    for (method, body) in [("GET", None), ("PUT", Some(&change)), ("DELETE", None)] {
        assert_eq!(world.ask(method, &a, Some(&token), body).await.status, 403, "{method}");
    }
}

#[tokio::test]
async fn t242_what_is_not_the_clients_to_say_is_ignored() {
    let world = World::new().await;
    let mut metadata = app();
    for (member, value) in [
        ("client_id", json!("app")),
        ("client_secret", json!("swordfish")),
        ("tenant", json!("globex")),
        ("skip_consent", json!(true)),
        ("trusted", json!(true)),
        ("state", json!("enabled")),
        ("registration_access_token", json!("chg_mine")),
        ("allowed_origins", json!(["https://evil.example"])),
    ] {
        metadata[member] = value;
    }
    let (_, token, told) = world.registered(&metadata).await;
    assert!(told["client_id"] != "app" && told["client_secret"] != "swordfish" && token != "chg_mine", "{told}");
    let id = told["client_id"].as_str().expect("an id").parse().expect("an id");
    let stored = world.store.read(world.tenants["welcome"]).clients().find(&id).await.expect("read").expect("there");
    assert!(!stored.skip_consent && stored.registered_itself());
    assert_eq!(stored.allowed_origins, ["https://app.example"]);
}

#[tokio::test]
async fn t243_a_stranger_is_shown_as_one_with_its_host() {
    let world = World::new().await;
    for bad in ["Good\u{202e}kcul", "a\u{200b}b", &"x".repeat(10_240)] {
        refused(&world.register(&with("client_name", json!(bad))).await, "invalid_client_metadata", "client_name");
    }
    let mut metadata = with("client_name", json!("Ｓｕｎｄｉａｌ"));
    for (member, path) in [("logo_uri", "logo.png"), ("policy_uri", "privacy"), ("tos_uri", "terms")] {
        metadata[member] = json!(format!("https://app.example/{path}"));
    }
    let (_, _, told) = world.registered(&metadata).await;
    assert_eq!(told["client_name"], "Sundial");
    let id = told["client_id"].as_str().expect("an id");
    let query = "response_type=code&scope=openid&redirect_uri=https%3A%2F%2Fapp.example%2Fcb";
    let page = world.look(&format!("/t/welcome/oauth2/authorize?client_id={id}&{query}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for shown in ["client-unverified", "app.example</strong>", "client-logo", "client-policy", "client-tos", "Sundial"]
    {
        assert!(page.body.contains(shown), "p047 {shown}: {}", page.body);
    }
    let known = world.look(&format!("/t/open/oauth2/authorize?client_id=app&{query}")).await;
    assert!(!known.body.contains("client-unverified"), "an operator vouches for its own clients");
}

#[tokio::test]
async fn t244_what_is_sent_is_bounded() {
    let world = World::new().await;
    let many: Vec<_> = (0..1000).map(|n| format!("https://app.example/{n}")).collect();
    refused(&world.register(&json!({ "redirect_uris": many })).await, "invalid_redirect_uri", "redirect_uris");
    refused(&world.register(&with("contacts", json!(vec!["x"; 11]))).await, "invalid_client_metadata", "contacts");
    let huge = world.register(&with("padding", json!("x".repeat(1024 * 1024)))).await;
    assert_eq!(huge.status, 413, "{}", huge.body);
    for text in ["", "[]", "{", r#"{"redirect_uris":["https://a.example/"],"redirect_uris":[]}"#, &"[".repeat(60_000)] {
        let request =
            Request::post(REGISTER).header("content-type", "application/json").body(Body::from(text.to_owned()));
        let answer = world.send(request.expect("a request")).await;
        assert_eq!((answer.status.as_u16(), answer.json()["error"].clone()), (400, json!("invalid_client_metadata")));
    }
    assert_eq!(world.post(REGISTER, "redirect_uris=x").await.status, 415);
}

#[tokio::test]
async fn t245_a_flood_is_stopped() {
    let world = World::new().await;
    let mut answers = Vec::new();
    for _ in 0..14 {
        answers.push(world.register(&app()).await);
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 12, "as many as the tenant takes");
    let last = answers.last().expect("some");
    assert_eq!((last.status.as_u16(), last.json()["error"].clone()), (429, json!("temporarily_unavailable")));
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
    let mut tried = 0;
    while world.register(&json!({})).await.status == 400 {
        tried += 1;
        assert!(tried < 60, "one source may try so often");
    }
    assert_eq!(tried, 60 - 14);
}

#[tokio::test]
async fn t246_no_software_statement_is_believed() {
    let world = World::new().await;
    for statement in ["eyJhbGciOiJub25lIn0.e30.", "x", ""] {
        let answer = world.register(&with("software_statement", json!(statement))).await;
        refused(&answer, "invalid_software_statement", "software_statement");
    }
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
