use chancery_proto::v1::{ClaimMapping, Client, Key, Session, Tenant, TenantSettings, User, client, key, tenant};
use prost_types::{Duration, Timestamp};
use serde_json::json;

use super::*;
use crate::claims;

fn acme() -> Tenant {
    Tenant {
        name: "tenants/acme".to_owned(),
        display_name: "Acme\u{1b}[31m".to_owned(),
        profile: tenant::Profile::Oidc.into(),
        state: tenant::State::Active.into(),
        issuer: "https://id.example/t/acme".to_owned(),
        settings: Some(TenantSettings {
            access_token_ttl: Some(Duration { seconds: 600, nanos: 0 }),
            ..TenantSettings::default()
        }),
        create_time: Some(Timestamp { seconds: 1_700_000_000, nanos: 250_000_000 }),
        ..Tenant::default()
    }
}

#[test]
fn every_column_is_a_field() {
    for (message, columns) in view::ALL {
        let descriptor = reflect::descriptor(message);
        for column in *columns {
            let field = if *column == "id" { "name" } else { column };
            assert!(descriptor.get_field_by_name(field).is_some(), "{message}.{column}");
        }
    }
}

#[test]
fn a_list_is_a_table_for_people() {
    let expected = "\
ID    DISPLAY NAME    PROFILE  STATE   ISSUER
acme  Acme\\u{1b}[31m  oidc     active  https://id.example/t/acme
bare  -               -        -       -
";
    let bare = Tenant { name: "tenants/bare".to_owned(), ..Tenant::default() };
    assert_eq!(Output::Table.many(&[acme(), bare]), expected);
    assert_eq!(Output::Table.many::<Tenant>(&[]), "none\n");
}

#[test]
fn one_resource_is_a_list_of_facts_for_people() {
    let expected = "\
name                                   tenants/acme
display name                           Acme\\u{1b}[31m
profile                                oidc
state                                  active
issuer                                 https://id.example/t/acme
access token ttl                       10m
ml dsa                                 no
require pushed authorization requests  no
token exchange                         no
device authorization                   no
jwt bearer                             no
request object encryption              no
dpop nonce required                    no
create time                            2023-11-14 22:13:20Z
";
    assert_eq!(Output::Table.one(&acme()), expected);
}

#[test]
fn the_etag_comes_last() {
    let text = Output::Table.one(&Tenant { etag: "\"1\"".to_owned(), ..acme() });
    assert_eq!(text.lines().last().map(|line| line.split_whitespace().collect()), Some(vec!["etag", "\"1\""]));
}

#[test]
fn scripts_read_the_json_of_protocol_buffers() {
    let json: Json = serde_json::from_str(&Output::Json.one(&acme())).expect("JSON");
    let expected = json!({
        "name": "tenants/acme",
        "uid": "",
        "displayName": "Acme\u{1b}[31m",
        "profile": "PROFILE_OIDC",
        "state": "STATE_ACTIVE",
        "issuer": "https://id.example/t/acme", "issuerHost": "",
        "settings": {
            "accessTokenFormat": "ACCESS_TOKEN_FORMAT_UNSPECIFIED", "accessTokenTtl": "600s", "mlDsa": false,
            "responseTypes": [], "signUpUri": "", "requirePushedAuthorizationRequests": false,
            "logoutScope": "LOGOUT_SCOPE_UNSPECIFIED", "tokenExchange": false, "clientCertificateAuthorities": [],
            "deviceAuthorization": false,
            "jwtBearer": false, "requestObjectEncryption": false, "dpop": "DPOP_POLICY_UNSPECIFIED",
            "dpopNonceRequired": false,
        },
        "createTime": "2023-11-14T22:13:20.25Z",
        "etag": "",
    });
    assert_eq!(json, expected);
}

#[test]
fn what_a_row_refers_to_is_told_by_its_id() {
    let session = Session {
        name: "tenants/acme/sessions/s1".to_owned(),
        user: "tenants/acme/users/u1".to_owned(),
        clients: vec!["tenants/acme/clients/app".to_owned(), "tenants/acme/clients/web".to_owned()],
        ..Session::default()
    };
    let table = Output::Table.many(&[session]);
    let row: Vec<_> = table.lines().nth(1).expect("a row").split_whitespace().collect();
    assert_eq!(row[..4], ["s1", "u1", "app,", "web"], "{table}");
}

#[test]
fn a_list_is_an_array_for_scripts() {
    let keys = [Key { state: key::State::Standby.into(), ..Key::default() }];
    let json: Json = serde_json::from_str(&Output::Json.many(&keys)).expect("JSON");
    assert_eq!(json[0]["state"], "STATE_STANDBY");
    assert_eq!(Output::Json.many::<Key>(&[]), "[]\n");
}

#[test]
fn lists_of_enums_and_flags_are_words() {
    let web = Client {
        auth_methods: vec![client::AuthMethod::ClientSecretBasic.into(), client::AuthMethod::None.into()],
        grant_types: vec![99],
        skip_consent: true,
        ..Client::default()
    };
    let text = Output::Table.one(&web);
    let fact = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    assert_eq!(fact("auth methods "), Some("client_secret_basic, none"), "{text}");
    assert_eq!(fact("grant types "), Some("99"), "{text}");
    assert_eq!(fact("skip consent "), Some("yes"), "{text}");
    assert_eq!(to_json(&web)["authMethods"], json!(["AUTH_METHOD_CLIENT_SECRET_BASIC", "AUTH_METHOD_NONE"]));
    assert_eq!(to_json(&web)["redirectUris"], json!([]));
}

#[test]
fn claims_are_shown_as_they_are() {
    let claims = claims::Claim::collect(vec![claims::Claim::parse("name=Alice").expect("a claim")]);
    let alice = User { claims: Some(claims), ..User::default() };
    assert_eq!(to_json(&alice)["claims"], json!({"name": "Alice"}));
    assert!(Output::Table.one(&alice).contains(r#"claims          {"name":"Alice"}"#));
}

#[test]
fn a_constant_is_shown_with_its_type() {
    for (constant, json) in [
        (claims::text("eu".to_owned()), json!("eu")),
        (claims::value(r#"["a",{"b":1}]"#).expect("JSON"), json!(["a", { "b": 1 }])),
    ] {
        let mapping = ClaimMapping { constant: Some(constant), ..ClaimMapping::default() };
        assert_eq!(to_json(&mapping)["constant"], json);
        assert_eq!(Output::Table.one(&mapping), format!("constant  {json}\n"));
    }
    assert!(to_json(&ClaimMapping::default()).get("constant").is_none());
}

#[test]
fn a_secret_stands_beside_the_resource() {
    let beside = [("clientSecret", json!({"hint": "wxyz"})), ("secret", json!("s3cret"))];
    let client = Client { name: "tenants/acme/clients/web".to_owned(), ..Client::default() };
    let json: Json = serde_json::from_str(&Output::Json.one_with(&client, &beside)).expect("JSON");
    assert_eq!((&json["name"], &json["secret"]), (&json!("tenants/acme/clients/web"), &json!("s3cret")));
    let text = Output::Table.one_with(&client, &beside);
    let (client, apart) = text.split_once("\n\n").expect("set apart");
    assert!(client.contains("tenants/acme/clients/web") && !client.contains("s3cret"), "{text}");
    assert!(apart.starts_with("secret  s3cret\n") && apart.contains("shown this once"), "{text}");
}

#[test]
fn yaml_says_what_json_says() {
    let yaml = Output::Yaml.one(&acme());
    for line in ["name: tenants/acme", "displayName: \"Acme\\e[31m\"", "  accessTokenTtl: 600s", "etag: \"\""] {
        assert!(yaml.lines().any(|shown| shown == line), "{line} in\n{yaml}");
    }
    assert_eq!(Output::Yaml.many::<Key>(&[]), "[]\n");
    let long = "many words ".repeat(20);
    let told = Output::Yaml.document(&json!({ "on": "no", "version": "1.0", "long": long }));
    assert_eq!(told, format!("long: \"{long}\"\n\"on\": \"no\"\nversion: \"1.0\"\n"));
}

#[test]
fn what_is_no_message_has_the_same_forms() {
    let context = json!({ "name": "prod", "inUse": true, "tenant": null });
    let fields = ["name", "inUse", "tenant"];
    assert_eq!(Output::Table.facts_of(&fields, &context), "name    prod\nin use  yes\n");
    assert_eq!(Output::Table.rows_of(&fields, &[context]), "NAME  IN USE  TENANT\nprod  yes     -\n");
    assert_eq!(Output::Table.rows_of(&fields, &[]), "none\n");
    assert_eq!(Output::Json.rows_of(&fields, &[]), "[]\n");
}
