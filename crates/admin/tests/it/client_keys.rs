//! Clients' public keys: registered by value or at an address, and refused where they could prove nothing.

use chancery_proto::v1::{
    Client, ExportTenantDocumentRequest, TenantDocument, UpdateClientRequest, tenant_document_change::Risk,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::{
    clients::{create, service},
    documents::{document, plan},
    world::{Caller, World, mask, refusal},
};

const JWKS: &str = r#"{
  "keys": [
    {"kty": "EC", "crv": "P-256", "kid": "one", "x": "qDnTIGkWSA-tdxNdK7H0-QteKOq4AvV9JP5qBQ5Bunc",
     "y": "xu5sPf_qXolXKimIEYcgFifsdQUiKpHnvgin73jchG8"},
    {"kty": "LATTICE", "of": "tomorrow"}
  ]
}"#;
const ADDRESS: &str = "https://app.example/keys";

async fn update(caller: &mut Caller, sent: Client, paths: &[&str]) -> Result<Client, Status> {
    let client = Client { name: "tenants/acme/clients/web".into(), ..sent };
    let request = UpdateClientRequest { client: Some(client), update_mask: mask(paths), validate_only: false };
    caller.clients.update_client(request).await.map(tonic::Response::into_inner)
}

fn at_address() -> Client {
    Client { jwks_uri: ADDRESS.into(), ..service() }
}

#[tokio::test]
async fn a_client_has_its_keys_in_one_place_and_as_they_came() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let made = create(&mut operator, "web", Client { jwks: JWKS.into(), ..service() }).await;
    assert_eq!((made.jwks.as_str(), made.jwks_uri.as_str()), (JWKS, ""));

    let both = update(&mut operator, at_address(), &["jwks_uri"]).await;
    assert_eq!(refusal(both), (Code::InvalidArgument, "FIELD_INVALID".to_owned()));
    let moved = update(&mut operator, at_address(), &["jwks", "jwks_uri"]).await.expect("updated");
    assert_eq!((moved.jwks.as_str(), moved.jwks_uri.as_str()), ("", ADDRESS));
    let other = Client { display_name: "Web".into(), ..service() };
    let renamed = update(&mut operator, other, &["display_name"]).await.expect("updated");
    assert_eq!(renamed.jwks_uri, ADDRESS);
    let none = update(&mut operator, service(), &["jwks_uri"]).await.expect("updated");
    assert_eq!((none.jwks.as_str(), none.jwks_uri.as_str()), ("", ""));
}

#[tokio::test]
async fn t079_a_secret_among_the_keys_is_refused_by_its_place() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    create(&mut operator, "web", service()).await;
    let secret = JWKS.replace("\"of\"", "\"d\"");
    let refused = update(&mut operator, Client { jwks: secret, ..service() }, &["jwks"]).await.expect_err("refused");
    let violations = refused.get_details_bad_request().expect("fields").field_violations;
    assert_eq!(violations[0].field, "client.jwks.keys[1]");
    assert!(violations[0].description.contains("private"), "{}", violations[0].description);
}

#[tokio::test]
async fn keys_stand_in_documents_and_a_change_of_them_is_one_to_think_of() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let with = |jwks: &str| {
        let mut wanted: TenantDocument = document();
        wanted.clients[0].jwks = jwks.into();
        wanted
    };
    crate::documents::apply(&mut operator, &with(JWKS)).await.expect("applied");
    let request = ExportTenantDocumentRequest { name: "tenants/acme".into() };
    let exported = operator.documents.export_tenant_document(request).await.expect("exported").into_inner();
    let web = exported.clients.iter().find(|client| client.name.ends_with("/web")).expect("there");
    assert_eq!(web.jwks, JWKS);
    assert!(plan(&mut operator, &exported).await.expect("planned").changes.is_empty());

    let changed = plan(&mut operator, &with(&JWKS.replace("one", "two"))).await.expect("planned").changes;
    let [change] = &changed[..] else { panic!("one change: {changed:?}") };
    assert_eq!(change.fields[0].risk(), Risk::WeakensSecurity);
}
