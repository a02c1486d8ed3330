//! API keys are told once, end, and are never listed across tenants.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::{Action, AuditEvent},
    change::Noun,
    principal::Principal,
    role::BuiltInRole,
};
use chancery_proto::v1::{
    ApiKey, CreateApiKeyRequest, DeleteApiKeyRequest, GetTenantRequest, ListApiKeysRequest, ListTenantsRequest,
};

use crate::{
    roles::within,
    world::{World, metadata, refusal, seconds},
};

fn create(parent: &str, ttl: Option<prost_types::Duration>) -> CreateApiKeyRequest {
    let api_key = ApiKey { display_name: "automation".into(), ..Default::default() };
    CreateApiKeyRequest { parent: parent.into(), api_key: Some(api_key), ttl, roles: vec![], ..Default::default() }
}

#[tokio::test]
async fn a_key_of_a_tenant_works_within_it_until_it_is_deleted() {
    let world = World::new().await;
    let acme = world.tenant("acme").await;
    let life = AdminKey::LONGEST_LIFE;
    let (_, text) = world.insert_key_for(AdminReach::Platform, BuiltInRole::PlatformOwner, life).await;
    let mut operator = world.caller(&text);
    let made = operator.api_keys.create_api_key(create(&acme.name, None)).await.expect("created").into_inner();
    let key = made.api_key.expect("an entry");
    assert!(key.name.starts_with("tenants/acme/apiKeys/") && made.secret.ends_with(&key.hint));
    let life = key.expire_time.expect("ends").seconds - key.create_time.expect("began").seconds;
    assert_eq!(life, 90 * 86_400);

    let mut insider = world.caller(&made.secret);
    assert!(insider.tenants.get_tenant(GetTenantRequest { name: acme.name.clone() }).await.is_ok());
    let denied = refusal(insider.tenants.list_tenants(ListTenantsRequest::default()).await);
    assert_eq!(denied.1, "PERMISSION_DENIED");
    let listed = insider.api_keys.list_api_keys(ListApiKeysRequest { parent: acme.name.clone(), ..Default::default() });
    let listed = listed.await.expect("listed").into_inner();
    assert_eq!(listed.api_keys, std::slice::from_ref(&key));

    let elsewhere = DeleteApiKeyRequest { name: format!("apiKeys/{}", key.uid), ..Default::default() };
    assert_eq!(refusal(operator.api_keys.delete_api_key(elsewhere).await).1, "API_KEY_NOT_FOUND");
    let delete = DeleteApiKeyRequest { name: key.name, ..Default::default() };
    assert!(operator.api_keys.delete_api_key(delete).await.is_ok());
    let refused = insider.tenants.get_tenant(GetTenantRequest { name: acme.name }).await;
    assert_eq!(refusal(refused).1, "API_KEY_INVALID");
}

#[tokio::test]
async fn a_key_ends_and_says_what_it_is_for() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let made = operator.api_keys.create_api_key(create("", seconds(60))).await.expect("created").into_inner();
    assert!(made.api_key.expect("an entry").name.starts_with("apiKeys/"));
    for ttl in [seconds(0), seconds(90 * 86_400 + 1), seconds(-1)] {
        assert_eq!(refusal(operator.api_keys.create_api_key(create("", ttl)).await).1, "FIELD_INVALID");
    }
    let nameless = CreateApiKeyRequest::default();
    assert_eq!(refusal(operator.api_keys.create_api_key(nameless).await).1, "FIELD_INVALID");
}

#[tokio::test]
async fn a_key_is_accepted_from_where_it_says() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let of = |ranges: &[&str]| {
        let mut request = create("", None);
        request.api_key.get_or_insert_default().source_ranges =
            ranges.iter().map(|range| (*range).to_owned()).collect();
        request
    };
    // The caller of the test comes over the loopback address.
    for (ranges, shown, is_accepted) in [
        (&["10.0.0.0/8", "127.0.0.0/8"][..], &["10.0.0.0/8", "127.0.0.0/8"][..], true),
        (&["127.0.0.1"], &["127.0.0.1/32"], true),
        (&["10.0.0.0/8", "::1"], &["10.0.0.0/8", "::1/128"], false),
    ] {
        let made = operator.api_keys.create_api_key(of(ranges)).await.expect("created").into_inner();
        assert_eq!(made.api_key.expect("an entry").source_ranges, shown);
        let answer = world.caller(&made.secret).tenants.list_tenants(ListTenantsRequest::default()).await;
        assert_eq!(answer.is_ok(), is_accepted, "{ranges:?}");
        if !is_accepted {
            assert_eq!(refusal(answer).1, "API_KEY_INVALID");
        }
    }
    let many = ["127.0.0.1"; 33];
    for wrong in [&["127.0.0.1/8"][..], &["localhost"], &[""], &many] {
        assert_eq!(refusal(operator.api_keys.create_api_key(of(wrong)).await).1, "FIELD_INVALID", "{wrong:?}");
    }
}

#[tokio::test]
async fn the_audit_tells_which_roles_a_key_came_with_and_took_along() {
    let world = World::new().await;
    let mut operator = world.operator().await;
    let roles = ["roles/platform.auditor", "roles/platform.worker"].map(str::to_owned).to_vec();
    let request = CreateApiKeyRequest { roles, ..create("", None) };
    let key = operator.api_keys.create_api_key(request).await.expect("created").into_inner().api_key.expect("a key");
    let delete = DeleteApiKeyRequest { name: key.name.clone(), ..Default::default() };
    operator.api_keys.delete_api_key(delete).await.expect("deleted");
    let of_binding = |event: AuditEvent| {
        let (noun, _) = event.object?;
        (noun == Noun::RoleBinding).then_some((event.action, event.note.unwrap_or_default()))
    };
    let told: Vec<_> = world.store.audit().into_iter().filter_map(of_binding).collect();
    let said = ["platform.auditor", "platform.worker"].map(|role| format!("{role} for {}", key.name));
    for action in [Action::Created, Action::Deleted] {
        let mut notes: Vec<_> = told.iter().filter(|(done, _)| *done == action).map(|(_, note)| note).collect();
        notes.sort();
        assert_eq!(notes, said.iter().collect::<Vec<_>>(), "{action:?}");
    }
}

#[tokio::test]
async fn t267_nobody_takes_a_key_that_may_do_more_than_they_who_may_not_take_roles() {
    let world = World::new().await;
    let acme = within(&world.tenant("acme").await);
    let (platform, mut operator) =
        (AdminReach::Platform, world.with_role(AdminReach::Platform, BuiltInRole::PlatformOperator).await);
    let mut owner = world.operator().await;
    for (place, role, of_own_rank) in [
        (platform, BuiltInRole::PlatformOwner, false),
        (platform, BuiltInRole::PlatformKeyOfficer, false),
        (platform, BuiltInRole::PlatformOperator, true),
        (platform, BuiltInRole::TenantReader, true),
        (acme, BuiltInRole::TenantAdmin, false),
        (acme, BuiltInRole::TenantReader, true),
    ] {
        let (id, _) = world.insert_key_of(place, role).await;
        let parent = if place == acme { "tenants/acme/" } else { "" };
        let delete = DeleteApiKeyRequest { name: format!("{parent}apiKeys/{id}"), ..Default::default() };
        for validate_only in [true, false] {
            let delete = DeleteApiKeyRequest { validate_only, ..delete.clone() };
            let answer = operator.api_keys.delete_api_key(delete).await;
            assert_eq!(answer.is_ok(), of_own_rank, "{role}");
            if !of_own_rank {
                assert_eq!(metadata(&answer, "permission"), "role_bindings.delete");
                assert_eq!(refusal(answer).1, "PERMISSION_DENIED");
            }
        }
        if !of_own_rank {
            owner.api_keys.delete_api_key(delete).await.expect("an owner takes roles");
        }
    }
}

/// What a key of the platform has in a tenant counts as well.
#[tokio::test]
async fn t267_what_a_key_may_do_anywhere_is_looked_at_before_it_is_taken() {
    let world = World::new().await;
    let acme = within(&world.tenant("acme").await);
    let mut operator = world.with_role(AdminReach::Platform, BuiltInRole::PlatformOperator).await;
    let (id, _) = world.insert_key_of(AdminReach::Platform, BuiltInRole::TenantReader).await;
    world.bind(acme, BuiltInRole::TenantAdmin, Principal::ApiKey(id)).await;
    let delete = DeleteApiKeyRequest { name: format!("apiKeys/{id}"), ..Default::default() };
    assert_eq!(refusal(operator.api_keys.delete_api_key(delete).await).1, "PERMISSION_DENIED");
}
