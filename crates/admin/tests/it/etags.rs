//! Changes that were made in between are noticed.

use chancery_proto::v1::{
    Client, DeleteClientRequest, DisableClientRequest, GetKeyPolicyRequest, SuspendTenantRequest, UpdateClientRequest,
    UpdateKeyPolicyRequest, UpdateTenantRequest,
};
use tonic::Code;

use crate::{
    clients::{create, service},
    world::{World, metadata, refusal},
};

#[tokio::test]
async fn an_old_tag_is_aborted_with_the_current_one() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let mut operator = world.operator().await;
    let first = create(&mut operator, "web", service()).await;
    let rename = |display_name: &str, etag: &str| UpdateClientRequest {
        client: Some(Client {
            name: first.name.clone(),
            display_name: display_name.into(),
            etag: etag.into(),
            ..Default::default()
        }),
        update_mask: None,
        ..Default::default()
    };
    let second = operator.clients.update_client(rename("two", &first.etag)).await.expect("updated").into_inner();
    let late = operator.clients.update_client(rename("three", &first.etag)).await;
    assert_eq!(metadata(&late, "current_etag"), second.etag);
    let mismatch = (Code::Aborted, "ETAG_MISMATCH".to_owned());
    assert_eq!(refusal(late), mismatch);

    let delete = DeleteClientRequest { name: first.name.clone(), etag: first.etag.clone(), ..Default::default() };
    assert_eq!(refusal(operator.clients.delete_client(delete).await), mismatch);
    let disable = DisableClientRequest { name: first.name.clone(), etag: first.etag.clone(), ..Default::default() };
    assert_eq!(refusal(operator.clients.disable_client(disable).await), mismatch);
    let suspend = SuspendTenantRequest { name: acme.name.clone(), etag: first.etag.clone(), ..Default::default() };
    assert_eq!(refusal(operator.tenants.suspend_tenant(suspend).await), mismatch);
    let mut tenant = acme.clone();
    tenant.etag = second.etag.clone();
    let update = UpdateTenantRequest { tenant: Some(tenant), update_mask: None, ..Default::default() };
    assert_eq!(refusal(operator.tenants.update_tenant(update).await), mismatch);
    let name = format!("{}/keyPolicy", acme.name);
    let mut policy = operator.keys.get_key_policy(GetKeyPolicyRequest { name }).await.expect("got").into_inner();
    policy.etag = "x".into();
    let update = UpdateKeyPolicyRequest { key_policy: Some(policy), ..Default::default() };
    assert_eq!(refusal(operator.keys.update_key_policy(update).await), mismatch);
}

#[tokio::test]
async fn of_two_who_hold_the_same_tag_one_succeeds() {
    let world = World::new().await;
    world.tenant("acme").await;
    let mut operator = world.operator().await;
    let first = create(&mut operator, "web", service()).await;
    let mut calls = tokio::task::JoinSet::new();
    for at in 0..8 {
        let mut caller = operator.clone();
        let sent = Client { display_name: format!("name {at}"), ..first.clone() };
        calls.spawn(async move {
            caller
                .clients
                .update_client(UpdateClientRequest { client: Some(sent), update_mask: None, ..Default::default() })
                .await
        });
    }
    let answers = calls.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.into_iter().filter_map(Result::err).all(|status| status.code() == Code::Aborted));
}
