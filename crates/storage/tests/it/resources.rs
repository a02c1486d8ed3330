//! Resources: one of a kind, and each scope with one owner.

use std::time::Duration;

use chancery_domain::{
    change::{Noun, Place},
    fault::WriteError,
    id::TenantId,
    resource::Resource,
    scope::{Scope, ScopeSet},
    version::Version,
    vocabulary::Algorithm,
};

use crate::world::{World, said};

super::conformance! {
    a_resource_is_read_back_as_it_was_written,
    slug_and_identifier_are_one_of_a_kind,
    a_scope_belongs_to_one_resource_and_stays_while_it_does,
    a_resource_write_that_comes_too_late_changes_nothing,
    nothing_of_another_tenants_resources_is_seen_or_touched,
    each_write_of_a_resource_is_in_the_feed,
    a_resource_that_makes_no_sense_names_its_column,
}

/// A tenant with three scopes.
async fn tenant(world: &World, slug: &str) -> TenantId {
    let tenant = world.tenant(slug).await.id;
    let tx = world.begin(tenant).await;
    for value in ["a:1", "a:2", "b:1"] {
        let scope = Scope {
            slug: value.replace(':', "-x").parse().expect("a slug"),
            value: value.parse().expect("a scope"),
            description: String::new(),
            claims: Vec::new(),
            version: Version::FIRST,
            created_at: world.now(),
            updated_at: world.now(),
        };
        tx.scopes().insert(&scope).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    tenant
}

fn resource(world: &World, slug: &str, scopes: &str) -> Resource {
    let identifier = format!("https://{slug}.example").parse().expect("a URI");
    Resource {
        scopes: ScopeSet::parse(scopes).expect("scopes"),
        ..Resource::new(slug.parse().expect("a slug"), identifier, world.now())
    }
}

async fn insert(world: &World, tenant: TenantId, resource: &Resource) -> Result<(), WriteError> {
    let tx = world.begin(tenant).await;
    tx.resources().insert(resource).await?;
    tx.commit().await.expect("commits");
    Ok(())
}

async fn update(world: &World, tenant: TenantId, resource: &Resource) -> Result<Version, WriteError> {
    let tx = world.begin(tenant).await;
    let version = tx.resources().update(resource, world.now()).await?;
    tx.commit().await.expect("commits");
    Ok(version)
}

async fn all(world: &World, tenant: TenantId) -> Vec<Resource> {
    world.read(tenant).resources().all().await.expect("reads")
}

async fn a_resource_is_read_back_as_it_was_written(world: World) {
    let tenant = tenant(&world, "acme").await;
    let full = Resource {
        display_name: "Orders".into(),
        access_token_ttl: Some(Duration::from_secs(3600)),
        signing_algorithm: Some(Algorithm::Ps256),
        ..resource(&world, "orders", "a:1 a:2")
    };
    let bare = resource(&world, "bare", "");
    insert(&world, tenant, &full).await.expect("inserts");
    insert(&world, tenant, &bare).await.expect("inserts");
    assert_eq!(all(&world, tenant).await, [bare.clone(), full.clone()]);
    assert_eq!(world.read(tenant).resources().find(&full.slug).await.expect("reads"), Some(full.clone()));

    world.clock.advance(Duration::from_secs(1));
    let less = Resource {
        display_name: "Fewer".into(),
        scopes: ScopeSet::parse("a:2 b:1").expect("scopes"),
        access_token_ttl: None,
        signing_algorithm: None,
        ..full
    };
    let version = update(&world, tenant, &less).await.expect("updates");
    let less = Resource { version, updated_at: world.now(), ..less };
    assert_eq!(world.read(tenant).resources().find(&less.slug).await.expect("reads"), Some(less.clone()));

    let tx = world.begin(tenant).await;
    tx.resources().delete(&less.slug, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(all(&world, tenant).await, [bare]);
    insert(&world, tenant, &resource(&world, "next", "a:1 a:2 b:1")).await.expect("its scopes are free again");
}

async fn slug_and_identifier_are_one_of_a_kind(world: World) {
    let tenant = tenant(&world, "acme").await;
    let first = resource(&world, "first", "");
    insert(&world, tenant, &first).await.expect("inserts");
    let same_identifier = Resource { slug: "second".parse().expect("a slug"), ..first.clone() };
    let same_slug = Resource { identifier: "urn:x".parse().expect("a URI"), ..first.clone() };
    for other in [&first, &same_identifier, &same_slug] {
        assert!(matches!(insert(&world, tenant, other).await, Err(WriteError::Taken(Noun::Resource))));
    }
    assert_eq!(all(&world, tenant).await, [first]);
}

async fn a_scope_belongs_to_one_resource_and_stays_while_it_does(world: World) {
    let tenant = tenant(&world, "acme").await;
    let (first, second) = (resource(&world, "first", "a:1"), resource(&world, "second", "b:1"));
    insert(&world, tenant, &first).await.expect("inserts");
    insert(&world, tenant, &second).await.expect("inserts");
    for scopes in ["a:1", "a:2 a:1", "nothing"] {
        let third = resource(&world, "third", scopes);
        assert!(matches!(insert(&world, tenant, &third).await, Err(WriteError::Stale)), "{scopes}");
        let grasping = Resource { scopes: third.scopes, ..second.clone() };
        assert!(matches!(update(&world, tenant, &grasping).await, Err(WriteError::Stale)), "{scopes}");
    }
    assert_eq!(all(&world, tenant).await, [first.clone(), second]);

    let scope = "a-x1".parse().expect("a slug");
    let tx = world.begin(tenant).await;
    assert!(matches!(tx.scopes().delete(&scope, Version::FIRST).await, Err(WriteError::Stale)));
    drop(tx);
    let tx = world.begin(tenant).await;
    tx.resources().delete(&first.slug, first.version).await.expect("deletes");
    tx.scopes().delete(&scope, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
}

async fn a_resource_write_that_comes_too_late_changes_nothing(world: World) {
    let tenant = tenant(&world, "acme").await;
    let first = resource(&world, "first", "a:1");
    insert(&world, tenant, &first).await.expect("inserts");
    let version = update(&world, tenant, &first).await.expect("updates");
    let late = Resource { display_name: "late".into(), scopes: ScopeSet::default(), ..first.clone() };
    assert!(matches!(update(&world, tenant, &late).await, Err(WriteError::Stale)));
    let tx = world.begin(tenant).await;
    assert!(matches!(tx.resources().delete(&first.slug, first.version).await, Err(WriteError::Stale)));
    drop(tx);
    assert_eq!(all(&world, tenant).await, [Resource { version, ..first }]);
}

async fn nothing_of_another_tenants_resources_is_seen_or_touched(world: World) {
    let (here, there) = (tenant(&world, "here").await, tenant(&world, "there").await);
    let ours = resource(&world, "ours", "a:1");
    insert(&world, here, &ours).await.expect("inserts");
    assert!(all(&world, there).await.is_empty());
    assert!(world.read(there).resources().find(&ours.slug).await.expect("reads").is_none());
    assert!(matches!(update(&world, there, &ours).await, Err(WriteError::Stale)));
    let tx = world.begin(there).await;
    assert!(matches!(tx.resources().delete(&ours.slug, ours.version).await, Err(WriteError::Stale)));
    drop(tx);
    // The same names live in two tenants.
    insert(&world, there, &ours).await.expect("inserts");
    assert_eq!(all(&world, here).await, [ours]);
}

async fn each_write_of_a_resource_is_in_the_feed(world: World) {
    let tenant = tenant(&world, "acme").await;
    let first = resource(&world, "first", "a:1");
    insert(&world, tenant, &first).await.expect("inserts");
    let version = update(&world, tenant, &first).await.expect("updates");
    let tx = world.begin(tenant).await;
    tx.resources().delete(&first.slug, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    let changes = world.platform().committed_changes_after(Place::START, 100).await.expect("reads");
    let ours = changes.iter().filter(|change| change.tenant == Some(tenant) && change.noun == Some(Noun::Resource));
    assert_eq!(ours.map(|change| change.id.as_str()).collect::<Vec<_>>(), ["first"; 3]);
}

async fn a_resource_that_makes_no_sense_names_its_column(world: World) {
    let tenant = tenant(&world, "acme").await;
    insert(&world, tenant, &resource(&world, "first", "a:1")).await.expect("inserts");
    for (column, change) in [
        ("identifier", "identifier = 'x'"),
        ("access_token_ttl", "identifier = 'urn:x', access_token_ttl = -1"),
        ("signing_algorithm", "access_token_ttl = NULL, signing_algorithm = 'none'"),
    ] {
        world.execute(&format!("UPDATE resources SET {change}")).await;
        let fault = world.read(tenant).resources().all().await.expect_err(column);
        assert!(said(&fault).contains(&format!("column {column} of resources")), "{fault}");
    }
}
