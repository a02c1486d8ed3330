//! Lists are walked to their end without holes.

use chancery_proto::v1::{ListClientsRequest, ListScopesRequest, ListTenantsRequest};
use tonic::Code;

use crate::{
    clients::{create, service},
    world::{World, refusal},
};

#[tokio::test]
async fn every_client_is_met_once() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    for at in 0..7 {
        create(&mut operator, &format!("web-{at}"), service()).await;
    }
    let mut met = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListClientsRequest { parent: "tenants/acme".into(), page_size: 3, page_token };
        let page = operator.clients.list_clients(request).await.expect("listed").into_inner();
        met.extend(page.clients.into_iter().map(|client| client.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let expected: Vec<_> = (0..7).map(|at| format!("tenants/acme/clients/web-{at}")).collect();
    assert_eq!(met, expected);
}

#[tokio::test]
async fn a_token_is_good_for_its_own_list_and_caller() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    world.tenant("bolt").await;
    let mut operator = world.operator().await;
    let list = |page_token: &str, show_deleted| ListTenantsRequest {
        page_size: 1,
        page_token: page_token.into(),
        show_deleted,
    };
    let page = operator.tenants.list_tenants(list("", false)).await.expect("listed").into_inner();
    let token = page.next_page_token;
    assert!(!token.is_empty() && !token.contains("acme"));
    let second = operator.tenants.list_tenants(list(&token, false)).await.expect("listed").into_inner();
    assert_eq!((second.tenants[0].name.as_str(), second.next_page_token.as_str()), ("tenants/bolt", ""));

    let refused = (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned());
    assert_eq!(refusal(operator.tenants.list_tenants(list(&token, true)).await), refused);
    assert_eq!(refusal(world.operator().await.tenants.list_tenants(list(&token, false)).await), refused);
    let mut insider = world.within(&acme).await;
    let other = ListClientsRequest { parent: acme.name.clone(), page_size: 1, page_token: token.clone() };
    assert_eq!(refusal(insider.clients.list_clients(other).await), refused);
    let negative = ListTenantsRequest { page_size: -1, ..Default::default() };
    assert_eq!(refusal(operator.tenants.list_tenants(negative).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn built_in_scopes_come_first() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let request = ListScopesRequest { parent: "tenants/acme".into(), page_size: 4, ..Default::default() };
    let first = operator.scopes.list_scopes(request.clone()).await.expect("listed").into_inner();
    assert!(first.scopes.iter().all(|scope| scope.built_in));
    let request = ListScopesRequest { page_token: first.next_page_token, ..request };
    let second = operator.scopes.list_scopes(request).await.expect("listed").into_inner();
    assert_eq!((first.scopes.len(), second.scopes.len()), (4, 2));
}
