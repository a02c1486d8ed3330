//! Proofs of possession (RFC 9449): what they must say, and what is bound by them.

mod bound;
mod nonces;
mod presented;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use chancery_domain::{client::Client, tenant::TenantSettings, time::Clock, vocabulary::Algorithm};
use chancery_oauth::{
    dpop::Sent,
    endpoints,
    error::{ErrorCode, OAuthError},
    token,
};
use chancery_testkit::client_jose::FakeClientKey;
use serde_json::{Value, json};

use crate::front::{Front, Tokens, form, view_of};

const ITSELF: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "profile")];

fn key() -> FakeClientKey {
    FakeClientKey::new("a key", Algorithm::Es256)
}

fn other_key() -> FakeClientKey {
    FakeClientKey::new("another key", Algorithm::Es256)
}

fn sent(proof: &str) -> Sent {
    Sent::One(proof.to_owned())
}

impl Front {
    /// The same front with other settings of its tenant.
    fn with_settings(mut self, change: impl FnOnce(&mut TenantSettings)) -> Self {
        let mut tenant = self.view.tenant.clone();
        change(&mut tenant.settings);
        self.view = self.directory.show(view_of(tenant, self.clock.now()));
        self
    }

    /// Time goes by, and the feed is read.
    fn later(&self, span: Duration) {
        self.clock.advance(span);
        self.view.freshness.refresh(self.clock.now());
    }

    /// What a good proof for a POST to that endpoint says.
    fn said(&self, endpoint: &str) -> Value {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        json!({
            "jti": format!("proof {}", COUNT.fetch_add(1, Ordering::Relaxed)),
            "htm": "POST",
            "htu": self.view.issuer.at(endpoint),
            "iat": self.clock.now().seconds(),
        })
    }

    /// A good proof for the token endpoint.
    fn proof(&self, key: &FakeClientKey) -> Sent {
        sent(&key.prove(&self.said(endpoints::TOKEN)))
    }

    /// What the token endpoint says to these parameters of that client with that beside them.
    async fn token_with(
        &self,
        client: &Client,
        proof: Sent,
        parameters: &[(&str, &str)],
    ) -> Result<Tokens, OAuthError> {
        let credentials = self.credentials(client).with_dpop(proof);
        let response = token::exchange(&self.cx, &self.view, &credentials, &form(parameters)).await?;
        let members = serde_json::to_value(&response).and_then(serde_json::from_value);
        Ok(Tokens(members.expect("an object")))
    }

    async fn redeem_with(&self, client: &Client, proof: Sent, code: &str) -> Result<Tokens, OAuthError> {
        let parameters = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", crate::front::CALLBACK),
            ("code_verifier", crate::front::VERIFIER),
        ];
        self.token_with(client, proof, &parameters).await
    }

    async fn refresh_with(&self, client: &Client, proof: Sent, token: &str) -> Result<Tokens, OAuthError> {
        self.token_with(client, proof, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }
}

fn code_of(refused: Result<Tokens, OAuthError>) -> ErrorCode {
    refused.expect_err("refused").code().expect("the caller's fault")
}

#[tokio::test]
async fn a_client_credentials_token_is_bound_to_the_key_of_the_proof() {
    let front = Front::new().await;
    let tokens = front.token_with(&front.site, front.proof(&key()), &ITSELF).await.expect("tokens");
    assert_eq!(tokens.text("token_type"), "DPoP");
    assert_eq!(Front::claims(tokens.access())["cnf"], json!({ "jkt": key().thumbprint().to_string() }));
    let plain = front.token_with(&front.site, Sent::Nothing, &ITSELF).await.expect("tokens");
    assert_eq!(plain.text("token_type"), "Bearer");
    assert!(!Front::claims(plain.access()).contains_key("cnf"));
}

#[tokio::test]
async fn t131_a_proof_is_good_once() {
    let front = Front::new().await;
    let proof = front.proof(&key());
    front.token_with(&front.site, proof.clone(), &ITSELF).await.expect("tokens");
    assert_eq!(code_of(front.token_with(&front.site, proof, &ITSELF).await), ErrorCode::InvalidDpopProof);
    // The same name by another key is another proof.
    let mut said = front.said(endpoints::TOKEN);
    said["jti"] = json!("the same");
    for key in [key(), other_key()] {
        front.token_with(&front.site, sent(&key.prove(&said)), &ITSELF).await.expect("tokens");
    }
}

#[tokio::test]
async fn t131_a_request_that_is_sent_again_ends_nothing() {
    let front = Front::new().await;
    let (code, proof) = (front.code(&front.app, "openid offline_access").await, front.proof(&key()));
    let tokens = front.redeem_with(&front.app, proof.clone(), &code).await.expect("tokens");
    assert_eq!(code_of(front.redeem_with(&front.app, proof, &code).await), ErrorCode::InvalidDpopProof);
    front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await.expect("the grant still holds");
}

#[tokio::test]
async fn t132_t134_t137_p058_a_proof_is_right_in_every_part() {
    let front = Front::new().await;
    let with = |name: &str, value: Value| {
        let mut said = front.said(endpoints::TOKEN);
        said[name] = value;
        sent(&key().prove(&said))
    };
    let header = |change: &dyn Fn(&mut Value)| {
        let mut header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key().jwk() });
        change(&mut header);
        sent(&key().sign_with(&header, &front.said(endpoints::TOKEN)))
    };
    let elsewhere = |endpoint| json!(front.view.issuer.at(endpoint));
    let good = key().prove(&front.said(endpoints::TOKEN));
    let bad = [
        ("two headers", Sent::Several),
        ("no text", Sent::Unreadable),
        ("no JWT", sent("a proof")),
        ("two in one header", sent(&format!("{good}, {good}"))),
        ("too long", sent(&"a".repeat(10_000))),
        ("another method", with("htm", json!("GET"))),
        ("a method in small letters", with("htm", json!("post"))),
        ("another URL", with("htu", elsewhere(endpoints::REVOKE))),
        ("a URL of another tenant", with("htu", json!("https://id.example/t/globex/oauth2/token"))),
        ("another URL with a query", with("htu", json!(format!("{}?a=b", front.view.issuer.at(endpoints::REVOKE))))),
        ("no URL", with("htu", Value::Null)),
        ("a URL that is no text", with("htu", json!(["https://id.example"]))),
        ("no jti", with("jti", Value::Null)),
        ("an empty jti", with("jti", json!(""))),
        ("a jti that is no text", with("jti", json!(1))),
        ("a long jti", with("jti", json!("a".repeat(513)))),
        ("no iat", with("iat", Value::Null)),
        ("an iat that is text", with("iat", json!("1"))),
        ("another type", header(&|header| header["typ"] = json!("JWT"))),
        ("no type", header(&|header| header["typ"] = Value::Null)),
        ("no algorithm", header(&|header| header["alg"] = json!("none"))),
        ("PKCS#1", header(&|header| header["alg"] = json!("RS256"))),
        ("a secret", header(&|header| header["alg"] = json!("HS256"))),
        ("no key", header(&|header| header["jwk"] = Value::Null)),
        ("a private key", header(&|header| header["jwk"]["d"] = json!("AQ"))),
        ("a symmetric key", header(&|header| header["jwk"] = json!({ "kty": "oct", "k": "AQ" }))),
        ("another key", header(&|header| header["jwk"] = other_key().jwk())),
    ];
    for (what, proof) in bad {
        let refused = front.token_with(&front.site, proof, &ITSELF).await;
        assert_eq!(code_of(refused), ErrorCode::InvalidDpopProof, "{what}");
    }
    let url = front.view.issuer.at(endpoints::TOKEN);
    for good in [
        with("more", json!({ "whatever": [1] })),
        with("htu", json!(url.replace("id.example", "ID.Example:443"))),
        with("htu", json!(format!("{url}?a=b#c"))),
        with("nbf", json!("whenever")),
    ] {
        front.token_with(&front.site, good, &ITSELF).await.expect("tokens");
    }
}

#[tokio::test]
async fn p057_who_must_send_a_proof_is_refused_without() {
    let mut front = Front::new().await;
    front.site.metadata.tokens.dpop_bound = true;
    front.update(&front.site).await;
    assert_eq!(code_of(front.token_with(&front.site, Sent::Nothing, &ITSELF).await), ErrorCode::InvalidDpopProof);
    front.token_with(&front.site, front.proof(&key()), &ITSELF).await.expect("tokens");

    let front = Front::new().await.with_settings(|it| it.dpop = chancery_domain::tenant::DpopPolicy::Required);
    assert_eq!(code_of(front.token_with(&front.site, Sent::Nothing, &ITSELF).await), ErrorCode::InvalidDpopProof);
    front.token_with(&front.site, front.proof(&key()), &ITSELF).await.expect("tokens");
}

#[tokio::test]
async fn where_proofs_are_off_nothing_is_bound() {
    let front = Front::new().await;
    let code = front.code(&front.app, "openid offline_access").await;
    let tokens = front.redeem_with(&front.app, front.proof(&key()), &code).await.expect("tokens");
    let front = front.with_settings(|it| it.dpop = chancery_domain::tenant::DpopPolicy::Off);
    let plain = front.token_with(&front.site, sent("a proof"), &ITSELF).await.expect("tokens");
    assert_eq!(plain.text("token_type"), "Bearer");
    // What was bound before gets no looser.
    let refused = front.refresh_with(&front.app, front.proof(&key()), tokens.refresh()).await;
    assert_eq!(code_of(refused), ErrorCode::InvalidDpopProof);
}
