//! Requests that clients sign (RFC 9101, OpenID Connect Core section 6).

use std::sync::Arc;

use chancery_domain::{
    client::{Client, ClientKeys},
    profile::Profile,
    time::Clock,
    vocabulary::{Algorithm, ClientAlgorithm, MacAlgorithm},
};
use chancery_oauth::authorize::{Checked, Refusal};
use chancery_testkit::client_jose::{FakeClientKey, sign_with_secret};
use serde_json::{Value, json};

use crate::front::{CALLBACK, Front, challenge, told};

const AT: &str = "https://app.example/request.jwt";
const UNSOUND: &str = "error=invalid_request_object & error_description=the request object is not one of this \
                       application for this provider";

/// A front of the profile `oidc` whose client `site` signs its requests.
struct Signing {
    front: Front,
    key: FakeClientKey,
}

impl Signing {
    async fn new() -> Self {
        Self::of(Profile::Oidc).await
    }

    async fn of(profile: Profile) -> Self {
        let this = Self { front: Front::of(profile).await, key: FakeClientKey::new("one", Algorithm::Es256) };
        this.change(|site, key| site.metadata.keys = Some(ClientKeys::Jwks(key.jwks()))).await;
        this
    }

    async fn change(&self, change: impl FnOnce(&mut Client, &FakeClientKey)) {
        let rows = self.front.cx.store.read(self.front.view.tenant.id);
        let mut site = rows.clients().find(&self.front.site.id).await.expect("read").expect("there");
        change(&mut site, &self.key);
        self.front.update(&site.checked().expect("fits together")).await;
    }

    /// A good request.
    fn claims(&self) -> Value {
        json!({
            "iss": "site", "aud": self.front.view.issuer.as_str(),
            "exp": self.front.clock.now().seconds() + 60,
            "client_id": "site", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid email",
            "state": "within", "code_challenge": challenge(), "code_challenge_method": "S256", "nonce": "n",
        })
    }

    /// The same with changes; what becomes null goes.
    fn changed(&self, change: &Value) -> Value {
        let mut claims = self.claims();
        let members = claims.as_object_mut().expect("an object");
        for (name, value) in change.as_object().expect("an object") {
            if value.is_null() {
                members.remove(name)
            } else {
                members.insert(name.clone(), value.clone())
            };
        }
        claims
    }

    fn object(&self, change: &Value) -> String {
        self.key.sign(Some("oauth-authz-req+jwt"), &self.changed(change))
    }

    /// What comes of an object with what OpenID Connect wants beside it, and a place to answer to.
    async fn asked(&self, object: &str) -> Result<Checked, Refusal> {
        let beside = [
            ("client_id", "site"),
            ("response_type", "code"),
            ("scope", "openid"),
            ("redirect_uri", CALLBACK),
            ("state", "outside"),
            ("request", object),
        ];
        self.front.check(&beside).await
    }

    async fn refused(&self, object: &str) -> String {
        match self.asked(object).await {
            Ok(checked) => format!("good, {}", checked.request.scopes),
            Err(refusal) => told(&refusal),
        }
    }
}

/// By way of the client, with the state that stands outside.
fn by_redirect(error: &str) -> String {
    format!("query     {error} & state=outside & iss=https://id.example/t/acme")
}

#[tokio::test]
async fn a_signed_request_wins_over_what_stands_beside_it() {
    let it = Signing::new().await;
    for typ in [None, Some("JWT"), Some("oauth-authz-req+jwt")] {
        let checked = it.asked(&it.key.sign(typ, &it.claims())).await.expect("good");
        assert_eq!(checked.request.scopes.to_string(), "email openid", "{typ:?}");
        assert_eq!(checked.request.state.as_deref(), Some("within"));
        assert_eq!(checked.request.nonce.as_deref(), Some("n"));
    }
    let alone = [("client_id", "site"), ("request", &*it.object(&json!({})))];
    it.front.check(&alone).await.expect("nothing but the client stands outside");
    let outside_only = it.object(&json!({ "state": null, "nonce": null }));
    let checked = it.asked(&outside_only).await.expect("good");
    assert_eq!((checked.request.state, checked.request.nonce), (None, None), "what stands outside does not count");
}

#[tokio::test]
async fn what_is_no_text_is_read_as_the_parameter_it_stands_for() {
    let it = Signing::new().await;
    let object = it.object(&json!({
        "max_age": 300,
        "claims": { "userinfo": { "email": { "essential": true } } },
        "resource": [it.front.view.issuer.as_str()],
        "prompt": "login",
        "unknown": [1, true, null, {}],
        "iat": it.front.clock.now().seconds() + 10,
        "jti": "x",
    }));
    let request = it.asked(&object).await.expect("good").request;
    assert_eq!((request.max_age, request.prompts.len(), request.resources.iter().count()), (Some(300), 1, 1));
    assert!(!request.claims.is_empty());
    for odd in [json!({ "nonce": "a\u{0}b" }), json!({ "scope": [["openid"]] })] {
        assert_eq!(it.refused(&it.object(&odd)).await, by_redirect(UNSOUND), "{odd}");
    }
    let twice = it.refused(&it.object(&json!({ "nonce": ["a", "b"] }))).await;
    assert!(twice.contains("nonce must not be repeated") && twice.contains("state=within"), "{twice}");
}

#[tokio::test]
async fn t147_an_object_that_is_not_the_clients_for_us_and_now_is_refused() {
    let it = Signing::new().await;
    let other = FakeClientKey::new("one", Algorithm::Ps256);
    let unsigned = it.key.sign_with(&json!({ "alg": "none" }), &it.claims());
    let now = it.front.clock.now().seconds();
    let bare = unsigned.rsplit_once('.').expect("parts").0.to_owned() + ".";
    let signed = |change| it.object(&change);
    for (what, object) in [
        ("unsigned", bare),
        ("unsigned, with a signature", unsigned),
        ("another's key", other.sign(None, &it.claims())),
        ("a secret where a key is expected", sign_with_secret("s", MacAlgorithm::Hs256, None, &it.claims())),
        ("of another type", it.key.sign(Some("client-authentication+jwt"), &it.claims())),
        ("another client_id", signed(json!({ "client_id": "app" }))),
        ("another iss", signed(json!({ "iss": "app" }))),
        ("no aud", signed(json!({ "aud": null }))),
        ("another aud", signed(json!({ "aud": "https://other.example" }))),
        ("aud among none", signed(json!({ "aud": [] }))),
        ("over", signed(json!({ "exp": now }))),
        ("exp as text", signed(json!({ "exp": "tomorrow" }))),
        ("not yet", signed(json!({ "nbf": now + 61 }))),
        ("made in the future", signed(json!({ "iat": now + 61 }))),
        ("no token at all", "nonsense".to_owned()),
    ] {
        assert_eq!(it.refused(&object).await, by_redirect(UNSOUND), "{what}");
    }
    for good in [
        json!({ "aud": ["https://other.example", it.front.view.issuer.as_str()] }),
        json!({ "iss": null, "client_id": null, "exp": null }),
        json!({ "nbf": now + 60, "iat": now + 60 }),
    ] {
        assert_eq!(it.refused(&it.object(&good)).await, "good, email openid", "{good}");
    }
}

#[tokio::test]
async fn t147_without_a_trusted_place_a_bad_object_is_a_page() {
    let it = Signing::new().await;
    let bad = it.object(&json!({ "aud": null }));
    let page = "page      invalid_request_object: the request object is not one of this application for this provider";
    for uri in ["https://evil.example/cb", ""] {
        let asked = [("client_id", "site"), ("scope", "openid"), ("redirect_uri", uri), ("request", &*bad)];
        assert_eq!(told(&it.front.check(&asked).await.expect_err("refused")), page, "{uri:?}");
    }
    let elsewhere = it.object(&json!({ "redirect_uri": "https://evil.example/cb" }));
    let refused = it.refused(&elsewhere).await;
    assert_eq!(refused, "page      invalid_request: redirect_uri is not one that the application registered");
}

#[tokio::test]
async fn t148_no_request_within_a_request_and_no_assertion_for_one() {
    let it = Signing::new().await;
    let inner = it.object(&json!({}));
    for change in [
        json!({ "request": inner }),
        json!({ "request_uri": AT }),
        json!({ "request_uri": "urn:ietf:params:oauth:request_uri:x" }),
        json!({ "sub": "site" }),
    ] {
        assert_eq!(it.refused(&it.object(&change)).await, by_redirect(UNSOUND), "{change}");
    }
    assert_eq!(it.refused(&it.object(&json!({ "sub": "somebody" }))).await, "good, email openid");
}

#[tokio::test]
async fn t125_an_encrypted_object_is_no_signed_one() {
    let it = Signing::new().await;
    for encrypted in ["eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.AA.AA.AA.AA", "a.b.c.d.e", "....", "{}"] {
        assert_eq!(it.refused(encrypted).await, by_redirect(UNSOUND), "{encrypted}");
    }
}

#[tokio::test]
async fn client_and_response_type_are_the_same_outside_and_within() {
    let it = Signing::new().await;
    let refused = it.refused(&it.object(&json!({ "response_type": "id_token" }))).await;
    let told = "error=invalid_request_object & error_description=client_id and response_type must be the same outside the \
                request object as within";
    assert_eq!(refused, by_redirect(told));
}

#[tokio::test]
async fn a_registered_algorithm_is_the_only_one() {
    let it = Signing::new().await;
    it.change(|site, _| site.metadata.requests.object_alg = Some(ClientAlgorithm::Key(Algorithm::Rs256))).await;
    assert_eq!(it.refused(&it.object(&json!({}))).await, by_redirect(UNSOUND));
    it.change(|site, _| site.metadata.requests.object_alg = Some(ClientAlgorithm::Key(Algorithm::Es256))).await;
    assert_eq!(it.refused(&it.object(&json!({}))).await, "good, email openid");
}

#[tokio::test]
async fn who_must_sign_may_do_nothing_else() {
    let it = Signing::new().await;
    it.change(|site, _| site.metadata.requests.require_object = true).await;
    let challenge = challenge();
    let plain = crate::front::request("site", "openid", &challenge);
    let refused = told(&it.front.check(&plain).await.expect_err("refused"));
    assert!(refused.contains("the request must be signed by the application"), "{refused}");
    assert_eq!(it.refused(&it.object(&json!({}))).await, "good, email openid");
}

#[tokio::test]
async fn p048_a_registered_place_is_compared_with_its_fragment_and_fetched_without() {
    let it = Signing::new().await;
    let registered = format!("{AT}#version-2");
    it.change(|site, _| site.metadata.requests.uris = vec![registered.parse().expect("an address")]).await;
    it.front.web.publish(AT, &format!("{}\n", it.object(&json!({}))));
    let asked = async |uri: &str| {
        let beside =
            [("client_id", "site"), ("response_type", "code"), ("redirect_uri", CALLBACK), ("request_uri", uri)];
        it.front.check(&beside).await.map_or_else(|refusal| told(&refusal), |good| good.request.scopes.to_string())
    };
    assert_eq!(asked(&registered).await, "email openid");
    assert_eq!(it.front.web.fetched(), [AT]);

    // T146: nothing else is ever called.
    let unregistered = "query     error=request_uri_not_supported & error_description=request_uri is not one that the \
                        application registered & iss=https://id.example/t/acme";
    for uri in [AT, "https://app.example/request.jwt#version-3", "https://evil.example/", "file:///etc/passwd"] {
        assert_eq!(asked(uri).await, unregistered, "{uri}");
    }
    assert_eq!(it.front.web.fetched().len(), 1);

    it.front.web.publish(AT, "<html>nonsense</html>");
    assert!(asked(&registered).await.contains("error=invalid_request_object"));
    let gone = Signing::new().await;
    gone.change(|site, _| site.metadata.requests.uris = vec![AT.parse().expect("an address")]).await;
    let both = [("client_id", "site"), ("redirect_uri", CALLBACK), ("request_uri", AT), ("request", "a.b.c")];
    let both = told(&gone.front.check(&both).await.expect_err("refused"));
    assert!(both.contains("request and request_uri must not stand together"), "{both}");
    let twice = [("client_id", "site"), ("redirect_uri", CALLBACK), ("request_uri", AT), ("request_uri", AT)];
    let twice = told(&gone.front.check(&twice).await.expect_err("refused"));
    assert!(twice.starts_with("query     error=invalid_request "), "{twice}");
    let missing = [("client_id", "site"), ("redirect_uri", CALLBACK), ("request_uri", AT)];
    let missing = told(&gone.front.check(&missing).await.expect_err("refused"));
    assert!(missing.contains("error=invalid_request_uri"), "{missing}");
}

#[tokio::test]
async fn t146_the_newer_profile_takes_no_objects_and_calls_nobody() {
    let it = Signing::of(Profile::Oauth21).await;
    let refused = it.refused(&it.object(&json!({}))).await;
    assert_eq!(
        refused,
        by_redirect("error=request_not_supported & error_description=request objects are not supported")
    );
    it.change(|site, _| site.metadata.requests.uris = vec![AT.parse().expect("an address")]).await;
    let uri = [("client_id", "site"), ("redirect_uri", CALLBACK), ("request_uri", AT)];
    let uri = told(&it.front.check(&uri).await.expect_err("refused"));
    assert!(uri.contains("error=request_uri_not_supported"), "{uri}");
    assert!(it.front.web.fetched().is_empty());
}

#[tokio::test]
async fn a_signed_request_can_be_pushed() {
    let it = Arc::new(Signing::new().await);
    it.change(|site, _| site.metadata.requests.require_object = true).await;
    let push = async |object: &str| {
        let pairs = [("client_id", "site"), ("client_secret", it.front.secret.expose()), ("request", object)];
        let form = crate::front::form(&pairs);
        let credentials = chancery_oauth::client_auth::Credentials::read(&it.front.view, None, &form).expect("read");
        let pushed = chancery_oauth::pushed::push(&it.front.cx, &it.front.view, &credentials, &form).await;
        pushed.map(|pushed| serde_json::to_value(&pushed).expect("JSON"))
    };
    let pushed = push(&it.object(&json!({}))).await.expect("good");
    let uri = pushed["request_uri"].as_str().expect("a text");
    let checked = it.front.check(&[("client_id", "site"), ("request_uri", uri)]).await.expect("good");
    assert_eq!(checked.request.scopes.to_string(), "email openid");
    let refused = push(&it.object(&json!({ "aud": null }))).await.expect_err("refused").to_string();
    assert!(refused.starts_with("invalid_request_object: "), "{refused}");
    let refused = push("").await.expect_err("refused").to_string();
    assert!(refused.starts_with("invalid_request: "), "{refused}");
}
