use chancery_domain::{client::ClientKeys, id::ClientUid, outbound::Reach, profile::Profile, time::Timestamp};
use chancery_testkit::SeededRandom;
use tonic_types::StatusExt;

use super::*;

fn sent() -> v1::Client {
    v1::Client {
        kind: wire::Kind::Web.into(),
        auth_methods: vec![wire::AuthMethod::ClientSecretBasic.into()],
        grant_types: vec![wire::GrantType::AuthorizationCode.into()],
        redirect_uris: vec!["https://app.example/cb".into()],
        ..v1::Client::default()
    }
}

fn fresh() -> Client {
    let now = Timestamp::from_seconds(1);
    Client::new(ClientUid::generate(&SeededRandom::new(1), now), "web".parse().expect("an id"), ClientKind::Web, now)
}

/// The fields that are wrong, in order.
fn wrong(sent: &v1::Client) -> Vec<String> {
    let status = read(sent, fresh(), Profile::Oidc, &Reach::public()).expect_err("refused").into_status("t");
    let details = status.get_error_details();
    details.bad_request().expect("fields").field_violations.iter().map(|one| one.field.clone()).collect()
}

#[test]
fn a_client_is_read_and_named_after_its_id() {
    let client = read(&sent(), fresh(), Profile::Oauth21, &Reach::public()).expect("a client");
    assert_eq!(client.display_name, "web");
    assert!(client.admits_redirect("https://app.example/cb"));
    assert!(!client.require_pkce);
}

#[test]
fn every_wrong_entry_of_a_list_is_named() {
    let uris = ["http://app.example/cb", "https://app.example/cb", "https://app.example/*"];
    let bad = v1::Client { redirect_uris: uris.map(String::from).to_vec(), ..sent() };
    assert_eq!(wrong(&bad), ["client.redirect_uris[0]", "client.redirect_uris[2]"]);
    assert_eq!(wrong(&v1::Client { auth_methods: vec![0, 99], ..sent() }).len(), 2);
    assert_eq!(wrong(&v1::Client { scopes: vec!["a b".into()], ..sent() }), ["client.scopes[0]"]);
    assert_eq!(wrong(&v1::Client { allowed_origins: vec!["x".into()], ..sent() }), ["client.allowed_origins[0]"]);
    assert_eq!(wrong(&v1::Client { logo_uri: "javascript:alert(1)".into(), ..sent() }), ["client.logo_uri"]);
    let many = vec!["https://app.example/cb".to_owned(); 101];
    assert_eq!(wrong(&v1::Client { redirect_uris: many, ..sent() }), ["client.redirect_uris"]);
}

#[test]
fn the_parts_must_fit_together() {
    let none = wire::AuthMethod::None.into();
    assert_eq!(wrong(&v1::Client { auth_methods: vec![], ..sent() }), ["client.auth_methods"]);
    assert_eq!(wrong(&v1::Client { auth_methods: vec![none, 1], ..sent() }), ["client.auth_methods"]);
    assert_eq!(wrong(&v1::Client { grant_types: vec![], ..sent() }), ["client.grant_types"]);
    assert_eq!(wrong(&v1::Client { redirect_uris: vec![], ..sent() }), ["client.redirect_uris"]);
    assert!(kind(&v1::Client::default()).is_err());
}

#[test]
fn only_a_confidential_client_of_an_oidc_tenant_has_its_id_tokens_signed_with_its_secret() {
    let hs256 = |sent| v1::Client { id_token_signed_response_alg: "HS256".into(), ..sent };
    let client = read(&hs256(sent()), fresh(), Profile::Oidc, &Reach::public()).expect("a client");
    assert_eq!(client.id_token_signing, IdTokenSigning::ClientSecret);
    let field = ["client.id_token_signed_response_alg"];
    let refused =
        read(&hs256(sent()), fresh(), Profile::Oauth21, &Reach::public()).expect_err("refused").into_status("t");
    assert_eq!(refused.get_details_bad_request().expect("fields").field_violations[0].field, field[0]);
    let public = v1::Client { auth_methods: vec![wire::AuthMethod::None.into()], ..sent() };
    assert_eq!(wrong(&hs256(public)), field);
    for unknown in ["hs256", "HS512", "none", "RS1"] {
        assert_eq!(wrong(&v1::Client { id_token_signed_response_alg: unknown.into(), ..sent() }), field, "{unknown}");
    }
}

const KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"qDnTIGkWSA-tdxNdK7H0-QteKOq4AvV9JP5qBQ5Bunc","y":"xu5sPf_qXolXKimIEYcgFifsdQUiKpHnvgin73jchG8"}"#;

#[test]
fn a_client_registers_its_keys_in_one_place() {
    let jwks = format!(r#"{{ "keys": [{KEY}], "kept": true }}"#);
    let by_value = v1::Client { jwks: jwks.clone(), ..sent() };
    let client = read(&by_value, fresh(), Profile::Oauth21, &Reach::public()).expect("a client");
    assert_eq!(client.metadata.keys, Some(ClientKeys::Jwks(jwks)), "as it came");
    let there = v1::Client { jwks_uri: "https://app.example/keys".into(), ..sent() };
    let client = read(&there, client, Profile::Oauth21, &Reach::public()).expect("a client");
    assert_eq!(client.metadata.keys.as_ref().and_then(ClientKeys::jwks), None);
    let client = read(&sent(), client, Profile::Oauth21, &Reach::public()).expect("a client");
    assert_eq!(client.metadata.keys, None);
    assert_eq!(wrong(&v1::Client { jwks_uri: there.jwks_uri, ..by_value }), ["client.jwks_uri"]);
    assert_eq!(wrong(&v1::Client { jwks_uri: "ftp://app.example/keys".into(), ..sent() }), ["client.jwks_uri"]);
}

#[test]
fn t079_t120_t121_the_place_of_an_unsound_key_is_named() {
    let with = |key: &str| v1::Client { jwks: format!(r#"{{"keys":[{KEY},{key}]}}"#), ..sent() };
    for unsound in [
        r#"{"kty":"oct","k":"c2VjcmV0"}"#,
        r#"{"kty":"RSA","n":"1wAB","e":"AQAB"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        &KEY.replace('}', r#","d":"AA"}"#),
    ] {
        assert_eq!(wrong(&with(unsound)), ["client.jwks.keys[1]"], "{unsound}");
    }
    assert_eq!(wrong(&v1::Client { jwks: "[]".into(), ..sent() }), ["client.jwks"]);
    assert!(
        read(&with(r#"{"kty":"LATTICE"}"#), fresh(), Profile::Oidc, &Reach::public()).is_ok(),
        "a kind that nobody knows yet"
    );
}

#[test]
fn t155_a_logout_uri_that_is_not_to_be_called_is_refused() {
    for uri in [
        "http://app.example/out",
        "https://127.0.0.1/out",
        "https://[::1]/out",
        "https://169.254.169.254/latest",
        "https://10.0.0.1/",
        "https://2130706433/",
        "https://app.example/{sid}",
        "https://app.example/out#x",
        "https://u@app.example/out",
        "out",
    ] {
        let bad = v1::Client { backchannel_logout_uri: uri.into(), ..sent() };
        assert_eq!(wrong(&bad), ["client.backchannel_logout_uri"], "{uri}");
    }
    let good = v1::Client { backchannel_logout_uri: "https://app.example/out?x=1".into(), ..sent() };
    let client = read(&good, fresh(), Profile::Oidc, &Reach::public()).expect("a client");
    assert!(client.metadata.logout.backchannel_uri.is_some());
}

#[test]
fn what_is_said_about_signing_out_must_fit_together() {
    let elsewhere = v1::Client { frontchannel_logout_uri: "https://other.example/out".into(), ..sent() };
    assert_eq!(wrong(&elsewhere), ["client.frontchannel_logout_uri"]);
    let script = v1::Client { frontchannel_logout_uri: "javascript:alert(1)".into(), ..sent() };
    assert_eq!(wrong(&script), ["client.frontchannel_logout_uri"]);
    let nowhere = v1::Client { backchannel_logout_session_required: true, ..sent() };
    assert_eq!(wrong(&nowhere), ["client.backchannel_logout_session_required"]);
    let nowhere = v1::Client { frontchannel_logout_session_required: true, ..sent() };
    assert_eq!(wrong(&nowhere), ["client.frontchannel_logout_session_required"]);
    assert_eq!(wrong(&v1::Client { logout_scope: 9, ..sent() }), ["client.logout_scope"]);
    let beside = v1::Client { frontchannel_logout_uri: "https://app.example/out".into(), ..sent() };
    assert!(read(&beside, fresh(), Profile::Oidc, &Reach::public()).is_ok());
}
