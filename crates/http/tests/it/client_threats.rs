//! What attackers try at the endpoints where clients authenticate, and the exact answer that each gets.

use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use chancery_domain::{ports::store::Store, time::Clock};
use http::{Request, StatusCode};

use crate::world::{Answer, World};

const TOKEN: &str = "/t/acme/oauth2/token";
const PUSH: &str = "/t/acme/oauth2/par";
const GRANT: &str = "grant_type=client_credentials";

fn basic(pair: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn proven(world: &World, form: &str) -> String {
    format!("{form}&client_id=server&client_secret={}", world.secret.expose())
}

/// That an answer is this error in JSON, which nobody keeps and which says nothing that came in.
fn refused(answer: &Answer, status: u16, error: &str, what: &str) {
    assert_eq!(answer.status.as_u16(), status, "{what}: {}", answer.body);
    assert_eq!(answer.json()["error"], error, "{what}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json", "{what}");
    assert_eq!(answer.header("cache-control"), "no-store", "{what}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
}

#[tokio::test]
async fn t065_no_other_method_than_post() {
    let world = World::new().await;
    for path in [TOKEN, PUSH, "/t/acme/oauth2/revoke", "/t/acme/oauth2/introspect"] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "HEAD"] {
            let request = Request::builder().method(method).uri(format!("{path}?code=x")).body(Body::empty());
            let answer = world.send(request.expect("a request")).await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert!(answer.header("allow").starts_with("POST"), "{method} {path}: {}", answer.header("allow"));
        }
    }
}

#[tokio::test]
async fn t066_nothing_secret_in_the_query_of_a_post() {
    let world = World::new().await;
    for name in ["client_id", "client_secret", "client_assertion", "code", "code_verifier", "refresh_token", "token"] {
        for path in [TOKEN, PUSH] {
            let answer = world.post(&format!("{path}?{name}=x"), &proven(&world, GRANT)).await;
            refused(&answer, 400, "invalid_request", &format!("{name} {path}"));
        }
    }
}

#[tokio::test]
async fn t067_two_ways_at_once() {
    let world = World::new().await;
    let header = basic(format!("server:{}", world.secret.expose()).as_bytes());
    for path in [TOKEN, PUSH] {
        for form in
            [proven(&world, GRANT), format!("{GRANT}&client_assertion=x"), format!("{GRANT}&client_assertion_type=x")]
        {
            let answer = world.post_with(path, &form, &[("authorization", &header)]).await;
            refused(&answer, 400, "invalid_request", &form);
        }
        let answer = world.post(path, &format!("{}&client_assertion=x", proven(&world, GRANT))).await;
        refused(&answer, 400, "invalid_request", path);
    }
}

#[tokio::test]
async fn t068_t069_a_wrong_secret_and_an_unknown_client_are_one() {
    let world = World::new().await;
    let mut seen = Vec::new();
    for client in ["server", "nobody"] {
        let header = basic(format!("{client}:chx_wrong").as_bytes());
        let answer = world.post_with(TOKEN, GRANT, &[("authorization", &header)]).await;
        refused(&answer, 401, "invalid_client", client);
        assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{client}");
        seen.push((answer.body.clone(), answer.header("www-authenticate").to_owned()));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn t070_a_header_that_cannot_be_read() {
    let world = World::new().await;
    let good = basic(format!("server:{}", world.secret.expose()).as_bytes());
    let odd = [
        "Basic %%%".to_owned(),
        basic(b"server"),
        basic(b"server:\xff\xfe"),
        format!("{good}="),
        basic(b"server:100%"),
        basic(b"server:%zz"),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Digest x".to_owned(),
    ];
    for header in odd {
        let answer = world.post_with(TOKEN, GRANT, &[("authorization", &header)]).await;
        refused(&answer, 401, "invalid_client", &header);
    }
}

#[tokio::test]
async fn t072_a_client_with_a_secret_that_sends_its_name_alone() {
    let world = World::new().await;
    for path in [TOKEN, PUSH, "/t/acme/oauth2/revoke", "/t/acme/oauth2/introspect"] {
        let answer = world.post(path, &format!("{GRANT}&client_id=server&token=x")).await;
        refused(&answer, 401, "invalid_client", path);
    }
}

#[tokio::test]
async fn t082_t083_t084_grants_that_are_not_to_be_had() {
    let world = World::new().await;
    for grant in ["password", "urn:example:unknown", "Client_Credentials", "implicit"] {
        let form = proven(&world, &format!("grant_type={grant}&username=ada&password=x"));
        let answer = world.post(TOKEN, &form).await;
        assert!(!answer.body.contains("access_token"), "{grant}");
        refused(&answer, 400, "unsupported_grant_type", grant);
    }
    let foreign = world.post(TOKEN, &proven(&world, "grant_type=refresh_token&refresh_token=x")).await;
    refused(&foreign, 400, "unauthorized_client", "refresh_token");
}

#[tokio::test]
async fn t085_a_body_that_is_no_form() {
    let world = World::new().await;
    for kind in ["application/json", "multipart/form-data", "", "application/x-www-form-urlencoded; charset=utf-7"] {
        for path in [TOKEN, PUSH] {
            let request = Request::post(path).header("content-type", kind).body(Body::from("{}")).expect("a request");
            refused(&world.send(request).await, 415, "invalid_request", kind);
        }
    }
}

#[tokio::test]
async fn t086_t087_parameters_twice_or_empty() {
    let world = World::new().await;
    for (what, form) in [
        ("grant_type twice", proven(&world, &format!("{GRANT}&{GRANT}"))),
        ("client_id twice", format!("{}&client_id=server", proven(&world, GRANT))),
        ("client_secret twice", format!("{}&client_secret=x", proven(&world, GRANT))),
        ("an assertion twice", format!("{GRANT}&client_assertion=x&client_assertion=y")),
        ("an empty grant_type", proven(&world, "grant_type=")),
        ("no grant_type", proven(&world, "scope=x")),
    ] {
        refused(&world.post(TOKEN, &form).await, 400, "invalid_request", what);
    }
    let empty = format!("{GRANT}&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    refused(&world.post(TOKEN, &format!("{empty}&client_assertion=")).await, 400, "invalid_request", "no assertion");
}

#[tokio::test]
async fn t088_only_the_parameters_of_the_named_grant_are_read() {
    let world = World::new().await;
    let others = "code=chc_x&refresh_token=chr_x&code_verifier=short&redirect_uri=https://evil.example";
    let answer = world.post(TOKEN, &proven(&world, &format!("{GRANT}&{others}"))).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn t089_nothing_that_came_in_comes_out() {
    let world = World::new().await;
    let mark = "%3Cscript%3Emark%3C/script%3E";
    for form in [
        proven(&world, &format!("grant_type={mark}")),
        proven(&world, &format!("{GRANT}&scope={mark}")),
        proven(&world, &format!("{GRANT}&resource={mark}")),
        format!("{GRANT}&client_id={mark}&client_secret={mark}"),
        format!("{GRANT}&client_assertion_type={mark}&client_assertion={mark}"),
    ] {
        let answer = world.post(TOKEN, &form).await;
        assert!(answer.status.is_client_error() && !answer.body.contains("mark"), "{form}: {}", answer.body);
        let description = answer.json()["error_description"].as_str().expect("a text").to_owned();
        let legal = |byte: u8| matches!(byte, 0x20 | 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        assert!(description.bytes().all(legal), "{description}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn t090_guessing_gets_slower_and_the_client_elsewhere_does_not() {
    let world = World::new().await;
    let guess = format!("{GRANT}&client_id=server&client_secret=chx_wrong");
    for _ in 0..20 {
        refused(&world.post(TOKEN, &guess).await, 401, "invalid_client", "a guess");
    }
    for path in [TOKEN, PUSH, "/t/acme/oauth2/introspect"] {
        let answer = world.post(path, &proven(&world, &format!("{GRANT}&token=x"))).await;
        refused(&answer, 429, "temporarily_unavailable", "even the right one");
        let wait: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!(wait >= 1, "{wait}");
    }
    let right = world.post_from([198, 51, 100, 7], TOKEN, &proven(&world, GRANT)).await;
    assert_eq!(right.status, StatusCode::OK, "{}", right.body);
    let public = world.post(PUSH, "client_id=app").await;
    refused(&public, 400, "invalid_request", "another client");
    world.clock.advance(std::time::Duration::from_secs(2));
    let answer = world.post(TOKEN, &proven(&world, GRANT)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn t150_nobody_shuts_the_users_of_a_public_client_out() {
    let world = World::new().await;
    let asked = "response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid\
                 &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
    let form = format!("client_id=app&{asked}");
    let mut taken = 0;
    let last = loop {
        let answer = world.post(PUSH, &form).await;
        if answer.status != StatusCode::CREATED {
            break answer;
        }
        taken += 1;
        assert!(taken <= 100, "a part of what may wait");
    };
    refused(&last, 429, "temporarily_unavailable", "from one source");
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|wait| (1..=90).contains(&wait)));
    assert_eq!(world.post_from([198, 51, 100, 7], PUSH, &form).await.status, StatusCode::CREATED, "from another");
    // A client that proves itself answers for itself.
    for _ in 0..2 * taken {
        let own = world.post(PUSH, &proven(&world, asked)).await;
        assert_ne!(own.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn p053_a_pushed_request_is_answered_with_its_reference() {
    let world = World::new().await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let form = format!(
        "client_id=app&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=openid&state=s\
         &code_challenge={challenge}&code_challenge_method=S256"
    );
    let answer = world.post(PUSH, &form).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-store", "application/json"));
    assert_eq!(answer.json()["expires_in"], 90);
    let uri = answer.json()["request_uri"].as_str().expect("a text").to_owned();
    let page = world.look(&format!("/t/acme/oauth2/authorize?client_id=app&request_uri={uri}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("id=\"login-submit\""));
    let again = world.look(&format!("/t/acme/oauth2/authorize?client_id=app&request_uri={uri}")).await;
    assert_eq!(again.status, StatusCode::OK, "the page can be loaded again");
    let elsewhere = world.look(&format!("/t/globex/oauth2/authorize?client_id=app&request_uri={uri}")).await;
    assert_eq!((elsewhere.status, elsewhere.error_code()), (StatusCode::BAD_REQUEST, "invalid_request_uri"));
    refused(&world.post(PUSH, &format!("{form}&request_uri={uri}")).await, 400, "invalid_request", "within itself");
    refused(&world.post(PUSH, "client_id=nobody&response_type=code").await, 401, "invalid_client", "t141");
    let asleep = world.post("/t/asleep/oauth2/par", &form).await;
    assert_eq!(asleep.status, StatusCode::FORBIDDEN);
    let waiting = world.store.read(world.tenants["acme"]).pushed_requests().find(&digest(&uri)).await.expect("read");
    assert!(waiting.is_some_and(|request| request.used_at.is_none() && request.expires_at > world.clock.now()));
}

fn digest(uri: &str) -> chancery_domain::secret::Digest {
    let reference = chancery_domain::pushed_request::PushedRequest::reference(uri);
    reference.flatten().expect("a reference").digest()
}
