//! Claim mappings: one of a kind, and gone with the client that they are for.

use std::time::Duration;

use chancery_domain::{
    change::{Noun, Place},
    claim_mapping::{ClaimMapping, ClaimSource, ClaimTarget, MappedClient},
    fault::WriteError,
    id::TenantId,
    version::Version,
};
use serde_json::json;

use crate::world::{Home, World, said};

super::conformance! {
    a_mapping_is_read_back_as_it_was_written,
    a_mapping_goes_with_its_client,
    a_mapping_write_that_comes_too_late_changes_nothing,
    nothing_of_another_tenants_mappings_is_seen_or_touched,
    each_write_of_a_mapping_is_in_the_feed,
    a_mapping_that_makes_no_sense_names_its_column,
}

fn mapping(world: &World, slug: &str, source: ClaimSource) -> ClaimMapping {
    ClaimMapping {
        slug: slug.parse().expect("a slug"),
        claim: "department".parse().expect("a name"),
        source,
        targets: [ClaimTarget::IdToken, ClaimTarget::Userinfo].into(),
        scope: None,
        client: None,
        version: Version::FIRST,
        created_at: world.now(),
        updated_at: world.now(),
    }
}

pub(crate) fn usual(world: &World, slug: &str) -> ClaimMapping {
    mapping(world, slug, ClaimSource::User("department".into()))
}

fn for_client(home: &Home, mapping: ClaimMapping) -> ClaimMapping {
    ClaimMapping { client: Some(MappedClient { uid: home.client.uid, id: home.client.id.clone() }), ..mapping }
}

async fn insert(world: &World, tenant: TenantId, mapping: &ClaimMapping) -> Result<(), WriteError> {
    let tx = world.begin(tenant).await;
    tx.claim_mappings().insert(mapping).await?;
    tx.commit().await.expect("commits");
    Ok(())
}

async fn update(world: &World, tenant: TenantId, mapping: &ClaimMapping) -> Result<Version, WriteError> {
    let tx = world.begin(tenant).await;
    let version = tx.claim_mappings().update(mapping, world.now()).await?;
    tx.commit().await.expect("commits");
    Ok(version)
}

async fn all(world: &World, tenant: TenantId) -> Vec<ClaimMapping> {
    world.read(tenant).claim_mappings().all().await.expect("reads")
}

async fn a_mapping_is_read_back_as_it_was_written(world: World) {
    let home = world.home("acme").await;
    let tenant = home.tenant.id;
    let constants = [json!("x"), json!(1), json!(1.5), json!(true), json!(["a", { "b": null }]), json!({ "c": [] })];
    for (at, value) in constants.into_iter().enumerate() {
        let constant = mapping(&world, &format!("constant-{at}"), ClaimSource::Constant(value));
        insert(&world, tenant, &constant).await.expect("inserts");
        assert_eq!(world.read(tenant).claim_mappings().find(&constant.slug).await.expect("reads"), Some(constant));
    }
    let narrow = ClaimMapping { scope: Some("crm".parse().expect("a scope")), ..usual(&world, "a-narrow-one") };
    let narrow = for_client(&home, narrow);
    insert(&world, tenant, &narrow).await.expect("inserts");
    assert!(matches!(insert(&world, tenant, &narrow).await, Err(WriteError::Taken(Noun::ClaimMapping))));
    assert_eq!(all(&world, tenant).await.first(), Some(&narrow));

    world.clock.advance(Duration::from_secs(1));
    let wide = ClaimMapping {
        claim: "unit".parse().expect("a name"),
        source: ClaimSource::User("/unit/name".into()),
        targets: [ClaimTarget::AccessToken].into(),
        scope: None,
        client: None,
        ..narrow
    };
    let version = update(&world, tenant, &wide).await.expect("updates");
    let wide = ClaimMapping { version, updated_at: world.now(), ..wide };
    assert_eq!(world.read(tenant).claim_mappings().find(&wide.slug).await.expect("reads"), Some(wide.clone()));
    let tx = world.begin(tenant).await;
    tx.claim_mappings().delete(&wide.slug, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(all(&world, tenant).await.len(), 6);
}

async fn a_mapping_goes_with_its_client(world: World) {
    let home = world.home("acme").await;
    let stays = usual(&world, "stays");
    insert(&world, home.tenant.id, &for_client(&home, usual(&world, "goes"))).await.expect("inserts");
    insert(&world, home.tenant.id, &stays).await.expect("inserts");
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(all(&world, home.tenant.id).await, [stays]);
    let late = for_client(&home, usual(&world, "late"));
    assert!(matches!(insert(&world, home.tenant.id, &late).await, Err(WriteError::Stale)));
}

async fn a_mapping_write_that_comes_too_late_changes_nothing(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = usual(&world, "first");
    insert(&world, tenant, &first).await.expect("inserts");
    let version = update(&world, tenant, &first).await.expect("updates");
    let late = ClaimMapping { claim: "late".parse().expect("a name"), ..first.clone() };
    assert!(matches!(update(&world, tenant, &late).await, Err(WriteError::Stale)));
    let tx = world.begin(tenant).await;
    assert!(matches!(tx.claim_mappings().delete(&first.slug, first.version).await, Err(WriteError::Stale)));
    drop(tx);
    assert_eq!(all(&world, tenant).await, [ClaimMapping { version, ..first }]);
}

async fn nothing_of_another_tenants_mappings_is_seen_or_touched(world: World) {
    let (here, there) = (world.home("here").await, world.tenant("there").await.id);
    let ours = usual(&world, "ours");
    insert(&world, here.tenant.id, &ours).await.expect("inserts");
    assert!(all(&world, there).await.is_empty());
    assert!(world.read(there).claim_mappings().find(&ours.slug).await.expect("reads").is_none());
    assert!(matches!(update(&world, there, &ours).await, Err(WriteError::Stale)));
    let tx = world.begin(there).await;
    assert!(matches!(tx.claim_mappings().delete(&ours.slug, ours.version).await, Err(WriteError::Stale)));
    drop(tx);
    // A mapping cannot be for another tenant's client.
    let foreign = for_client(&here, usual(&world, "foreign"));
    assert!(matches!(insert(&world, there, &foreign).await, Err(WriteError::Stale)));
    insert(&world, there, &ours).await.expect("the same name in another tenant");
    assert_eq!(all(&world, here.tenant.id).await, [ours]);
}

async fn each_write_of_a_mapping_is_in_the_feed(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = usual(&world, "first");
    insert(&world, tenant, &first).await.expect("inserts");
    let version = update(&world, tenant, &first).await.expect("updates");
    let tx = world.begin(tenant).await;
    tx.claim_mappings().delete(&first.slug, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    let changes = world.platform().committed_changes_after(Place::START, 100).await.expect("reads");
    let ours = changes.iter().filter(|change| change.tenant == Some(tenant) && change.noun == Some(Noun::ClaimMapping));
    assert_eq!(ours.map(|change| change.id.as_str()).collect::<Vec<_>>(), ["first"; 3]);
}

async fn a_mapping_that_makes_no_sense_names_its_column(world: World) {
    let tenant = world.tenant("acme").await.id;
    insert(&world, tenant, &usual(&world, "first")).await.expect("inserts");
    for (column, change) in [
        ("claim", "claim = 'iss'"),
        ("source", "claim = 'x', source = '{\"nobody\":1}'"),
        ("targets", "source = '{\"constant\":1}', targets = '[\"elsewhere\"]'"),
        ("scope", "targets = '[\"id_token\"]', scope = 'a b'"),
    ] {
        world.execute(&format!("UPDATE claim_mappings SET {change}")).await;
        let fault = world.read(tenant).claim_mappings().all().await.expect_err(column);
        assert!(said(&fault).contains(&format!("column {column} of claim_mappings")), "{fault}");
    }
}
