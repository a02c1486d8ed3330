//! Roles and who has them: by inner ids, fenced by place, and gone at once.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    fault::WriteError,
    id::{RoleBindingId, RoleId, TenantId},
    page::PageRequest,
    permission::{Permission, PermissionSet},
    ports::platform::PlatformStore,
    principal::Principal,
    role::{BuiltInRole, Role},
    role_binding::{BoundRole, RoleBinding, Until},
    version::Version,
};
use tokio::time::{Duration, sleep};

use crate::world::{DAY, HOUR, World};

super::conformance! {
    a_role_is_read_back_and_guarded_by_its_version,
    a_role_of_another_tenant_is_neither_seen_nor_touched,
    what_is_given_is_found_by_its_member,
    a_role_that_was_made_again_under_its_name_gives_nothing,
    a_role_that_somebody_has_stays,
    bindings_are_listed_by_place,
    deleting_a_member_deletes_what_they_were_given,
    a_role_that_only_a_newer_version_knows_gives_nothing_and_holds_nobody_up,
    owners_are_those_who_can_still_call,
    of_two_owners_who_delete_each_other_one_stays,
    what_is_given_says_until_when,
    live_bindings_and_keys_of_a_place_are_counted,
    who_counts_the_bindings_of_a_place_waits_for_who_did,
    ended_rights_go_after_a_while_with_all_that_hangs_on_them,
    keys_of_before_have_the_role_that_their_reach_was,
}

fn ada() -> Principal {
    "users/018f0000-0000-7000-8000-000000000000".parse().expect("a principal")
}

fn role(world: &World, slug: &str, permissions: &[Permission]) -> Role {
    Role {
        id: RoleId::generate(&*world.random, world.now()),
        slug: slug.parse().expect("a slug"),
        display_name: "Help desk".into(),
        permissions: permissions.iter().copied().collect(),
        version: Version::FIRST,
        created_at: world.now(),
        updated_at: world.now(),
    }
}

fn binding(world: &World, place: AdminReach, role: BoundRole, member: &Principal) -> RoleBinding {
    RoleBinding {
        id: RoleBindingId::generate(&*world.random, world.now()),
        place,
        role,
        member: member.clone(),
        created_at: world.now(),
        expires_at: None,
    }
}

impl World {
    async fn insert_role(&self, tenant: TenantId, role: &Role) -> Result<(), WriteError> {
        let tx = self.begin_platform().await;
        tx.roles().insert(tenant, role).await?;
        tx.commit().await.map_err(WriteError::from)
    }

    async fn bind(&self, binding: &RoleBinding) -> Result<(), WriteError> {
        let tx = self.begin_platform().await;
        tx.role_bindings().insert(binding).await?;
        tx.commit().await.map_err(WriteError::from)
    }

    async fn given(&self, member: &Principal) -> Vec<(AdminReach, PermissionSet)> {
        let given = self.platform().role_bindings().given_to(member, self.now()).await.expect("reads");
        given.into_iter().map(|given| (given.place, given.permissions)).collect()
    }
}

async fn a_role_is_read_back_and_guarded_by_its_version(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = role(&world, "helpdesk", &[Permission::UsersGet, Permission::UsersEnable]);
    world.insert_role(tenant, &first).await.expect("inserts");
    let again = role(&world, "helpdesk", &[]);
    assert!(matches!(world.insert_role(tenant, &again).await, Err(WriteError::Taken(_))));
    let platform = world.platform();
    assert_eq!(platform.roles().find(tenant, &first.slug).await.expect("reads"), Some(first.clone()));

    let wider = Role { permissions: PermissionSet::all(), ..first.clone() };
    let tx = world.begin_platform().await;
    let version = tx.roles().update(tenant, &wider, world.now() + HOUR).await.expect("updates");
    assert!(matches!(tx.roles().update(tenant, &wider, world.now()).await, Err(WriteError::Stale)));
    tx.commit().await.expect("commits");
    let stored = platform.roles().all(tenant).await.expect("reads");
    assert_eq!(stored, [Role { version, updated_at: world.now() + HOUR, ..wider }]);

    let tx = world.begin_platform().await;
    assert!(matches!(tx.roles().delete(tenant, first.id, first.version).await, Err(WriteError::Stale)));
    tx.roles().delete(tenant, first.id, version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(platform.roles().all(tenant).await.expect("reads"), []);
}

async fn a_role_of_another_tenant_is_neither_seen_nor_touched(world: World) {
    let (acme, bolt) = (world.tenant("acme").await.id, world.tenant("bolt").await.id);
    let role = role(&world, "helpdesk", &[Permission::UsersGet]);
    world.insert_role(bolt, &role).await.expect("inserts");
    assert!(world.platform().roles().find(acme, &role.slug).await.expect("reads").is_none());
    let tx = world.begin_platform().await;
    assert!(matches!(tx.roles().update(acme, &role, world.now()).await, Err(WriteError::Stale)));
    assert!(matches!(tx.roles().delete(acme, role.id, role.version).await, Err(WriteError::Stale)));
    drop(tx);
    let foreign = binding(&world, AdminReach::Tenant(acme), BoundRole::Custom(role.id), &ada());
    assert!(matches!(world.bind(&foreign).await, Err(WriteError::Stale)));
}

async fn what_is_given_is_found_by_its_member(world: World) {
    let tenant = world.tenant("acme").await.id;
    let own = role(&world, "helpdesk", &[Permission::UsersGet]);
    world.insert_role(tenant, &own).await.expect("inserts");
    let within = AdminReach::Tenant(tenant);
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let ending =
        RoleBinding { expires_at: Some(world.now() + HOUR), ..binding(&world, AdminReach::Platform, reader, &ada()) };
    world.bind(&ending).await.expect("binds");
    world.bind(&binding(&world, within, BoundRole::Custom(own.id), &ada())).await.expect("binds");
    assert_eq!(world.given(&ada()).await.len(), 2);
    assert_eq!(world.given(&"clients/console".parse().expect("a principal")).await, []);

    world.clock.advance(HOUR);
    assert_eq!(world.given(&ada()).await, [(within, own.permissions)], "the other has ended");
    let wider = Role { permissions: PermissionSet::all(), ..own };
    let tx = world.begin_platform().await;
    tx.roles().update(tenant, &wider, world.now()).await.expect("updates");
    let held = tx.role_bindings().hold(&ada(), world.now()).await.expect("reads");
    assert_eq!(held[0].permissions, PermissionSet::all(), "the transaction sees what it wrote");
}

async fn a_role_that_was_made_again_under_its_name_gives_nothing(world: World) {
    let tenant = world.tenant("acme").await.id;
    let (old, new) = (role(&world, "helpdesk", &[]), role(&world, "helpdesk", &[Permission::UsersGet]));
    world.insert_role(tenant, &old).await.expect("inserts");
    let tx = world.begin_platform().await;
    tx.roles().delete(tenant, old.id, old.version).await.expect("deletes");
    tx.roles().insert(tenant, &new).await.expect("inserts");
    tx.commit().await.expect("commits");
    let late = binding(&world, AdminReach::Tenant(tenant), BoundRole::Custom(old.id), &ada());
    assert!(matches!(world.bind(&late).await, Err(WriteError::Stale)));
    assert_eq!(world.given(&ada()).await, []);
}

async fn a_role_that_somebody_has_stays(world: World) {
    let tenant = world.tenant("acme").await.id;
    let role = role(&world, "helpdesk", &[Permission::UsersGet]);
    world.insert_role(tenant, &role).await.expect("inserts");
    let binding = binding(&world, AdminReach::Tenant(tenant), BoundRole::Custom(role.id), &ada());
    world.bind(&binding).await.expect("binds");
    let tx = world.begin_platform().await;
    assert!(tx.role_bindings().is_bound(tenant, role.id).await.expect("reads"));
    assert!(matches!(tx.roles().delete(tenant, role.id, role.version).await, Err(WriteError::Stale)));
    drop(tx);
    let tx = world.begin_platform().await;
    assert!(tx.role_bindings().delete(&binding).await.expect("deletes"));
    assert!(!tx.role_bindings().delete(&binding).await.expect("runs"));
    assert!(!tx.role_bindings().is_bound(tenant, role.id).await.expect("reads"));
    tx.roles().delete(tenant, role.id, role.version).await.expect("deletes");
    tx.commit().await.expect("commits");
}

async fn bindings_are_listed_by_place(world: World) {
    let tenant = world.tenant("acme").await.id;
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let mut within = Vec::new();
    for number in 0..6 {
        let place = if number % 2 == 0 { AdminReach::Platform } else { AdminReach::Tenant(tenant) };
        let made = binding(&world, place, reader, &ada());
        world.bind(&made).await.expect("binds");
        within.extend(Some(made).filter(|_| place != AdminReach::Platform));
        world.clock.advance(Duration::from_millis(1));
    }
    let platform = world.platform();
    let bindings = platform.role_bindings();
    let place = AdminReach::Tenant(tenant);
    let page = bindings.list(place, PageRequest { after: None, size: 2 }.into()).await.expect("reads");
    assert_eq!(page.rows, within[..2]);
    let rest = bindings.list(place, PageRequest { after: page.next, size: 2 }.into()).await.expect("reads");
    assert_eq!((rest.rows.as_slice(), rest.next), (&within[2..], None));
    assert_eq!(bindings.find(place, within[0].id).await.expect("reads").as_ref(), Some(&within[0]));
    assert!(bindings.find(AdminReach::Platform, within[0].id).await.expect("reads").is_none());
}

async fn deleting_a_member_deletes_what_they_were_given(world: World) {
    let tenant = world.tenant("acme").await.id;
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let other: Principal = "clients/console".parse().expect("a principal");
    for (place, member) in
        [(AdminReach::Platform, &ada()), (AdminReach::Tenant(tenant), &ada()), (AdminReach::Platform, &other)]
    {
        world.bind(&binding(&world, place, reader, member)).await.expect("binds");
    }
    let tx = world.begin_platform().await;
    let gone = tx.role_bindings().delete_of(&ada()).await.expect("deletes");
    let places: Vec<_> = gone.iter().map(|unbound| unbound.place).collect();
    assert_eq!(places, [AdminReach::Platform, AdminReach::Tenant(tenant)]);
    assert!(gone.iter().all(|unbound| unbound.said == format!("tenant.reader for {}", ada())), "{gone:?}");
    tx.commit().await.expect("commits");
    assert_eq!(world.given(&ada()).await, []);
    assert_eq!(world.given(&other).await.len(), 1);
}

async fn a_role_that_only_a_newer_version_knows_gives_nothing_and_holds_nobody_up(world: World) {
    let of = |role| BoundRole::BuiltIn(role);
    let [strange, known] = [BuiltInRole::PlatformWorker, BuiltInRole::TenantReader]
        .map(|role| binding(&world, AdminReach::Platform, of(role), &ada()));
    for binding in [&strange, &known] {
        world.bind(binding).await.expect("binds");
    }
    world.execute("UPDATE role_bindings SET built_in = 'platform.wizard' WHERE built_in = 'platform.worker'").await;
    let given = world.given(&ada()).await.into_iter().fold(PermissionSet::EMPTY, |all, (_, own)| all.union(&own));
    assert_eq!(given, BuiltInRole::TenantReader.permissions());
    let tx = world.begin_platform().await;
    let (bindings, place) = (tx.role_bindings(), AdminReach::Platform);
    assert_eq!(bindings.find(place, strange.id).await.expect("reads"), None);
    let page = bindings.list(place, PageRequest { after: None, size: 1 }.into()).await.expect("reads");
    assert_eq!((page.rows.as_slice(), page.next), (std::slice::from_ref(&known), None));
    assert_eq!(bindings.of_member(place, &ada()).await.expect("reads"), [known]);
    assert_eq!(bindings.count(place, world.now()).await.expect("counts"), 1);
    drop(tx);
    let tx = world.begin_platform().await;
    let mut said: Vec<_> = tx.role_bindings().delete_of(&ada()).await.expect("deletes");
    said.sort_by(|one, other| one.said.cmp(&other.said));
    tx.commit().await.expect("commits");
    let said: Vec<_> = said.into_iter().map(|unbound| unbound.said).collect();
    assert_eq!(said, ["platform.wizard", "tenant.reader"].map(|role| format!("{role} for {}", ada())));
    assert_eq!(world.number("SELECT COUNT(*) FROM role_bindings").await, 0);
}

async fn owners_are_those_who_can_still_call(world: World) {
    let tenant = world.tenant("acme").await.id;
    let owner = BoundRole::BuiltIn(BuiltInRole::PlatformOwner);
    let auditor = BoundRole::BuiltIn(BuiltInRole::PlatformAuditor);
    let (key, _) = AdminKey::generate("ops", AdminReach::Platform, DAY, &*world.random, world.now());
    let tx = world.begin_platform().await;
    tx.admin_keys().insert(&key).await.expect("inserts");
    tx.commit().await.expect("commits");
    let (by_key, person) = (Principal::ApiKey(key.id), ada());
    let theirs = binding(&world, AdminReach::Platform, owner, &by_key);
    let ending =
        RoleBinding { expires_at: Some(world.now() + HOUR), ..binding(&world, AdminReach::Platform, owner, &person) };
    world.bind(&theirs).await.expect("binds");
    world.bind(&ending).await.expect("binds");
    world.bind(&binding(&world, AdminReach::Platform, auditor, &person)).await.expect("binds");
    world.bind(&binding(&world, AdminReach::Tenant(tenant), owner, &person)).await.expect("binds");

    let owners = async || {
        let tx = world.begin_platform().await;
        let owners = tx.role_bindings().owners(world.now()).await.expect("reads");
        owners.into_iter().map(|binding| binding.member).collect::<Vec<_>>()
    };
    assert_eq!(owners().await.len(), 2);
    world.clock.advance(HOUR);
    assert_eq!(owners().await, [by_key], "the other binding has ended");
    world.clock.advance(DAY);
    assert_eq!(owners().await, [], "the key has ended");
}

async fn of_two_owners_who_delete_each_other_one_stays(world: World) {
    let owner = BoundRole::BuiltIn(BuiltInRole::PlatformOwner);
    let members = ["certificates/a.example", "certificates/b.example"].map(|name| name.parse().expect("a principal"));
    let bindings = members.map(|member| binding(&world, AdminReach::Platform, owner, &member));
    for binding in &bindings {
        world.bind(binding).await.expect("binds");
    }
    let depose = |binding: RoleBinding| {
        let (storage, now) = (world.storage.clone(), world.now());
        async move {
            let tx = PlatformStore::begin(&storage).await.expect("begins");
            let owners = tx.role_bindings().owners(now).await.expect("reads");
            sleep(Duration::from_millis(50)).await;
            if owners.iter().any(|owner| owner.id != binding.id) {
                tx.role_bindings().delete(&binding).await.expect("deletes");
            }
            tx.commit().await.expect("commits");
        }
    };
    let [one, other] = bindings.map(|binding| tokio::spawn(depose(binding)));
    one.await.expect("runs");
    other.await.expect("runs");
    let tx = world.begin_platform().await;
    assert_eq!(tx.role_bindings().owners(world.now()).await.expect("reads").len(), 1);
}

async fn keys_of_before_have_the_role_that_their_reach_was(world: World) {
    // What the migration does to keys is told by its statement: it is run again over keys that have no role.
    let tenant = world.tenant("acme").await.id;
    let mut keys = Vec::new();
    for reach in [AdminReach::Platform, AdminReach::Tenant(tenant)] {
        let (key, _) = AdminKey::generate("ops", reach, DAY, &*world.random, world.now());
        let tx = world.begin_platform().await;
        tx.admin_keys().insert(&key).await.expect("inserts");
        tx.commit().await.expect("commits");
        keys.push(key);
    }
    world.execute("ALTER TABLE rewrap DROP COLUMN starter").await;
    for table in ["role_bindings", "roles", "approvals"] {
        world.execute(&format!("DROP TABLE {table}")).await;
    }
    world.execute("DELETE FROM seaql_migrations WHERE version = 'm2026_11_22_000019_permits'").await;
    world.storage.migrate().await.expect("migrates");
    for (key, role) in keys.iter().zip([BuiltInRole::PlatformOwner, BuiltInRole::TenantAdmin]) {
        assert_eq!(world.given(&Principal::ApiKey(key.id)).await, [(key.reach, role.permissions())]);
    }
}

async fn what_is_given_says_until_when(world: World) {
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let end = world.now() + HOUR;
    let lasting = binding(&world, AdminReach::Platform, reader, &ada());
    world.bind(&RoleBinding { expires_at: Some(end), ..lasting.clone() }).await.expect("binds");
    let other = RoleBinding { id: RoleBindingId::generate(&*world.random, world.now()), ..lasting };
    world.bind(&other).await.expect("binds");
    let tx = world.begin_platform().await;
    let held = tx.role_bindings().hold(&ada(), world.now()).await.expect("reads");
    let mut ends: Vec<_> = held.into_iter().map(|given| given.until).collect();
    ends.sort_unstable();
    assert_eq!(ends, [Until::Moment(end), Until::Taken]);
}

async fn live_bindings_and_keys_of_a_place_are_counted(world: World) {
    let (acme, bolt) = (world.tenant("acme").await.id, world.tenant("bolt").await.id);
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let other = "clients/console".parse().expect("a principal");
    let places = [AdminReach::Platform, AdminReach::Tenant(acme), AdminReach::Tenant(bolt)];
    let ending = RoleBinding { expires_at: Some(world.now() + HOUR), ..binding(&world, places[1], reader, &ada()) };
    for binding in [
        ending.clone(),
        binding(&world, places[1], reader, &other),
        binding(&world, places[2], reader, &ada()),
        binding(&world, places[0], reader, &ada()),
    ] {
        world.bind(&binding).await.expect("binds");
    }
    let tx = world.begin_platform().await;
    for (reach, life) in [(places[0], DAY), (places[1], HOUR), (places[1], DAY)] {
        let (key, _) = AdminKey::generate("ops", reach, life, &*world.random, world.now());
        tx.admin_keys().insert(&key).await.expect("inserts");
    }
    tx.commit().await.expect("commits");

    let counts = async || {
        let tx = world.begin_platform().await;
        let mut counts = Vec::new();
        for place in places {
            let keys = tx.admin_keys().count(place, world.now()).await.expect("counts");
            counts.push((tx.role_bindings().count(place, world.now()).await.expect("counts"), keys));
        }
        counts
    };
    assert_eq!(counts().await, [(1, 1), (2, 2), (1, 0)]);
    world.clock.advance(HOUR);
    assert_eq!(counts().await, [(1, 1), (1, 1), (1, 0)], "some have ended");
    let tx = world.begin_platform().await;
    let theirs = tx.role_bindings().of_member(places[1], &ada()).await.expect("reads");
    assert_eq!(theirs, [ending], "ended ones are told");
}

async fn who_counts_the_bindings_of_a_place_waits_for_who_did(world: World) {
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let member = "clients/console".parse().expect("a principal");
    let give = |binding: RoleBinding| {
        let (storage, now) = (world.storage.clone(), world.now());
        async move {
            let tx = PlatformStore::begin(&storage).await.expect("begins");
            if tx.role_bindings().count(binding.place, now).await.expect("counts") == 0 {
                sleep(Duration::from_millis(50)).await;
                tx.role_bindings().insert(&binding).await.expect("inserts");
            }
            tx.commit().await.expect("commits");
        }
    };
    let [one, other] = [ada(), member].map(|member| binding(&world, AdminReach::Platform, reader, &member));
    let [one, other] = [one, other].map(|binding| tokio::spawn(give(binding)));
    one.await.expect("runs");
    other.await.expect("runs");
    assert_eq!(world.number("SELECT COUNT(*) FROM role_bindings").await, 1);
}

async fn ended_rights_go_after_a_while_with_all_that_hangs_on_them(world: World) {
    let reader = BoundRole::BuiltIn(BuiltInRole::TenantReader);
    let (key, _) = AdminKey::generate("ops", AdminReach::Platform, HOUR, &*world.random, world.now());
    let tx = world.begin_platform().await;
    tx.admin_keys().insert(&key).await.expect("inserts");
    tx.commit().await.expect("commits");
    let of_key = binding(&world, AdminReach::Platform, reader, &Principal::ApiKey(key.id));
    let lasting = binding(&world, AdminReach::Platform, reader, &ada());
    let ending = RoleBinding {
        id: RoleBindingId::generate(&*world.random, world.now()),
        expires_at: Some(world.now() + HOUR),
        ..lasting.clone()
    };
    for binding in [&of_key, &lasting, &ending] {
        world.bind(binding).await.expect("binds");
    }
    let purge = async |batch| {
        let tx = world.begin_platform().await;
        let removed = tx.purge_expired(world.now(), batch).await.expect("purges");
        tx.commit().await.expect("commits");
        removed
    };
    let rows = async || {
        let keys = world.number("SELECT COUNT(*) FROM admin_keys").await;
        (world.number("SELECT COUNT(*) FROM role_bindings").await, keys)
    };
    world.clock.advance(7 * DAY + Duration::from_secs(3599));
    purge(100).await;
    assert_eq!(rows().await, (3, 1), "what ended is still told of");
    world.clock.advance(Duration::from_secs(1));
    purge(100).await;
    assert_eq!(rows().await, (1, 0));
    let left = world.platform().role_bindings().find(AdminReach::Platform, lasting.id).await.expect("reads");
    assert_eq!(left, Some(lasting));
}
