//! What strangers try.

use std::time::Duration;

use axum::body::Body;
use chancery_domain::{
    audit::{Action, AuditEvent},
    id::InitialAccessTokenId,
    ports::store::Store,
    registration::InitialAccessToken,
    secret::{OpaqueToken, TokenKind},
    time::Clock,
};
use chancery_testkit::{SeededRandom, builders};
use http::Request;
use serde_json::json;

use super::{REGISTER, app, refused, with};
use crate::world::{Answer, World};

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
        ("request_object_encryption_alg", json!("RSA1_5"), "request_object_encryption_alg"),
        ("request_object_encryption_enc", json!("A128GCM"), "request_object_encryption_enc"),
        ("request_object_encryption_alg", json!("RSA-OAEP-256"), "jwks"),
        ("subject_type", json!("secret"), "subject_type"),
        ("userinfo_signed_response_alg", json!("none"), "userinfo_signed_response_alg"),
        ("id_token_encrypted_response_enc", json!("A128GCM"), "id_token_encrypted_response_enc"),
        ("id_token_encrypted_response_alg", json!("RSA-OAEP-256"), "id_token_encrypted_response_alg"),
        ("authorization_encrypted_response_enc", json!("A128GCM"), "authorization_encrypted_response_enc"),
        ("authorization_encrypted_response_alg", json!("RSA-OAEP-256"), "authorization_encrypted_response_alg"),
        ("authorization_encrypted_response_alg", json!("dir"), "authorization_encrypted_response_alg"),
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
async fn t245_a_change_counts_like_a_registration() {
    let world = World::new().await;
    let (place, token, told) = world.registered(&app()).await;
    let mut change = app();
    change["client_id"] = told["client_id"].clone();
    let mut changed = 0;
    while world.ask("PUT", &place, Some(&token), Some(&change)).await.status == 200 {
        changed += 1;
        assert!(changed < 60, "one source may write so often");
    }
    assert_eq!(changed, 60 - 1);
    let refused = world.ask("PUT", &place, Some(&token), Some(&change)).await;
    assert!(refused.status == 429 && refused.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
    assert_eq!(world.ask("GET", &place, Some(&token), None).await.status, 200, "looking is free");
    world.move_to("192.0.2.9".parse().expect("an address"));
    assert_eq!(world.ask("PUT", &place, Some(&token), Some(&change)).await.status, 200);
}

impl World {
    /// How many tokens that managed nothing the audit was told of.
    fn told_of_misses(&self, tenant: &str) -> usize {
        let events = self.store.audit();
        let is_miss = |event: &&AuditEvent| {
            event.action == Action::RegistrationRefused && event.reason == Some("registration_access_token")
        };
        events.iter().filter(is_miss).filter(|event| event.tenant == Some(self.tenants[tenant])).count()
    }

    /// Asks for registrations by tokens of nobody until it has to wait, and says how often it could.
    async fn guess_registrations(&self, tenant: &str) -> u32 {
        let mut tried = 0;
        loop {
            let path = format!("/t/{tenant}/register/nobody-{tried}");
            let answer = self.ask(["GET", "DELETE"][tried as usize % 2], &path, Some("y"), None).await;
            if answer.status == 429 {
                assert!(answer.header("retry-after").parse::<u64>().is_ok_and(|wait| wait > 0));
                return tried;
            }
            assert_eq!((answer.status.as_u16(), answer.json()["error"].clone()), (401, json!("invalid_token")));
            tried += 1;
            assert!(tried < 100, "a source that tries has to wait in the end");
        }
    }
}

#[tokio::test]
async fn t300_tokens_that_manage_nothing_fill_no_audit() {
    let world = World::new().await;
    assert_eq!((world.guess_registrations("welcome").await, world.told_of_misses("welcome")), (20, 1));
    let path = "/t/welcome/register/nobody";
    let put = world.ask("PUT", path, Some("y"), Some(&app())).await;
    assert_eq!((put.status.as_u16(), world.told_of_misses("welcome")), (429, 1));
    world.move_to("192.0.2.9".parse().expect("an address"));
    assert_eq!(world.ask("GET", path, Some("y"), None).await.status, 401, "nobody else has to wait");
    assert_eq!(world.told_of_misses("welcome"), 2);
    // Where registration is closed, nobody is told of anything.
    assert_eq!((world.guess_registrations("acme").await, world.told_of_misses("acme")), (20, 0));
}

#[tokio::test]
async fn t300_a_miss_of_which_nothing_is_told_keeps_no_other_out_of_the_audit() {
    let world = World::new().await;
    assert_eq!(world.ask("GET", "/t/welcome/register/no:body", Some("y"), None).await.status, 401);
    assert_eq!(world.told_of_misses("welcome"), 0, "nobody is called that");
    assert_eq!(world.ask("GET", "/t/welcome/register/nobody", Some("y"), None).await.status, 401);
    assert_eq!(world.told_of_misses("welcome"), 1);
}

#[tokio::test]
async fn t238_where_it_was_closed_since_a_client_still_manages_itself() {
    let (world, random) = (World::new().await, SeededRandom::new(9));
    let token = OpaqueToken::generate(TokenKind::Registration, &random);
    let mut client = builders::public_client("earlier", &random, world.clock.now());
    client.registration_token = Some(token.digest());
    let tx = world.store.begin(world.tenants["acme"]).await.expect("begun");
    tx.clients().insert(&client).await.expect("written");
    tx.commit().await.expect("durable");
    let place = "/t/acme/register/earlier";
    assert_eq!(world.ask("GET", place, Some("y"), None).await.status, 401);
    assert_eq!(world.told_of_misses("acme"), 1, "there is something to be managed");
    let token = token.expose();
    assert_eq!(world.ask("GET", place, Some(token), None).await.status, 200);
    assert_eq!(world.ask("DELETE", place, Some(token), None).await.status, 204);
}

#[tokio::test]
async fn t186_no_host_holds_what_means_something_in_a_policy() {
    let world = World::new().await;
    for host in ["app.example;script-src", "app.example,x"] {
        let uri = format!("https://{host}/x");
        for member in ["logo_uri", "policy_uri", "tos_uri", "client_uri"] {
            refused(&world.register(&with(member, json!(uri))).await, "invalid_client_metadata", member);
        }
        let answer = world.register(&with("redirect_uris", json!([uri]))).await;
        refused(&answer, "invalid_redirect_uri", "redirect_uris");
    }
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
async fn t022_a_stranger_gets_no_redirect_of_ours_for_a_request_that_is_wrong() {
    let world = World::new().await;
    let (.., told) = world.registered(&app()).await;
    let id = told["client_id"].as_str().expect("an id");
    let usual = "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&state=s1&code_challenge_method=S256\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let at = |more: &str| format!("/t/welcome/oauth2/authorize?client_id={id}&{usual}&{more}");
    let page = world.look(&at("scope=openid+admin")).await;
    assert_eq!((page.status.as_u16(), page.header("location")), (400, ""));
    assert!(page.body.contains("app.example") && page.body.contains("id=\"client-unverified\""), "{}", page.body);
    let link = "href=\"https://app.example/cb?error=invalid_scope";
    assert!(page.body.contains(link) && page.body.contains("state=s1"), "{}", page.body);
    assert!(!page.body.contains("<script") && !page.body.contains("http-equiv"), "{}", page.body);
    let page = world.look(&at("scope=openid+admin&ui_locales=tlh+de-CH")).await;
    assert!(page.body.contains("Niemand hat diese Anwendung geprüft."), "{}", page.body);
    // The same by a form, which posts itself for nobody.
    let page = world.look(&at("scope=openid+admin&response_mode=form_post")).await;
    assert_eq!((page.status.as_u16(), page.field("error")), (400, "invalid_scope".to_owned()));
    assert!(!page.body.contains("<script"), "{}", page.body);
    // Whatever is wrong: it may be wrong on purpose.
    for (right, wrong, error) in [
        ("response_type=code&", "", "invalid_request"),
        ("response_type=code&", "response_type=x&", "unsupported_response_type"),
        ("state=s1&", "state=s1&max_age=x&", "invalid_request"),
        ("state=s1&", "state=s1&prompt=none+login&", "invalid_request"),
        ("&code_challenge=", "&code_challenge=%21", "invalid_request"),
    ] {
        let page = world.look(&at("scope=openid").replacen(right, wrong, 1)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (400, ""), "{wrong}");
        assert!(page.body.contains(&format!("href=\"https://app.example/cb?error={error}")), "{wrong}: {}", page.body);
    }
    // Who asks without a page for what it may ask is told.
    let told = world.look(&at("scope=openid&prompt=none")).await;
    assert_eq!(told.status.as_u16(), 303);
    assert!(told.header("location").starts_with("https://app.example/cb?error=login_required"), "{:?}", told.headers);
}
