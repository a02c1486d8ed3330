//! Files that are brought up to date keep what people wrote in them.

use std::path::Path;

use super::*;
use crate::documents::export;

/// The file, brought up to date. It must then say what is wanted.
pub(super) fn updated(text: &str, document: &TenantDocument) -> String {
    let wanted = words::of(document);
    let name = &document.tenant.as_ref().expect("a tenant").name;
    let updated = export::brought_up_to_date(Path::new("file"), text, name, &wanted).expect("brought up to date");
    let said = parsed(&updated).map(|said| words::of(&said));
    assert_eq!(said.as_ref(), Ok(&wanted), "{updated}");
    updated
}

/// A tenant and nothing in it.
fn alone(display_name: &str) -> TenantDocument {
    let tenant = document().tenant.expect("a tenant");
    let tenant = Tenant { display_name: display_name.into(), settings: None, ..tenant };
    TenantDocument { tenant: Some(tenant), ..TenantDocument::default() }
}

fn scope(value: &str) -> Scope {
    Scope { name: format!("tenants/acme/scopes/{value}"), value: value.into(), ..Scope::default() }
}

#[test]
fn an_update_of_nothing_changes_nothing() {
    assert_eq!(updated(FILE, &document()), FILE);
}

#[test]
fn an_update_changes_what_differs_and_keeps_comments() {
    let mut changed = document();
    let tenant = changed.tenant.as_mut().expect("a tenant");
    tenant.display_name = "Acme, Inc.".into();
    tenant.settings.as_mut().expect("settings").code_ttl = Some(Duration { seconds: 30, nanos: 0 });
    changed.clients[0].redirect_uris = vec!["https://shop.example/cb".into(), "https://new.example/cb".into()];
    changed.clients[0].skip_consent = true;
    changed.clients[1].name = "tenants/acme/clients/nightly".into();
    changed.scopes.push(Scope { name: "tenants/acme/scopes/all".into(), value: "all".into(), ..Scope::default() });
    let expected = "\
# Acme, our largest customer.
tenant:
  name: acme
  display_name: \"Acme, Inc.\"   # as on their contract
  profile: oidc
  settings:
    access_token_ttl: 60m # agreed in March
    ml_dsa: false
    code_ttl: 30s

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
      - https://new.example/cb
    skip_consent: true
  # Nightly jobs.
  - name: nightly
    kind: service
    auth_methods:
      - client_secret_basic
    grant_types:
      - client_credentials
scopes:
  - name: all
    value: all
# The end.
";
    assert_eq!(updated(FILE, &changed), expected);
}

#[test]
fn an_update_removes_what_is_gone() {
    let mut changed = document();
    changed.clients.pop();
    changed.clients[0].redirect_uris.remove(0);
    changed.tenant.as_mut().expect("a tenant").settings = None;
    let text = updated(FILE, &changed);
    assert!(!text.contains("batch") && !text.contains("shop.example") && text.contains("# The end."), "{text}");
    assert!(!text.contains("settings"), "{text}");
}

#[test]
fn the_order_of_a_file_is_its_own() {
    let mut turned = document();
    turned.clients.reverse();
    turned.clients[1].redirect_uris.reverse();
    assert_eq!(updated(FILE, &turned), FILE);
    turned.tenant.as_mut().expect("a tenant").display_name = "Acme & Sons".into();
    assert_eq!(updated(FILE, &turned), FILE.replace("Acme   #", "Acme & Sons   #"));
}

#[test]
fn comments_behind_any_value_stay() {
    for (value, new) in [
        (" \"Acme, Inc.\" # why", " Blue # why"),
        (" 'Acme''s' # it's", " Blue # it's"),
        (" \"Acme \\\" #\\\\\" # why", " Blue # why"),
        (" \"Acme\n    Inc.\" # why", " Blue # why"),
        (" >- # why > so\n    Acme,\n    Inc.", " Blue"),
        (" |\n    Acme\n\n    # Inc.\n", " Blue\n"),
        ("   # not yet", " Blue   # not yet"),
        ("\n    Acme # why", " Blue # why"),
    ] {
        let file = |value: &str| {
            format!(
                "tenant:\n  name: acme\n  display_name:{value}\n  # What it is for.\n  # More.\n  profile: oidc\n# End.\n"
            )
        };
        assert_eq!(updated(&file(value), &alone("Blue")), file(new));
    }
}

#[test]
fn comments_behind_brackets_stay() {
    let file = FILE.replace("[client_secret_basic]", "[client_secret_basic, # [1]\n      ] # [2]");
    let mut changed = document();
    for client in &mut changed.clients {
        client.auth_methods = vec![client::AuthMethod::ClientSecretPost.into()];
    }
    let expected = FILE.replace("[client_secret_basic]", "[client_secret_post] # [2]");
    assert_eq!(updated(&file, &changed), expected);
}

#[test]
fn lines_end_as_the_others_of_the_file() {
    let mut more = document();
    more.scopes.push(scope("all"));
    more.clients[1].skip_consent = true;
    let expected = updated(FILE, &more);
    assert_eq!(updated(&FILE.replace('\n', "\r\n"), &more), expected.replace('\n', "\r\n"));
}

#[test]
fn what_is_new_stands_right_behind_a_last_line_that_is_not_ended() {
    let file = "tenant:\n  name: acme\n  profile: oidc\nscopes:\n  - name: all\n    value: all";
    let mut more = alone("");
    more.scopes = vec![Scope { description: "All".into(), ..scope("all") }, scope("some")];
    more.clients = vec![document().clients.remove(1)];
    let expected = "\
tenant:
  name: acme
  profile: oidc
scopes:
  - name: all
    value: all
    description: All
  - name: some
    value: some
clients:
  - name: batch
    kind: service
    auth_methods:
      - client_secret_basic
    grant_types:
      - client_credentials";
    assert_eq!(updated(file, &more), expected);
}

#[test]
fn json_stays_json() {
    let json = |document: &TenantDocument| format!("{:#}\n", words::of(document).to_json());
    let mut turned = document();
    turned.clients.reverse();
    assert_eq!(updated(&json(&document()), &turned), json(&document()), "nothing differs");
    turned.clients.pop();
    assert_eq!(updated(&json(&document()), &turned), json(&turned));
    let commented = |document: &TenantDocument| format!("# ours\n{}# end\n", json(document));
    assert_eq!(updated(&commented(&document()), &turned), commented(&turned));
}
