//! Lists are walked to their end without holes.

use std::time::Duration;

use chancery_proto::v1::{DisableClientRequest, ListClientsRequest, ListScopesRequest, ListTenantsRequest};
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
        let request =
            ListClientsRequest { parent: "tenants/acme".into(), page_size: 3, page_token, ..Default::default() };
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
        ..Default::default()
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
    let other =
        ListClientsRequest { parent: acme.name.clone(), page_size: 1, page_token: token.clone(), ..Default::default() };
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

#[tokio::test]
async fn lists_are_filtered_and_ordered() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    for at in 0..7 {
        create(&mut operator, &format!("web-{at}"), service()).await;
        world.clock.advance(Duration::from_secs(60));
    }
    let disabled = DisableClientRequest { name: "tenants/acme/clients/web-3".into(), ..Default::default() };
    operator.clients.disable_client(disabled).await.expect("disabled");

    let since = "create_time >= \"2026-01-01T00:00:00Z\"";
    let mut walk = async |filter: &str, order_by: &str| {
        let mut request = ListClientsRequest {
            parent: "tenants/acme".into(),
            page_size: 2,
            filter: filter.into(),
            order_by: order_by.into(),
            ..Default::default()
        };
        let mut met = String::new();
        loop {
            let page = operator.clients.list_clients(request.clone()).await.expect("listed").into_inner();
            met.extend(page.clients.iter().filter_map(|client| client.name.chars().last()));
            if page.next_page_token.is_empty() {
                break met;
            }
            request.page_token = page.next_page_token;
        }
    };
    assert_eq!(walk("state = ENABLED", "").await, "012456");
    assert_eq!(walk("", "create_time desc").await, "6543210");
    assert_eq!(walk("NOT state = DISABLED", "state").await, "012456");
    assert_eq!(walk("display_name = web-5 OR state = DISABLED", "name desc").await, "53");
    assert_eq!(walk(since, "update_time desc").await.len(), 7);
    assert_eq!(walk("kind = WEB", "").await, "");
}

#[tokio::test]
async fn t269_a_page_token_of_another_filter_order_tenant_or_caller_is_refused() {
    let world = World::new().await;
    for tenant in ["acme", "bolt"] {
        world.tenant(tenant).await;
    }
    let mut operator = world.operator().await;
    for at in 0..3 {
        create(&mut operator, &format!("web-{at}"), service()).await;
    }
    let request = ListClientsRequest {
        parent: "tenants/acme".into(),
        page_size: 1,
        filter: "state = ENABLED".into(),
        ..Default::default()
    };
    let first = operator.clients.list_clients(request.clone()).await.expect("listed").into_inner();
    let token = first.next_page_token;
    let next = ListClientsRequest { page_token: token.clone(), ..request };
    let turned = token.chars().rev().collect::<String>();
    let others = [
        ListClientsRequest { filter: String::new(), ..next.clone() },
        ListClientsRequest { filter: "state = DISABLED".into(), ..next.clone() },
        ListClientsRequest { order_by: "create_time".into(), ..next.clone() },
        ListClientsRequest { parent: "tenants/bolt".into(), ..next.clone() },
        ListClientsRequest { page_token: turned, ..next.clone() },
        ListClientsRequest { page_token: "' OR 1=1 --".into(), ..next.clone() },
    ];
    let refused = (Code::InvalidArgument, "PAGE_TOKEN_INVALID".to_owned());
    for other in others {
        assert_eq!(refusal(operator.clients.list_clients(other.clone()).await), refused, "{other:?}");
    }
    let mut another = world.operator().await;
    assert_eq!(refusal(another.clients.list_clients(next.clone()).await), refused, "another caller");
    assert_eq!(operator.clients.list_clients(next).await.expect("listed").into_inner().clients.len(), 1);
}

#[tokio::test]
async fn t270_sizes_of_pages_are_clamped_or_refused() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let list = |page_size| ListTenantsRequest { page_size, ..Default::default() };
    for size in [0, 1, 1000, i32::MAX] {
        assert!(operator.tenants.list_tenants(list(size)).await.is_ok(), "{size}");
    }
    for size in [-1, i32::MIN] {
        let refused = (Code::InvalidArgument, "FIELD_INVALID".to_owned());
        assert_eq!(refusal(operator.tenants.list_tenants(list(size)).await), refused, "{size}");
    }
}
