//! The life of a tenant over the admin API, from Rust, with nothing but the published proto.
//!
//! ```text
//! CHANCERY_ADMIN_URL=http://127.0.0.1:9090 CHANCERY_ADMIN_KEY=... cargo run -p chancery-admin-example
//! ```
//!
//! `build.rs` generates the messages. `CHANCERY_CA_FILE` names the certificates to trust, where the address begins with
//! `https://` and its certificate is not of a public authority.

mod connection;

/// Package `chancery.admin.v1`.
mod v1 {
    tonic::include_proto!("chancery.admin.v1");
}

use std::error::Error;

use prost_types::FieldMask;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

use self::connection::{Line, connect};
use self::v1::{
    Client, CreateClientRequest, CreateScopeRequest, CreateTenantRequest, DeleteClientRequest,
    DeleteClientSecretRequest, DeleteTenantRequest, GenerateClientSecretRequest, GetClientRequest, ListScopesRequest,
    RotateKeysRequest, Scope, Tenant, UpdateClientRequest,
    client::{AuthMethod, GrantType, Kind},
    client_service_client::ClientServiceClient,
    key_service_client::KeyServiceClient,
    scope_service_client::ScopeServiceClient,
    tenant_service_client::TenantServiceClient,
};

type Done<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let line = connect()?;
    let mut tenants = TenantServiceClient::new(line.clone());

    // A creation under a request id can be repeated when its answer is lost: it is carried out once.
    let create = CreateTenantRequest {
        tenant_id: format!("example-{}", &Uuid::new_v4().simple().to_string()[..8]),
        tenant: Some(Tenant { display_name: "An example".to_owned(), ..Tenant::default() }),
        request_id: Uuid::new_v4().to_string(),
        ..CreateTenantRequest::default()
    };
    let tenant = tenants.create_tenant(create.clone()).await?.into_inner();
    assert_eq!(tenants.create_tenant(create).await?.into_inner().uid, tenant.uid);

    let (scopes, pages) = make_and_list_scopes(&line, &tenant.name).await?;
    let changed = change_a_client(&line, &tenant.name).await?;
    let (early, rotated) = rotate(&line, &tenant.name).await?;

    // The tenant could be taken back until its purge_time.
    let delete = DeleteTenantRequest { name: tenant.name.clone(), ..DeleteTenantRequest::default() };
    assert!(tenants.delete_tenant(delete).await?.into_inner().purge_time.is_some());

    let told = serde_json::json!({
        "tenant": tenant.name,
        "pages": pages,
        "scopes": scopes,
        "conflict": changed.conflict,
        "display_name": changed.display_name,
        "field": changed.field,
        "early": early,
        "rotated": rotated,
    });
    println!("{told}");
    Ok(())
}

/// Lists come in pages; an empty token is the end.
async fn make_and_list_scopes(line: &Line, parent: &str) -> Done<(Vec<String>, usize)> {
    let mut service = ScopeServiceClient::new(line.clone());
    for number in 0..5 {
        let scope =
            Scope { value: format!("orders:{number}"), description: "See your orders".to_owned(), ..Scope::default() };
        let request = CreateScopeRequest {
            parent: parent.to_owned(),
            scope_id: format!("orders-{number}"),
            scope: Some(scope),
            ..CreateScopeRequest::default()
        };
        service.create_scope(request).await?;
    }
    let (mut listed, mut pages, mut page_token) = (Vec::new(), 0, String::new());
    loop {
        let request =
            ListScopesRequest { parent: parent.to_owned(), page_size: 2, page_token, ..ListScopesRequest::default() };
        let page = service.list_scopes(request).await?.into_inner();
        listed.extend(page.scopes.into_iter().map(|scope| scope.value).filter(|value| value.starts_with("orders:")));
        pages += 1;
        page_token = page.next_page_token;
        if page_token.is_empty() {
            listed.sort_unstable();
            return Ok((listed, pages));
        }
    }
}

/// What was seen of a client's life.
struct Changed {
    conflict: String,
    display_name: String,
    field: String,
}

async fn change_a_client(line: &Line, parent: &str) -> Done<Changed> {
    let mut service = ClientServiceClient::new(line.clone());
    let report = Client {
        display_name: "Reports".to_owned(),
        kind: Kind::Service.into(),
        auth_methods: vec![AuthMethod::ClientSecretBasic.into()],
        grant_types: vec![GrantType::ClientCredentials.into()],
        scopes: vec!["orders:0".to_owned(), "orders:1".to_owned()],
        ..Client::default()
    };
    let create = |client_id: &str, client: Client| CreateClientRequest {
        parent: parent.to_owned(),
        client_id: client_id.to_owned(),
        client: Some(client),
        request_id: Uuid::new_v4().to_string(),
        ..CreateClientRequest::default()
    };
    let client = service.create_client(create("report", report)).await?.into_inner();

    // The secret is told this once.
    let generate =
        GenerateClientSecretRequest { parent: client.name.clone(), ..GenerateClientSecretRequest::default() };
    let generated = service.generate_client_secret(generate).await?.into_inner();
    assert!(!generated.secret.is_empty());

    // An etag guards a change against changes made in between: the second of two that began with the same one is
    // refused.
    let rename = |display_name: &str, etag: &str| UpdateClientRequest {
        client: Some(Client {
            name: client.name.clone(),
            display_name: display_name.to_owned(),
            etag: etag.to_owned(),
            ..Client::default()
        }),
        update_mask: Some(FieldMask { paths: vec!["display_name".to_owned()] }),
        ..UpdateClientRequest::default()
    };
    let before = service.get_client(GetClientRequest { name: client.name.clone() }).await?.into_inner();
    service.update_client(rename("Reports of the month", &before.etag)).await?;
    let conflict = refused(service.update_client(rename("Reports of the year", &before.etag)).await)?;
    assert_eq!(conflict.code(), Code::Aborted);
    let now = service.get_client(GetClientRequest { name: client.name.clone() }).await?.into_inner();
    let renamed = service.update_client(rename("Reports of the year", &now.etag)).await?.into_inner();

    // What is wrong with which field stands in the details.
    let web = Client { kind: Kind::Web.into(), redirect_uris: vec!["not a URI".to_owned()], ..Client::default() };
    let bad = refused(service.create_client(create("", web)).await)?;
    let violations = bad.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();

    let secret = generated.client_secret.unwrap_or_default().name;
    service.delete_client_secret(DeleteClientSecretRequest { name: secret, ..Default::default() }).await?;
    service.delete_client(DeleteClientRequest { name: client.name.clone(), ..DeleteClientRequest::default() }).await?;
    let gone = refused(service.get_client(GetClientRequest { name: client.name.clone() }).await)?;
    assert_eq!(gone.code(), Code::NotFound);
    Ok(Changed {
        conflict: reason(&conflict),
        display_name: renamed.display_name,
        field: violations.first().map(|one| one.field.clone()).unwrap_or_default(),
    })
}

/// Keys are announced before they sign; whoever cannot wait says why.
async fn rotate(line: &Line, parent: &str) -> Done<(String, usize)> {
    let mut service = KeyServiceClient::new(line.clone());
    let request = |immediate: bool, reason: &str| RotateKeysRequest {
        parent: parent.to_owned(),
        request_id: Uuid::new_v4().to_string(),
        immediate,
        reason: reason.to_owned(),
        ..RotateKeysRequest::default()
    };
    let early = refused(service.rotate_keys(request(false, "")).await)?;
    let rotated = service.rotate_keys(request(true, "an example")).await?.into_inner();
    Ok((reason(&early), rotated.activated_keys.len()))
}

/// The refusal of a call that is to be refused.
fn refused<T>(answer: Result<T, Status>) -> Done<Status> {
    answer.err().ok_or_else(|| "it was not refused".into())
}

/// The reason of a refusal, on which programs can rely.
fn reason(refusal: &Status) -> String {
    refusal.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
