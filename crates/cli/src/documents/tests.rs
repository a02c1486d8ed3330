//! Files as people write them: read with places, written back, and brought up to date.

mod constants;
mod updates;

use chancery_proto::v1::{Client, Scope, Tenant, TenantDocument, TenantSettings, client, tenant};
use prost_types::Duration;

use super::{parse, place, read, schema, words};

const FILE: &str = "\
# Acme, our largest customer.
tenant:
  name: acme
  display_name: Acme   # as on their contract
  profile: oidc
  settings:
    access_token_ttl: 60m # agreed in March
    ml_dsa: false

clients:
  # The shop.
  - name: web
    kind: web
    auth_methods: [client_secret_basic]
    grant_types:
      - authorization_code
    redirect_uris:
      # production
      - https://shop.example/cb
      # staging
      - https://staging.example/cb
  # Nightly jobs.
  - name: batch
    kind: service
    auth_methods: [client_secret_basic]
    grant_types: [client_credentials]
# The end.
";

fn document() -> TenantDocument {
    let span = |seconds| Some(Duration { seconds, nanos: 0 });
    TenantDocument {
        tenant: Some(Tenant {
            name: "tenants/acme".into(),
            display_name: "Acme".into(),
            profile: tenant::Profile::Oidc.into(),
            settings: Some(TenantSettings { access_token_ttl: span(3600), ..TenantSettings::default() }),
            ..Tenant::default()
        }),
        clients: vec![
            Client {
                name: "tenants/acme/clients/web".into(),
                kind: client::Kind::Web.into(),
                auth_methods: vec![client::AuthMethod::ClientSecretBasic.into()],
                grant_types: vec![client::GrantType::AuthorizationCode.into()],
                redirect_uris: vec!["https://shop.example/cb".into(), "https://staging.example/cb".into()],
                ..Client::default()
            },
            Client {
                name: "tenants/acme/clients/batch".into(),
                kind: client::Kind::Service.into(),
                auth_methods: vec![client::AuthMethod::ClientSecretBasic.into()],
                grant_types: vec![client::GrantType::ClientCredentials.into()],
                ..Client::default()
            },
        ],
        ..TenantDocument::default()
    }
}

fn parsed(text: &str) -> Result<TenantDocument, Vec<String>> {
    let nodes = parse::read(text)
        .map_err(|wrong| vec![format!("{}:{}: {}", wrong.place.line, wrong.place.column, wrong.what)])?;
    let told = |wrong: &place::Wrong| format!("{}:{}: {}", wrong.place.line, wrong.place.column, wrong.what);
    read::document(&nodes[0]).map_err(|wrong| wrong.iter().map(told).collect())
}

#[test]
fn a_file_is_read_as_it_is_meant() {
    assert_eq!(parsed(FILE), Ok(document()));
}

#[test]
fn what_is_written_is_read_back() {
    let text = words::of(&document()).to_yaml(0);
    assert_eq!(parsed(&text), Ok(document()), "{text}");
    let json = words::of(&document()).to_json().to_string();
    assert_eq!(parsed(&json), Ok(document()), "{json}");
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_nearest_word() {
    let wrong = "\
tenant:
  name: acme
  profil: oidc
  settings:
    access_token_ttl: 1 hour
clients:
  - name: web
    kind: wep
    uid: x
    skip_consent: maybe
    auth_methods: none
    grant_types: [client_credentials]
";
    assert_eq!(
        parsed(wrong).expect_err("wrong"),
        [
            "3:3: there is no field `profil` here; did you mean `profile`?",
            "5:23: `1 hour` is no duration: write a whole number and s, m, h or d, such as 90s or 30d",
            "8:11: `wep` must be one of: web, native, service; did you mean `web`?",
            "9:5: `uid` is told by the server, and cannot be given",
            "10:19: `maybe` must be true or false",
            "11:19: `auth_methods` must be a list",
        ]
    );
    let issuer = "tenant: {name: a}\ntrusted_issuers:\n  - name: idp\n    issuer: https://idp.example\n    algorithms: [ES256]\n    \
                  subject_maping: user\n    subject_mapping: usernam\n    discover: yes\n";
    assert_eq!(
        parsed(issuer).expect_err("wrong"),
        [
            "6:5: there is no field `subject_maping` here; did you mean `subject_mapping`?",
            "7:22: `usernam` must be one of: user_id, username, client; did you mean `username`?",
            "8:15: `yes` must be true or false",
        ]
    );
    assert_eq!(parsed("tenant: {name: a}\ntenant: {}").expect_err("twice"), ["2:1: `tenant` stands here twice"]);
    assert!(parsed("clients: []").expect_err("no tenant")[0].starts_with("1:1: a document begins with the tenant"));
    let lacking = parsed("tenant: {name: a}\nclients:\n  - name: web\n    kind: web\n").expect_err("lacking");
    assert_eq!(lacking, ["3:5: lacks `auth_methods`", "3:5: lacks `grant_types`"]);
}

#[test]
fn a_path_of_the_contract_is_found_in_the_file() {
    let nodes = parse::read(FILE).expect("YAML");
    let at = |path: &str| {
        let place = nodes[0].find(path);
        (place.line, place.column)
    };
    assert_eq!(at("clients[0].redirect_uris[1]"), (21, 9));
    assert_eq!(at("tenant.settings.access_token_ttl"), (7, 5));
    assert_eq!(at("tenant.settings.code_ttl"), (7, 5), "the settings, where the field is left out");
    assert_eq!(at("clients[1].redirect_uris"), (23, 5), "the client");
}

#[test]
fn the_schema_is_json() {
    assert!(serde_json::from_str::<serde_json::Value>(&schema::schema()).is_ok());
}

#[test]
fn json_may_write_a_letter_in_two_halves() {
    let text = r#"{"tenant": {"name": "acme", "display_name": "\ud83d\ude00 \\ud83d\u0041", "profil": 1}}"#;
    let at = text.find("\"profil").expect("there") + 1;
    let told = format!("1:{at}: there is no field `profil` here; did you mean `profile`?");
    assert_eq!(parsed(text), Err(vec![told]), "places are those of the file");
    let node = &parse::read(text).expect("JSON")[0];
    let (_, tenant) = node.field("tenant").expect("a tenant");
    assert_eq!(tenant.field("display_name").and_then(|(_, name)| name.text()), Some("\u{1f600} \\ud83dA"));
    let half = parsed(r#"{"tenant": {"name": "acme", "display_name": "\ud83d"}}"#);
    assert!(half.expect_err("half a letter")[0].starts_with("1:45: "));
}
