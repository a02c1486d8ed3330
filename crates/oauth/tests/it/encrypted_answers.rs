//! Answers that are encrypted behind their signature (JWT Secured Authorization Response Mode section 2.2).

use chancery_domain::{
    client::{Client, ClientKeys, Encryption},
    secret::from_base64url,
    vocabulary::{Algorithm, ContentEncryption, KeyManagement},
};
use chancery_oauth::{
    authorize::{self, Answer, Carried, Done, Refusal},
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};
use chancery_testkit::client_jose::FakeClientKey;
use serde_json::{Value, json};

use crate::front::{CALLBACK, Front, challenge, request};

/// The client that wants its answers encrypted, with those keys.
async fn encrypting(front: &Front, keys: ClientKeys) -> Client {
    let mut app = front.app.clone();
    app.metadata.keys = Some(keys);
    app.metadata.authorization_encryption =
        Some(Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A256Gcm });
    front.update(&app).await;
    app
}

fn asking<'a>(mode: &'a str, scope: &'a str, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut asked = request("app", scope, challenge);
    asked.push(("response_mode", mode));
    asked
}

/// What the only parameter is.
fn response(carried: Carried) -> String {
    match carried {
        Carried::Redirect(url) => {
            let rest = url.strip_prefix(CALLBACK).expect("the redirect URI");
            let read = Parameters::parse(&rest.as_bytes()[1..]).expect("a form");
            read.one("response").expect("a response").to_owned()
        }
        Carried::Form { fields, .. } => fields.into_iter().next().expect("a field").1,
    }
}

/// What it says to whoever has the key.
async fn opened(front: &Front, key: &FakeClientKey, answer: Answer) -> Value {
    let carried = authorize::carry(&front.cx, &front.view, answer).await.expect("carried");
    let (outer, signed) = key.decrypt(&response(carried)).expect("for this key");
    assert_eq!((&outer["alg"], &outer["enc"], &outer["cty"]), (&json!("ECDH-ES"), &json!("A256GCM"), &json!("JWT")));
    let parts: Vec<Value> = signed
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&from_base64url(part).expect("base64url")).expect("JSON"))
        .collect();
    assert_eq!(parts[0]["alg"], "RS256");
    parts[1].clone()
}

#[tokio::test]
async fn p060_an_answer_is_encrypted_behind_its_signature_in_every_signed_mode() {
    let front = Front::open().await;
    let key = FakeClientKey::new("enc", Algorithm::Es256);
    let app = encrypting(&front, ClientKeys::Jwks(key.jwks())).await;
    let challenge = challenge();
    for mode in ["jwt", "query.jwt", "fragment.jwt", "form_post.jwt"] {
        let answer = front.answer(&app, &asking(mode, "openid", &challenge)).await;
        let code = answer.parameter("code").expect("a code").to_owned();
        let said = opened(&front, &key, answer).await;
        assert_eq!((&said["code"], &said["aud"], &said["state"]), (&json!(code), &json!("app"), &json!("a state")));
        assert_eq!(said["iss"], front.view.issuer.as_str());

        let Err(Refusal::Answer(refused)) = front.check(&asking(mode, "openid unheard-of", &challenge)).await else {
            panic!("{mode}: an answer");
        };
        assert_eq!(opened(&front, &key, refused).await["error"], "invalid_scope", "{mode}");
        let checked = front.check(&asking(mode, "openid", &challenge)).await.expect("a good request");
        let denied = authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer");
        assert_eq!(opened(&front, &key, denied).await["error"], "access_denied", "{mode}");
    }
    let plain = front.answer(&app, &asking("query", "openid", &challenge)).await;
    assert!(front.location(plain).await.contains("code="), "other modes are as they were");
}

#[tokio::test]
async fn without_a_key_to_encrypt_to_nothing_is_issued_and_nothing_is_sent() {
    let front = Front::open().await;
    let uri = "https://app.example/keys";
    let app = encrypting(&front, ClientKeys::JwksUri(uri.parse().expect("a URI"))).await;
    let challenge = challenge();
    front.allow(&app, "openid").await;
    let checked = front.check(&asking("jwt", "openid", &challenge)).await.expect("a good request");
    let events = front.store.audit().len();
    let refused =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect_err("refused");
    let Refusal::Page(OAuthError::Caller { code: ErrorCode::InvalidRequest, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(front.store.audit().len(), events, "no code was issued");
    let denied = authorize::deny(&front.cx, &front.view, &checked).await.expect("an answer");
    let error = authorize::carry(&front.cx, &front.view, denied).await.expect_err("nobody else is told");
    assert_eq!(error.code(), Some(ErrorCode::InvalidRequest), "{error}");

    let key = FakeClientKey::new("enc", Algorithm::Es256);
    front.web.publish(uri, &key.jwks());
    let answer =
        authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await.expect("a code");
    assert!(opened(&front, &key, answer).await["code"].is_string());
}

#[tokio::test]
async fn a_client_that_could_not_read_its_id_token_is_told_so() {
    let front = Front::open().await;
    let uri = "https://app.example/keys";
    let mut app = front.app.clone();
    app.metadata.keys = Some(ClientKeys::JwksUri(uri.parse().expect("a URI")));
    app.metadata.tokens.id_token_encryption =
        Some(Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A256Gcm });
    front.update(&app).await;
    front.allow(&app, "openid").await;
    let challenge = challenge();
    for mode in ["fragment", "form_post", "jwt"] {
        let mut asked = asking(mode, "openid", &challenge);
        asked.retain(|(name, _)| *name != "response_type");
        asked.extend([("response_type", "code id_token"), ("nonce", "a nonce")]);
        let checked = front.check(&asked).await.expect("a good request");
        let events = front.store.audit().len();
        let issued = authorize::issue(&front.cx, &front.view, &checked, &front.session, Done::default()).await;
        let Err(Refusal::Answer(refused)) = issued else { panic!("{mode}: {issued:?}") };
        assert_eq!((refused.parameter("error"), refused.parameter("code")), (Some("invalid_request"), None), "{mode}");
        assert_eq!(refused.parameter("state"), Some("a state"));
        assert!(authorize::carry(&front.cx, &front.view, refused).await.is_ok(), "{mode}");
        assert_eq!(front.store.audit().len(), events, "{mode}: nothing was issued");
    }
}
