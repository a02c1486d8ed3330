//! Who a client is.

use chancery_domain::{
    secret::{OpaqueToken, TokenKind},
    time::Clock,
    vocabulary::ClientAuthMethod,
};
use chancery_oauth::client_auth::{Credentials, authenticate};

use crate::front::{Front, form};

fn base64(text: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

struct Case<'a> {
    what: &'static str,
    header: Option<String>,
    parameters: Vec<(&'a str, &'a str)>,
}

fn case<'a>(what: &'static str, header: Option<String>, parameters: &[(&'a str, &'a str)]) -> Case<'a> {
    Case { what, header, parameters: parameters.to_vec() }
}

/// The client that header and form prove, or the error.
async fn outcome(front: &Front, header: Option<&str>, parameters: &[(&str, &str)]) -> String {
    let read = Credentials::read(&front.view, header, &form(parameters));
    let proven = match &read {
        Ok(credentials) => authenticate(&front.cx, &front.view, credentials).await,
        Err(_) => read.map(|_| unreachable!("an error")),
    };
    proven.map_or_else(|error| error.to_string(), |client| client.id.to_string())
}

#[tokio::test]
async fn each_way_of_authenticating_has_its_answer() {
    let front = Front::new().await;
    let secret = front.secret.expose();
    let wrong = OpaqueToken::generate(TokenKind::ClientSecret, &*front.random);
    let basic = |pair: &str| format!("Basic {}", base64(pair.as_bytes()));
    let good = basic(&format!("site:{secret}"));
    let encoded = basic(&format!("s%69te:{secret}"));
    let cases = [
        case("basic", Some(good.clone()), &[]),
        case("basic, form-encoded", Some(encoded), &[]),
        case("basic, any case", Some(good.replace("Basic", "bAsIc")), &[]),
        case("basic, same client_id in the form", Some(good.clone()), &[("client_id", "site")]),
        case("basic, other client_id in the form", Some(good.clone()), &[("client_id", "app")]),
        case("basic, wrong secret", Some(basic(&format!("site:{}", wrong.expose()))), &[]),
        case("basic, short secret", Some(basic("site:x")), &[]),
        case("basic, unknown client", Some(basic(&format!("nobody:{secret}"))), &[]),
        case("basic, malformed client", Some(basic(&format!("no body:{secret}"))), &[]),
        case("basic, no colon", Some(basic("site")), &[]),
        case("basic, bad base64", Some("Basic %%%".to_owned()), &[]),
        case("basic, stray padding", Some(format!("{good}=")), &[]),
        case("basic, not UTF-8", Some(format!("Basic {}", base64(b"site:\xff"))), &[]),
        case("basic, raw percent", Some(basic("site:100%")), &[]),
        case("basic, nothing after it", Some("Basic".to_owned()), &[]),
        case("bearer", Some("Bearer x".to_owned()), &[]),
        case("post", None, &[("client_id", "site"), ("client_secret", secret)]),
        case("post, wrong secret", None, &[("client_id", "site"), ("client_secret", wrong.expose())]),
        case("post, no client_id", None, &[("client_secret", secret)]),
        case("two ways", Some(good), &[("client_secret", secret)]),
        case("two ways, an assertion", None, &[("client_secret", secret), ("client_assertion", "x")]),
        case("an assertion", None, &[("client_id", "site"), ("client_assertion", "x")]),
        case("secret twice", None, &[("client_secret", secret), ("client_secret", secret)]),
        case("confidential, no secret", None, &[("client_id", "site")]),
        case("public", None, &[("client_id", "app")]),
        case("public, with a secret", None, &[("client_id", "app"), ("client_secret", secret)]),
        case("nothing at all", None, &[]),
    ];
    let mut table = Vec::new();
    for Case { what, header, parameters } in cases {
        table.push(format!("{what:<36} {}", outcome(&front, header.as_deref(), &parameters).await));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn a_method_that_the_client_does_not_use_is_refused() {
    let front = Front::new().await;
    let mut site = front.site.clone();
    site.auth_methods = [ClientAuthMethod::Basic].into();
    front.update(&site).await;
    let post = [("client_id", "site"), ("client_secret", front.secret.expose())];
    assert_eq!(outcome(&front, None, &post).await, "invalid_client: client authentication failed");
}

#[tokio::test]
async fn a_disabled_client_is_like_one_with_a_wrong_secret() {
    let front = Front::new().await;
    front.update(&front.site.clone().disable().expect("enabled")).await;
    let post = [("client_id", "site"), ("client_secret", front.secret.expose())];
    assert_eq!(outcome(&front, None, &post).await, "invalid_client: client authentication failed");
}

#[tokio::test]
async fn the_secret_that_proved_a_client_is_noted() {
    let front = Front::new().await;
    let stored = async || {
        let rows = front.cx.store.read(front.view.tenant.id);
        rows.clients().find(&front.site.id).await.expect("read").expect("there").secrets[0].last_used_at
    };
    outcome(&front, None, &[("client_id", "site"), ("client_secret", "chx_wrong")]).await;
    assert_eq!(stored().await, None, "a wrong one proves nothing");
    outcome(&front, None, &[("client_id", "site"), ("client_secret", front.secret.expose())]).await;
    assert_eq!(stored().await, Some(front.clock.now()));
}
