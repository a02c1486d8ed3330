//! Clients whose ID tokens are signed with their own secret.

use chancery_domain::{
    client::{Client, ClientSecret, IdTokenSigning},
    ports::{jose::Purpose, store::Store},
    profile::Profile,
    redirect_uri::RedirectUri,
    secret::{SealedSecret, base64url, from_base64url},
    time::Clock,
};
use chancery_oauth::logout;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::front::{Front, challenge, form, request, view_of};

const AFTER: &str = "https://app.example/bye";

/// A tenant of that profile whose client `site` has its ID tokens signed with its secret.
pub(crate) async fn front_of(profile: Profile) -> (Front, Client) {
    let front = Front::of(profile).await;
    let mut site = front.site.clone();
    site.id_token_signing = IdTokenSigning::ClientSecret;
    site.post_logout_redirect_uris.push(RedirectUri::register(AFTER, site.kind).expect("a URI"));
    let mut secret = site.secrets[0].clone();
    let context = ClientSecret::context(site.uid, secret.id);
    let sealed = front.view.sealer.seal(Purpose::ClientSecret, &context, front.secret.expose().as_bytes());
    secret.sealed = Some(SealedSecret(sealed.expect("sealed")));
    let tx = Store::begin(&front.store, front.view.tenant.id).await.expect("a transaction");
    site.version = tx.clients().update(&site, front.clock.now()).await.expect("updated");
    site.version = tx.clients().delete_secret(&site, secret.id, front.clock.now()).await.expect("deleted");
    site.version = tx.clients().add_secret(&site, &secret).await.expect("added");
    tx.commit().await.expect("committed");
    site.secrets = vec![secret];
    (front, site)
}

pub(crate) fn header(token: &str) -> Value {
    let header = from_base64url(token.split('.').next().expect("a header")).expect("base64url");
    serde_json::from_slice(&header).expect("JSON")
}

/// Where a browser with this hint is sent after signing out; none where the hint proves nothing.
async fn back(front: &Front, hint: &str) -> Option<String> {
    let parameters = form(&[("id_token_hint", hint), ("post_logout_redirect_uri", AFTER)]);
    let asked = logout::check(&front.cx, &front.view, &parameters, Some(&front.session)).await.expect("a page");
    assert_eq!(asked.needs_confirmation, asked.redirect.is_none());
    asked.redirect
}

async fn is_hint_for(front: &Front, client: &Client, hint: &str) -> bool {
    let challenge = challenge();
    let mut parameters = request(client.id.as_str(), "openid", &challenge);
    parameters.push(("id_token_hint", hint));
    front.check(&parameters).await.is_ok_and(|checked| checked.request.hinted_user == Some(front.user.id))
}

#[tokio::test]
async fn the_id_token_is_signed_with_the_secret_and_the_access_token_is_not() {
    let (front, site) = front_of(Profile::Oidc).await;
    let tokens = front.sign_in(&site, "openid").await;
    assert_eq!(header(tokens.text("id_token")), json!({ "alg": "HS256", "typ": "JWT" }));
    assert_eq!(header(tokens.access())["alg"], "RS256");
    let claims = Front::claims(tokens.text("id_token"));
    assert_eq!(claims["at_hash"], base64url(&Sha256::digest(tokens.access())[..16]));
    assert_eq!(claims["aud"], "site");
    let others = front.sign_in(&front.app, "openid").await;
    assert_eq!(header(others.text("id_token"))["alg"], "RS256");
}

#[tokio::test]
async fn it_is_a_hint_for_its_own_client_and_for_no_other() {
    let (front, site) = front_of(Profile::Oidc).await;
    let hint = front.sign_in(&site, "openid").await.text("id_token").to_owned();
    assert_eq!(back(&front, &hint).await.as_deref(), Some(AFTER));
    assert!(is_hint_for(&front, &site, &hint).await);
    assert!(!is_hint_for(&front, &front.app, &hint).await, "what its secret proves, it proves to itself");
    let as_app = form(&[("id_token_hint", &hint), ("client_id", "app")]);
    assert!(logout::check(&front.cx, &front.view, &as_app, Some(&front.session)).await.is_err());

    // The same token with another name in it is signed by nobody.
    let (header, rest) = hint.split_once('.').expect("three parts");
    let (_, mac) = rest.split_once('.').expect("three parts");
    let mut claims = Front::claims(&hint);
    claims.insert("aud".to_owned(), "app".into());
    let renamed = format!("{header}.{}.{mac}", base64url(&serde_json::to_vec(&claims).expect("JSON")));
    assert_eq!(back(&front, &renamed).await, None);
    assert!(!is_hint_for(&front, &front.app, &renamed).await);
}

#[tokio::test]
async fn a_client_that_did_not_register_it_proves_nothing_with_its_secret() {
    let (front, mut site) = front_of(Profile::Oidc).await;
    let hint = front.sign_in(&site, "openid").await.text("id_token").to_owned();
    site.id_token_signing = IdTokenSigning::TenantKey;
    front.update(&site).await;
    assert_eq!(back(&front, &hint).await, None, "the sealed copy is still there, and the registration decides");
    assert!(!is_hint_for(&front, &site, &hint).await);
    let by_key = front.sign_in(&site, "openid").await;
    assert_eq!(header(by_key.text("id_token"))["alg"], "RS256");
    assert_eq!(back(&front, by_key.text("id_token")).await.as_deref(), Some(AFTER));
}

#[tokio::test]
async fn a_tenant_that_changes_to_oauth21_signs_with_its_keys_again() {
    let (mut front, site) = front_of(Profile::Oidc).await;
    let hint = front.sign_in(&site, "openid").await.text("id_token").to_owned();
    let mut tenant = front.view.tenant.clone();
    tenant.profile = Profile::Oauth21;
    front.view = front.directory.show(view_of(tenant, front.clock.now()));
    assert_eq!(back(&front, &hint).await, None);
    let tokens = front.sign_in(&site, "openid").await;
    assert_eq!(header(tokens.text("id_token"))["alg"], "ES256");
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let (front, site) = front_of(Profile::Oidc).await;
    let tokens = front.sign_in(&site, "openid").await;
    let shown = chancery_oauth::userinfo::claims(&front.cx, &front.view, tokens.text("id_token")).await;
    assert!(shown.is_err());
}
