//! What signs and encrypts tokens and answers for a client, and under which name they speak of people.

use chancery_domain::{
    client::{Client, ClientKeys, Encryption, IdTokenSigning},
    profile::Profile,
    secret::from_base64url,
    time::Clock,
    vocabulary::{Algorithm, ContentEncryption, KeyManagement, SubjectType},
};
use chancery_oauth::{
    error::ErrorCode,
    introspect, logout,
    userinfo::{BearerError, Presented, Told, told},
};
use chancery_testkit::client_jose::FakeClientKey;
use serde_json::{Value, json};

use crate::front::{Front, challenge, form, request, view_of};

/// A tenant that signs with several algorithms, ES256 first.
async fn several(profile: Profile) -> Front {
    let mut front = Front::of(profile).await;
    let mut view = view_of(front.view.tenant.clone(), front.clock.now());
    view.signing_algorithms = vec![Algorithm::Es256, Algorithm::Rs256, Algorithm::EdDsa];
    front.view = front.directory.show(view);
    front
}

fn header(token: &str) -> Value {
    let header = from_base64url(token.split('.').next().expect("a header")).expect("base64url");
    serde_json::from_slice(&header).expect("JSON")
}

async fn update(front: &Front, client: &Client, change: impl FnOnce(&mut Client)) -> Client {
    let mut client = client.clone();
    change(&mut client);
    front.update(&client).await;
    client
}

fn ecdh() -> Encryption {
    Encryption { alg: KeyManagement::EcdhEs, enc: ContentEncryption::A256Gcm }
}

#[tokio::test]
async fn p031_without_a_registered_algorithm_oidc_signs_with_rs256() {
    for (profile, algorithm) in [(Profile::Oidc, "RS256"), (Profile::Oauth21, "ES256")] {
        let front = several(profile).await;
        let tokens = front.sign_in(&front.app, "openid").await;
        assert_eq!(header(tokens.text("id_token"))["alg"], algorithm);
    }
}

#[tokio::test]
async fn p031_a_client_has_its_id_tokens_signed_as_it_registered() {
    let front = several(Profile::Oauth21).await;
    let app = update(&front, &front.app, |app| app.id_token_signing = IdTokenSigning::Key(Algorithm::EdDsa)).await;
    let tokens = front.sign_in(&app, "openid").await;
    assert_eq!(header(tokens.text("id_token"))["alg"], "EdDSA");
    assert_eq!(header(tokens.access())["alg"], "ES256", "what verifies access tokens is not the client's to say");
    let at_hash = Front::claims(tokens.text("id_token"))["at_hash"].as_str().map(str::len);
    assert_eq!(at_hash, Some(43), "half of SHA-512");
    let other = update(&front, &app, |app| app.id_token_signing = IdTokenSigning::Key(Algorithm::Ps512)).await;
    let tokens = front.sign_in(&other, "openid").await;
    assert_eq!(header(tokens.text("id_token"))["alg"], "ES256", "no key of that algorithm is ready");
}

#[tokio::test]
async fn p036_userinfo_comes_signed_to_a_client_that_registered_it() {
    let front = several(Profile::Oidc).await;
    let app = update(&front, &front.app, |app| app.metadata.tokens.userinfo_signing = Some(Algorithm::Es256)).await;
    let tokens = front.sign_in(&app, "openid email").await;
    let Told::Jwt(token) = told(&front.cx, &front.view, Presented::bearer(tokens.access())).await.expect("told") else {
        panic!("plain claims");
    };
    assert_eq!(header(&token)["alg"], "ES256");
    assert_eq!(
        json!(Front::claims(&token)),
        json!({
            "iss": front.view.issuer.as_str(), "aud": "app", "sub": front.user.id.to_string(),
            "email": "ada@example.com", "email_verified": true,
        })
    );
    // It is neither of the tokens that are believed here.
    let again = told(&front.cx, &front.view, Presented::bearer(&token)).await.expect_err("refused");
    assert!(matches!(again, BearerError::InvalidToken), "{again}");
}

#[tokio::test]
async fn id_tokens_and_userinfo_are_encrypted_behind_their_signature() {
    let front = several(Profile::Oidc).await;
    let key = FakeClientKey::new("enc", Algorithm::Es256);
    let app = update(&front, &front.app, |app| {
        app.metadata.keys = Some(ClientKeys::Jwks(key.jwks()));
        app.metadata.tokens.id_token_encryption = Some(ecdh());
        app.metadata.tokens.userinfo_encryption = Some(ecdh());
    })
    .await;
    let tokens = front.sign_in(&app, "openid").await;
    let (outer, signed) = key.decrypt(tokens.text("id_token")).expect("for this key");
    assert_eq!((&outer["alg"], &outer["enc"], &outer["cty"]), (&json!("ECDH-ES"), &json!("A256GCM"), &json!("JWT")));
    assert_eq!(header(&signed)["alg"], "RS256");
    assert_eq!(Front::claims(&signed)["aud"], "app");

    let Told::Jwt(token) = told(&front.cx, &front.view, Presented::bearer(tokens.access())).await.expect("told") else {
        panic!("plain claims");
    };
    let (outer, claims) = key.decrypt(&token).expect("for this key");
    assert_eq!(outer.get("cty"), None, "what is in it is not signed");
    let claims: Value = serde_json::from_str(&claims).expect("claims");
    assert_eq!((&claims["aud"], &claims["sub"]), (&json!("app"), &json!(front.user.id.to_string())));

    update(&front, &app, |app| app.metadata.tokens.userinfo_signing = Some(Algorithm::Es256)).await;
    let Told::Jwt(token) = told(&front.cx, &front.view, Presented::bearer(tokens.access())).await.expect("told") else {
        panic!("plain claims");
    };
    let (outer, signed) = key.decrypt(&token).expect("for this key");
    assert_eq!((outer["cty"].as_str(), header(&signed)["alg"].as_str()), (Some("JWT"), Some("ES256")));
}

#[tokio::test]
async fn without_a_key_to_encrypt_to_nothing_is_told_and_the_code_stays_good() {
    let front = several(Profile::Oidc).await;
    let uri = "https://app.example/keys";
    let app = update(&front, &front.app, |app| {
        app.metadata.keys = Some(ClientKeys::JwksUri(uri.parse().expect("a URI")));
        app.metadata.tokens.id_token_encryption = Some(ecdh());
        app.metadata.tokens.userinfo_encryption = Some(ecdh());
    })
    .await;
    let code = front.code(&app, "openid").await;
    let error = front.redeem(&app, &code).await.expect_err("refused");
    assert_eq!(error.code(), Some(ErrorCode::InvalidRequest), "{error}");
    front.web.publish(uri, &FakeClientKey::new("enc", Algorithm::Es256).jwks());
    let tokens = front.redeem(&app, &code).await.expect("tokens");
    front.web.publish(uri, "{}");
    let other = update(&front, &app, |app| {
        app.metadata.keys = Some(ClientKeys::Jwks(FakeClientKey::new("rsa", Algorithm::Rs256).jwks()));
    })
    .await;
    assert!(other.metadata.keys.is_some());
    let error = told(&front.cx, &front.view, Presented::bearer(tokens.access())).await.expect_err("refused");
    assert!(matches!(error, BearerError::NoKey), "{error}");
}

#[tokio::test]
async fn two_sectors_know_a_user_under_different_names_everywhere() {
    let front = Front::of(Profile::Oidc).await;
    let pairwise = async |client: &Client, sector: &str| {
        update(&front, client, |client| {
            client.metadata.tokens.subject_type = SubjectType::Pairwise;
            client.metadata.tokens.sector_identifier_uri = Some(sector.parse().expect("a URI"));
        })
        .await
    };
    let app = pairwise(&front.app, "https://one.example/uris").await;
    let site = pairwise(&front.site, "https://two.example/uris").await;
    let tokens = front.sign_in(&site, "openid offline_access").await;
    let sub = Front::claims(tokens.text("id_token"))["sub"].clone();
    let others = front.sign_in(&app, "openid").await;
    let other = Front::claims(others.text("id_token"))["sub"].clone();
    assert_ne!(sub, other);
    assert!(![&sub, &other].contains(&&json!(front.user.id.to_string())));

    assert_eq!(Front::claims(tokens.access())["sub"], sub);
    let Told::Claims(claims) = told(&front.cx, &front.view, Presented::bearer(tokens.access())).await.expect("told")
    else {
        panic!("a JWT");
    };
    assert_eq!(claims["sub"], sub);
    for token in [tokens.access(), tokens.refresh()] {
        let asked = form(&[("token", token)]);
        let said = introspect::introspect(&front.cx, &front.view, &front.credentials(&site), &asked).await;
        assert_eq!(said.expect("an answer")["sub"], sub);
    }
    let again = front.refresh(&site, tokens.refresh()).await.expect("tokens");
    assert_eq!(Front::claims(again.text("id_token"))["sub"], sub);

    // A name leads back to its user here, in a hint and in the claims parameter, and only for its own sector.
    let challenge = challenge();
    let mut parameters = request("site", "openid", &challenge);
    parameters.push(("id_token_hint", tokens.text("id_token")));
    let checked = front.check(&parameters).await.expect("a good request");
    assert_eq!(checked.request.hinted_user, Some(front.user.id));
    for (named, known) in [(&sub, true), (&other, false), (&json!(front.user.id.to_string()), false)] {
        let claims = json!({ "id_token": { "sub": { "value": named } } }).to_string();
        let mut parameters = request("site", "openid", &challenge);
        parameters.push(("claims", &claims));
        assert_eq!(front.check(&parameters).await.is_ok(), known, "{named}");
    }
    let parameters = form(&[("id_token_hint", tokens.text("id_token"))]);
    let asked = logout::check(&front.cx, &front.view, &parameters, Some(&front.session)).await.expect("a page");
    assert!(!asked.needs_confirmation);
}

#[tokio::test]
async fn t261_a_signed_introspection_answer_is_for_those_who_registered_it() {
    let front = several(Profile::Oidc).await;
    let tokens = front.sign_in(&front.site, "openid").await;
    let asked = form(&[("token", tokens.access())]);
    let credentials = front.credentials(&front.site);
    let refused = introspect::introspect_signed(&front.cx, &front.view, &credentials, &asked).await;
    assert_eq!(refused.expect_err("refused").code(), Some(ErrorCode::UnauthorizedClient));

    update(&front, &front.site, |site| site.metadata.tokens.introspection_signing = Some(Algorithm::EdDsa)).await;
    let token = introspect::introspect_signed(&front.cx, &front.view, &credentials, &asked).await.expect("a token");
    assert_eq!((&header(&token)["alg"], &header(&token)["typ"]), (&json!("EdDSA"), &json!("token-introspection+jwt")));
    let said = Front::claims(&token);
    assert_eq!(said.keys().collect::<Vec<_>>(), ["aud", "iat", "iss", "token_introspection"]);
    assert_eq!((&said["aud"], &said["iss"]), (&json!("site"), &json!(front.view.issuer.as_str())));
    assert_eq!(said["token_introspection"]["active"], true);
    let asked = form(&[("token", "x")]);
    let token = introspect::introspect_signed(&front.cx, &front.view, &credentials, &asked).await.expect("a token");
    assert_eq!(Front::claims(&token)["token_introspection"], json!({ "active": false }));
}
