//! The document that was last applied to a tenant: one row, for which appliers compete.

use chancery_domain::{
    applied_document::AppliedDocument, change::Noun, fault::WriteError, id::TenantId, version::Version,
};

use crate::world::World;

super::conformance! {
    an_applied_document_is_read_back,
    of_two_that_read_the_same_version_one_wins,
    nothing_of_another_tenant_is_seen,
    each_write_is_in_the_feed,
}

fn document(world: &World, text: &str) -> AppliedDocument {
    AppliedDocument {
        document: text.as_bytes().to_vec(),
        applied_by: "admin somebody".to_owned(),
        applied_at: world.now(),
        version: Version::FIRST,
    }
}

async fn put(world: &World, tenant: TenantId, text: &str, read: Option<Version>) -> Result<Version, WriteError> {
    let tx = world.begin(tenant).await;
    let version = tx.applied_documents().put(&document(world, text), read).await?;
    tx.commit().await.expect("commits");
    Ok(version)
}

async fn last(world: &World, tenant: TenantId) -> Option<AppliedDocument> {
    world.read(tenant).applied_documents().last().await.expect("reads")
}

async fn an_applied_document_is_read_back(world: World) {
    let tenant = world.tenant("acme").await.id;
    assert_eq!(last(&world, tenant).await, None);
    let first = put(&world, tenant, "one", None).await.expect("puts");
    assert_eq!(last(&world, tenant).await, Some(document(&world, "one")));
    world.clock.advance(std::time::Duration::from_secs(1));
    let second = put(&world, tenant, "two", Some(first)).await.expect("puts");
    assert_eq!(second, first.next());
    assert_eq!(last(&world, tenant).await, Some(AppliedDocument { version: second, ..document(&world, "two") }));
}

async fn of_two_that_read_the_same_version_one_wins(world: World) {
    let tenant = world.tenant("acme").await.id;
    let is_late = |answer: Result<Version, WriteError>| matches!(answer, Err(WriteError::Stale));
    let first = put(&world, tenant, "one", None).await.expect("puts");
    assert!(is_late(put(&world, tenant, "other", None).await), "somebody was the first");
    put(&world, tenant, "two", Some(first)).await.expect("puts");
    assert!(is_late(put(&world, tenant, "other", Some(first)).await), "somebody was faster");
    assert_eq!(last(&world, tenant).await.expect("one").document, b"two");
}

async fn nothing_of_another_tenant_is_seen(world: World) {
    let (acme, bolt) = (world.tenant("acme").await.id, world.tenant("bolt").await.id);
    put(&world, acme, "one", None).await.expect("puts");
    assert_eq!(last(&world, bolt).await, None);
    put(&world, bolt, "other", None).await.expect("puts");
    assert_eq!(last(&world, acme).await.expect("one").document, b"one");
}

async fn each_write_is_in_the_feed(world: World) {
    let tenant = world.tenant("acme").await.id;
    let start = world.platform().latest_change().await.expect("reads");
    let first = put(&world, tenant, "one", None).await.expect("puts");
    put(&world, tenant, "two", Some(first)).await.expect("puts");
    let changes = world.platform().committed_changes_after(start, 100).await.expect("reads");
    let ours =
        changes.iter().filter(|change| change.tenant == Some(tenant) && change.noun == Some(Noun::TenantDocument));
    assert_eq!(ours.map(|change| change.id.clone()).collect::<Vec<_>>(), vec![tenant.to_string(); 2]);
}
