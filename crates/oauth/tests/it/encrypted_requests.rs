//! Requests that clients sign and encrypt (RFC 9101 section 6.2). What opens and what does not, the keys room tells; here
//! is what becomes of it.

use std::sync::Arc;

use chancery_domain::{
    client::{Client, ClientKeys, Encryption},
    ports::encryption_keys::{OpenEncrypted, Unopened},
    profile::Profile,
    secret::{base64url, from_base64url},
    time::Clock,
    vocabulary::{Algorithm, ContentEncryption, KeyManagement},
};
use chancery_oauth::{authorize, discovery};
use chancery_testkit::client_jose::FakeClientKey;
use serde_json::{Value, json};

use crate::front::{CALLBACK, Front, challenge, form, told, view_of};

const REFUSED: &str = "query     error=invalid_request_object & error_description=the request object is not one of this \
                       application for this provider & state=outside & iss=https://id.example/t/acme";
const HOW: Encryption = Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A128Gcm };

/// Opens what [`sealed`] sealed.
struct FakeOpener;

impl OpenEncrypted for FakeOpener {
    fn open(&self, token: &str, only: Option<Encryption>) -> Result<String, Unopened> {
        let [how, _, _, content, "tag"] = token.split('.').collect::<Vec<_>>()[..] else { return Err(Unopened) };
        let is_wanted = only.is_none_or(|only| how == format!("{}-{}", only.alg, only.enc));
        let content = from_base64url(content).filter(|_| is_wanted).ok_or(Unopened)?;
        String::from_utf8(content).map_err(|_| Unopened)
    }
}

fn sealed(how: Encryption, content: &str) -> String {
    format!("{}-{}.key.iv.{}.tag", how.alg, how.enc, base64url(content.as_bytes()))
}

/// A front whose client `site` signs its requests.
struct Sealing {
    front: Front,
    key: FakeClientKey,
}

impl Sealing {
    async fn new() -> Self {
        let this = Self { front: Front::of(Profile::Oidc).await, key: FakeClientKey::new("one", Algorithm::Es256) };
        this.change(|site, key| site.metadata.keys = Some(ClientKeys::Jwks(key.jwks()))).await;
        this
    }

    async fn change(&self, change: impl FnOnce(&mut Client, &FakeClientKey)) {
        let rows = self.front.cx.store.read(self.front.view.tenant.id);
        let mut site = rows.clients().find(&self.front.site.id).await.expect("read").expect("there");
        change(&mut site, &self.key);
        self.front.update(&site.checked().expect("fits together")).await;
    }

    fn claims(&self) -> Value {
        json!({
            "iss": "site", "aud": self.front.view.issuer.as_str(), "exp": self.front.clock.now().seconds() + 60,
            "client_id": "site", "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid email",
            "state": "within", "code_challenge": challenge(), "code_challenge_method": "S256",
        })
    }

    fn signed(&self) -> String {
        self.key.sign(Some("oauth-authz-req+jwt"), &self.claims())
    }

    /// What comes of that object where the tenant takes encrypted ones, or where it takes none.
    async fn asked(&self, object: &str, takes_encrypted: bool) -> String {
        let mut tenant = self.front.view.tenant.clone();
        tenant.settings.request_object_encryption = takes_encrypted;
        let mut view = view_of(tenant, self.front.clock.now());
        view.opener = takes_encrypted.then(|| Arc::new(FakeOpener) as _);
        let beside = [
            ("client_id", "site"),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("state", "outside"),
            ("request", object),
        ];
        match authorize::check(&self.front.cx, &view, &form(&beside)).await {
            Ok(checked) => checked.request.scopes.to_string(),
            Err(refusal) => told(&refusal),
        }
    }
}

#[tokio::test]
async fn a_signed_request_may_be_encrypted_to_a_tenant_that_takes_that() {
    let it = Sealing::new().await;
    assert_eq!(it.asked(&sealed(HOW, &it.signed()), true).await, "email openid");
    assert_eq!(it.asked(&it.signed(), true).await, "email openid", "and may not be");
    assert_eq!(it.asked(&sealed(HOW, &it.signed()), false).await, REFUSED);
}

#[tokio::test]
async fn t125_what_is_encrypted_and_not_signed_is_no_request() {
    let it = Sealing::new().await;
    let other = FakeClientKey::new("one", Algorithm::Es256);
    for content in [
        it.claims().to_string(),
        String::new(),
        "a.b.c".to_owned(),
        format!("{}.", it.signed().rsplit_once('.').expect("a signature").0),
        other.sign(Some("JWT"), &it.claims()).replace('A', "B"),
    ] {
        assert_eq!(it.asked(&sealed(HOW, &content), true).await, REFUSED, "{content}");
    }
}

#[tokio::test]
async fn t128_one_level_is_opened() {
    let it = Sealing::new().await;
    let mut object = it.signed();
    for level in 1..6 {
        object = sealed(HOW, &object);
        let expected = if level == 1 { "email openid" } else { REFUSED };
        assert_eq!(it.asked(&object, true).await, expected, "{level}");
    }
}

#[tokio::test]
async fn who_registered_how_it_encrypts_does_so_always() {
    let it = Sealing::new().await;
    it.change(|site, _| site.metadata.requests.object_encryption = Some(HOW)).await;
    assert_eq!(it.asked(&sealed(HOW, &it.signed()), true).await, "email openid");
    let other = Encryption { enc: ContentEncryption::A256Gcm, ..HOW };
    assert_eq!(it.asked(&sealed(other, &it.signed()), true).await, REFUSED);
    for takes_encrypted in [true, false] {
        assert_eq!(it.asked(&it.signed(), takes_encrypted).await, REFUSED);
    }
}

#[tokio::test]
async fn p012_the_metadata_tell_of_encryption_where_it_is_taken() {
    let front = Front::of(Profile::Oidc).await;
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    let told = |view: &chancery_domain::view::TenantView| {
        let signing = &view.signing_algorithms;
        let document = discovery::document(&view.tenant, &view.issuer, signing, &view.scopes, &view.claim_mappings);
        ["alg", "enc"].map(|of| document[format!("request_object_encryption_{of}_values_supported")].clone())
    };
    assert_eq!(told(&view), [Value::Null, Value::Null]);
    view.tenant.settings.request_object_encryption = true;
    let [alg, enc] = told(&view);
    assert_eq!(alg, json!(["RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]));
    assert_eq!(enc, json!(["A128CBC-HS256", "A128GCM", "A256GCM"]));
    view.tenant.profile = Profile::Oauth21;
    assert_eq!(told(&view), [Value::Null, Value::Null], "another profile's setting does not count");
}
