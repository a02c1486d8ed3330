//! Clients that prove themselves by what they sign (RFC 7523).

use std::{sync::Arc, time::Duration};

use chancery_domain::{
    client::{Client, ClientKeys, ClientSecret, IdTokenSigning},
    ports::jose::Purpose,
    profile::Profile,
    secret::SealedSecret,
    time::Clock,
    vocabulary::{Algorithm, ClientAlgorithm, ClientAuthMethod, MacAlgorithm},
};
use chancery_oauth::client_auth::{Credentials, authenticate};
use chancery_testkit::client_jose::{FakeClientKey, sign_with_secret};
use serde_json::{Value, json};

use crate::front::{Front, form};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const AT: &str = "https://app.example/jwks";
const REFUSED: &str = "invalid_client: client authentication failed";

/// A front whose client `site` signs with a key of its own.
struct Signing {
    front: Front,
    key: FakeClientKey,
}

impl Signing {
    async fn new() -> Self {
        Self::of(Profile::Oauth21).await
    }

    async fn of(profile: Profile) -> Self {
        let front = Front::of(profile).await;
        let key = FakeClientKey::new("one", Algorithm::Es256);
        let mut site = front.site.clone();
        site.auth_methods = [ClientAuthMethod::PrivateKeyJwt].into();
        site.metadata.keys = Some(ClientKeys::Jwks(key.jwks()));
        let this = Self { front, key };
        this.becomes(site).await;
        this
    }

    /// Stores the client as it is to be.
    async fn becomes(&self, mut site: Client) {
        site.version = self.stored().await.version;
        self.front.update(&site.checked().expect("fits together")).await;
    }

    async fn stored(&self) -> Client {
        let rows = self.front.cx.store.read(self.front.view.tenant.id);
        rows.clients().find(&self.front.site.id).await.expect("read").expect("there")
    }

    /// The claims of a good assertion, with another `jti` for each call.
    fn claims(&self) -> Value {
        let now = self.front.clock.now().seconds();
        let jti: [u8; 8] = chancery_domain::random::bytes(&*self.front.random);
        json!({
            "iss": "site", "sub": "site", "aud": self.front.view.issuer.as_str(),
            "jti": format!("{jti:?}"), "iat": now, "exp": now + 60,
        })
    }

    /// Good claims, with some changed; those that become null go.
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

    async fn outcome(&self, assertion: &str) -> String {
        self.outcome_of(&[("client_assertion_type", TYPE), ("client_assertion", assertion)]).await
    }

    async fn outcome_of(&self, parameters: &[(&str, &str)]) -> String {
        let read = Credentials::read(&self.front.view, None, &form(parameters));
        let proven = match &read {
            Ok(credentials) => authenticate(&self.front.cx, &self.front.view, credentials).await,
            Err(_) => read.map(|_| unreachable!("an error")),
        };
        proven.map_or_else(|error| error.to_string(), |client| client.id.to_string())
    }

    /// What comes of good claims with that change.
    async fn outcome_with(&self, change: &Value) -> String {
        self.outcome(&self.key.sign(Some("JWT"), &self.changed(change))).await
    }
}

#[tokio::test]
async fn an_assertion_proves_its_client() {
    let it = Signing::new().await;
    for typ in [None, Some("JWT"), Some("client-authentication+jwt")] {
        assert_eq!(it.outcome(&it.key.sign(typ, &it.claims())).await, "site", "{typ:?}");
    }
    let named = it.key.sign(None, &it.claims());
    let parameters = [("client_assertion_type", TYPE), ("client_assertion", &named), ("client_id", "site")];
    assert_eq!(it.outcome_of(&parameters).await, "site");
    let other = it.key.sign(Some("oauth-authz-req+jwt"), &it.claims());
    assert_eq!(it.outcome(&other).await, REFUSED, "a request object proves nobody");
}

#[tokio::test]
async fn t071_a_method_that_the_client_did_not_register_is_refused() {
    let it = Signing::new().await;
    let secret = it.front.secret.expose().to_owned();
    let post = [("client_id", "site"), ("client_secret", secret.as_str())];
    assert_eq!(it.outcome_of(&post).await, REFUSED, "the secret is still there, the method is not");
    assert_eq!(it.outcome_of(&[("client_id", "site")]).await, REFUSED);

    // And the other way round: with a key, where a secret is registered.
    it.becomes(it.front.site.clone()).await;
    assert_eq!(it.outcome(&it.key.sign(None, &it.claims())).await, REFUSED);
    assert_eq!(it.outcome_of(&post).await, "site");
}

#[tokio::test]
async fn t067_an_assertion_beside_another_proof_is_refused() {
    let it = Signing::new().await;
    let assertion = it.key.sign(None, &it.claims());
    let two = "invalid_request: the client must authenticate in one way only";
    let secret = ("client_secret", it.front.secret.expose());
    let both = [("client_assertion_type", TYPE), ("client_assertion", assertion.as_str()), secret];
    assert_eq!(it.outcome_of(&both).await, two);
    assert_eq!(it.outcome_of(&[("client_assertion_type", TYPE), secret]).await, two);
    let alone = it.outcome_of(&[("client_assertion_type", TYPE)]).await;
    assert_eq!(alone, "invalid_request: client_assertion is missing");
    let other = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
    for kind in [other, ""] {
        let parameters = [("client_assertion_type", kind), ("client_assertion", assertion.as_str())];
        assert_eq!(it.outcome_of(&parameters).await, REFUSED, "{kind}");
    }
    assert_eq!(it.outcome(&assertion).await, "site", "nothing of that used it up");
}

#[tokio::test]
async fn t073_an_audience_that_is_not_us_alone_is_refused() {
    let [newer, older] = [Signing::new().await, Signing::of(Profile::Oidc).await];
    let issuer = newer.front.view.issuer.clone();
    let at = |path: &str| json!({ "aud": issuer.at(path) });
    for (what, change) in [
        ("another server", json!({ "aud": "https://other.example" })),
        ("nobody", json!({ "aud": null })),
        ("a list", json!({ "aud": [issuer.as_str()] })),
        ("a list of several", json!({ "aud": [issuer.as_str(), "https://other.example"] })),
        ("the issuer and a slash", json!({ "aud": format!("{issuer}/") })),
        ("another endpoint", at("/oauth2/authorize")),
    ] {
        assert_eq!(newer.outcome_with(&change).await, REFUSED, "{what}");
        assert_eq!(older.outcome_with(&change).await, REFUSED, "{what}");
    }
    for path in ["/oauth2/token", "/oauth2/par"] {
        assert_eq!(newer.outcome_with(&at(path)).await, REFUSED, "{path}");
        assert_eq!(older.outcome_with(&at(path)).await, "site", "older clients name {path}");
    }
}

#[tokio::test]
async fn t074_an_assertion_works_once() {
    let it = Signing::new().await;
    let assertion = it.key.sign(None, &it.claims());
    assert_eq!(it.outcome(&assertion).await, "site");
    assert_eq!(it.outcome(&assertion).await, REFUSED);
    let same = it.changed(&json!({ "jti": "same" }));
    assert_eq!(it.outcome(&it.key.sign(None, &same)).await, "site");
    it.front.clock.advance(Duration::from_secs(1));
    assert_eq!(it.outcome_with(&json!({ "jti": "same" })).await, REFUSED, "another assertion of that name");
    for jti in [json!(null), json!(""), json!(7)] {
        assert_eq!(it.outcome_with(&json!({ "jti": jti })).await, REFUSED, "{jti}");
    }
}

#[tokio::test]
async fn t075_times_are_there_and_near() {
    let it = Signing::new().await;
    let now = it.front.clock.now().seconds();
    for (what, change) in [
        ("no exp", json!({ "exp": null })),
        ("exp as text", json!({ "exp": (now + 60).to_string() })),
        ("exp past", json!({ "exp": now })),
        ("exp too far", json!({ "exp": now + 301 })),
        ("exp beyond calendars", json!({ "exp": 1e300 })),
        ("iat ahead", json!({ "iat": now + 61 })),
        ("iat as text", json!({ "iat": "now" })),
        ("nbf ahead", json!({ "nbf": now + 61 })),
        ("nbf as a list", json!({ "nbf": [now] })),
        ("a fraction", json!({ "exp": 60.5 + f64::from(i32::try_from(now).expect("this century")) })),
        ("iat before 1970", json!({ "iat": -1 })),
    ] {
        assert_eq!(it.outcome_with(&change).await, REFUSED, "{what}");
    }
    for (what, change) in [
        ("five minutes", json!({ "exp": now + 300 })),
        ("no iat", json!({ "iat": null })),
        ("iat ten seconds ahead", json!({ "iat": now + 10 })),
        ("iat a minute ahead", json!({ "iat": now + 60, "nbf": now + 60 })),
    ] {
        assert_eq!(it.outcome_with(&change).await, "site", "{what}");
    }
}

#[tokio::test]
async fn t076_issuer_subject_and_client_are_one() {
    let it = Signing::new().await;
    for change in [
        json!({ "iss": "app" }),
        json!({ "sub": "app" }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "iss": ["site"] }),
        json!({ "iss": "nobody", "sub": "nobody" }),
        json!({ "iss": "app", "sub": "app" }),
    ] {
        assert_eq!(it.outcome_with(&change).await, REFUSED, "{change}");
    }
    let assertion = it.key.sign(None, &it.claims());
    let named = [("client_assertion_type", TYPE), ("client_assertion", &*assertion), ("client_id", "app")];
    assert_eq!(it.outcome_of(&named).await, REFUSED);
}

#[tokio::test]
async fn t077_algorithms_are_those_of_the_method() {
    let it = Signing::new().await;
    let by_public_key = sign_with_secret(&it.key.jwks(), MacAlgorithm::Hs256, None, &it.claims());
    assert_eq!(it.outcome(&by_public_key).await, REFUSED);
    for none in ["none", "None", "nOnE"] {
        let unsigned = it.key.sign_with(&json!({ "alg": none, "kid": "one" }), &it.claims());
        assert_eq!(it.outcome(&unsigned).await, REFUSED, "{none}");
        let empty = unsigned.rsplit_once('.').expect("three parts").0;
        assert_eq!(it.outcome(&format!("{empty}.")).await, REFUSED, "{none}");
    }
    let mut site = it.stored().await;
    site.metadata.requests.assertion_alg = Some(ClientAlgorithm::Key(Algorithm::Ps256));
    it.becomes(site.clone()).await;
    assert_eq!(it.outcome(&it.key.sign(None, &it.claims())).await, REFUSED, "another is registered");
    site.metadata.requests.assertion_alg = Some(ClientAlgorithm::Key(Algorithm::Es256));
    it.becomes(site).await;
    assert_eq!(it.outcome(&it.key.sign(None, &it.claims())).await, "site");
}

#[tokio::test]
async fn t078_headers_lead_nowhere() {
    let it = Signing::new().await;
    let other = FakeClientKey::new("two", Algorithm::Es256);
    for header in [
        json!({ "alg": "ES256", "kid": "../../etc/passwd" }),
        json!({ "alg": "ES256", "kid": "' OR 1=1 --" }),
        json!({ "alg": "ES256", "kid": "https://evil.example/key" }),
        json!({ "alg": "ES256", "kid": "two", "jwk": other.jwk() }),
        json!({ "alg": "ES256", "kid": "two", "jku": "https://evil.example/jwks" }),
        json!({ "alg": "ES256", "kid": "two", "x5u": "https://evil.example/cert" }),
        json!({ "alg": "ES256", "kid": "two", "x5c": ["AAAA"] }),
    ] {
        let signed = other.sign_with(&header, &it.claims());
        assert_eq!(it.outcome(&signed).await, REFUSED, "{header}");
    }
    assert!(it.front.web.fetched().is_empty(), "{:?}", it.front.web.fetched());
}

#[tokio::test]
async fn p043_keys_at_an_address_are_fetched_again_for_an_unknown_name() {
    let it = Signing::new().await;
    let mut site = it.stored().await;
    site.metadata.keys = Some(ClientKeys::JwksUri(AT.parse().expect("an address")));
    it.becomes(site).await;
    assert_eq!(it.outcome(&it.key.sign(None, &it.claims())).await, REFUSED, "nothing is there");

    it.front.web.publish(AT, &it.key.jwks());
    assert_eq!(it.outcome(&it.key.sign(None, &it.claims())).await, "site");
    assert_eq!(it.outcome(&it.key.sign_with(&json!({ "alg": "ES256" }), &it.claims())).await, "site", "no name");

    let newer = FakeClientKey::new("two", Algorithm::Es256);
    it.front.web.publish(AT, &newer.jwks());
    let before = it.front.web.fetched().len();
    assert_eq!(it.outcome(&newer.sign(None, &it.claims())).await, "site");
    assert_eq!(it.front.web.fetched().len(), before + 1);
    let forged = it.key.sign_with(&json!({ "alg": "ES256", "kid": "two" }), &it.claims());
    assert_eq!(it.outcome(&forged).await, REFUSED);
    assert_eq!(it.front.web.fetched().len(), before + 1, "a signature that does not fit fetches nothing");
}

#[tokio::test]
async fn a_client_signs_with_its_secret() {
    let it = Signing::new().await;
    let secret = it.front.secret.expose().to_owned();
    let mut site = it.front.site.clone();
    site.auth_methods = [ClientAuthMethod::SecretJwt].into();
    site.id_token_signing = IdTokenSigning::TenantKey;
    assert!(site.needs_sealed_secrets());
    it.becomes(site.clone()).await;
    let signed = |algorithm| sign_with_secret(&secret, algorithm, None, &it.claims());
    assert_eq!(it.outcome(&signed(MacAlgorithm::Hs256)).await, REFUSED, "of a digest nothing can be computed");

    seal(&it, &secret).await;
    for algorithm in MacAlgorithm::ALL {
        assert_eq!(it.outcome(&signed(*algorithm)).await, "site", "{algorithm}");
    }
    let again = signed(MacAlgorithm::Hs256);
    assert_eq!(it.outcome(&again).await, "site");
    assert_eq!(it.outcome(&again).await, REFUSED);
    let wrong = sign_with_secret("wrong", MacAlgorithm::Hs256, None, &it.claims());
    assert_eq!(it.outcome(&wrong).await, REFUSED);
    assert_eq!(it.outcome(&it.key.sign(None, &it.claims())).await, REFUSED, "its keys sign no assertions");
    let post = [("client_id", "site"), ("client_secret", secret.as_str())];
    assert_eq!(it.outcome_of(&post).await, REFUSED, "the secret itself is not to be sent");
}

/// Gives the client its secret once more, this time with a sealed copy.
async fn seal(it: &Signing, secret: &str) {
    let mut stored = it.stored().await;
    let own = stored.secrets[0].clone();
    let context = ClientSecret::context(stored.uid, own.id);
    let sealed = it.front.view.sealer.seal(Purpose::ClientSecret, &context, secret.as_bytes()).expect("sealed");
    let tx = it.front.cx.store.begin(it.front.view.tenant.id).await.expect("begun");
    stored.version = tx.clients().delete_secret(&stored, own.id, it.front.clock.now()).await.expect("deleted");
    let own = ClientSecret { sealed: Some(SealedSecret(sealed)), ..own };
    tx.clients().add_secret(&stored, &own).await.expect("added");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn a_disabled_client_proves_nothing_and_uses_nothing_up() {
    let it = Signing::new().await;
    let assertion = it.key.sign(None, &it.claims());
    it.front.update(&it.stored().await.disable().expect("enabled")).await;
    assert_eq!(it.outcome(&assertion).await, REFUSED);
    it.front.update(&it.stored().await.enable().expect("disabled")).await;
    assert_eq!(it.outcome(&assertion).await, "site");
}

#[tokio::test]
async fn t074_parallel_uses_of_one_assertion_prove_once() {
    let it = Arc::new(Signing::new().await);
    let assertion = it.key.sign(None, &it.claims());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (it, assertion) = (Arc::clone(&it), assertion.clone());
        tasks.spawn(async move { it.outcome(&assertion).await });
    }
    let outcomes = tasks.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "site").count(), 1, "{outcomes:?}");
}
