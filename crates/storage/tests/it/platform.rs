//! What reaches over tenants: leases, API keys, remembered requests, master keys.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    bootstrap::BootstrapToken,
    fault::WriteError,
    lease::LeaseClaim,
    ports::{
        platform::{MasterKeyCheck, PlatformStore},
        store::Remembered,
    },
};
use chancery_testkit::builders;
use tokio::task::JoinSet;

use crate::world::{DAY, HOUR, World};

super::conformance! {
    a_lease_is_held_by_one,
    an_api_key_is_found_and_deleted,
    a_request_is_remembered_where_it_was_made,
    of_parallel_requests_one_is_remembered,
    a_master_key_is_written_down_once,
    a_tenant_is_founded_in_one_transaction,
        a_host_is_one_tenants_alone, of_parallel_takers_one_gets_the_bootstrap_tokens,
}

async fn a_lease_is_held_by_one(world: World) {
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let (storage, now) = (world.storage.clone(), world.now());
        tasks.spawn(async move {
            let tx = PlatformStore::begin(&storage).await.expect("begins");
            let held = tx.lease(&claim(&number.to_string()), now).await.expect("runs");
            tx.commit().await.expect("commits");
            held.then_some(number)
        });
    }
    let holders: Vec<_> = tasks.join_all().await.into_iter().flatten().collect();
    let [holder] = holders[..] else { panic!("{holders:?} hold the lease") };
    let holder = holder.to_string();

    let take = async |name: &str, now| {
        let tx = world.begin_platform().await;
        let held = tx.lease(&claim(name), now).await.expect("runs");
        tx.commit().await.expect("commits");
        held
    };
    assert!(take(&holder, world.now()).await, "the holder renews it");
    assert!(!take("other", world.now()).await);
    assert!(take("other", world.now() + HOUR).await, "it has run out");
    let tx = world.begin_platform().await;
    tx.release(&claim(&holder)).await.expect("is not its to give");
    tx.release(&claim("other")).await.expect("gives back");
    tx.commit().await.expect("commits");
    assert!(take(&holder, world.now()).await);
}

fn claim(holder: &str) -> LeaseClaim {
    LeaseClaim { task: "purge_expired", holder: holder.into(), span: HOUR }
}

async fn an_api_key_is_found_and_deleted(world: World) {
    let tenant = world.tenant("acme").await;
    let (key, _) = AdminKey::generate("ops", AdminReach::Tenant(tenant.id), DAY, &*world.random, world.now());
    let source_ranges = vec!["10.0.0.0/8".parse().expect("a range"), "::1".parse().expect("a range")];
    let key = AdminKey { source_ranges, ..key };
    let tx = world.begin_platform().await;
    tx.admin_keys().insert(&key).await.expect("inserts");
    assert!(matches!(tx.admin_keys().insert(&key).await, Err(WriteError::Taken(_))));
    tx.commit().await.expect("commits");
    let platform = world.platform();
    let found = platform.admin_keys().find_by_digest(&key.digest).await.expect("reads").expect("there");
    assert_eq!(format!("{found:?}"), format!("{key:?}"));
    assert!(platform.admin_keys().find(key.id).await.expect("reads").is_some());
    assert!(platform.admin_keys().find_by_digest(&world.digest()).await.expect("reads").is_none());
    let tx = world.begin_platform().await;
    assert!(tx.admin_keys().delete(key.id).await.expect("deletes"));
    assert!(!tx.admin_keys().delete(key.id).await.expect("runs"));
    tx.commit().await.expect("commits");
    assert!(platform.admin_keys().find_by_digest(&key.digest).await.expect("reads").is_none());
}

async fn a_request_is_remembered_where_it_was_made(world: World) {
    let (here, there) = (world.tenant("here").await, world.tenant("there").await);
    let answer = Remembered { request: world.digest(), answer: vec![1, 2, 3] };
    let until = world.now() + HOUR;
    let tx = world.begin(here.id).await;
    tx.requests().remember("key", "Create", "id", &answer, until).await.expect("remembers");
    assert!(matches!(tx.requests().remember("key", "Create", "id", &answer, until).await, Err(WriteError::Taken(_))));
    tx.commit().await.expect("commits");
    let tx = world.begin(here.id).await;
    let recalled = tx.requests().recall("key", "Create", "id").await.expect("reads").expect("is remembered");
    assert_eq!((recalled.request, recalled.answer), (answer.request, answer.answer.clone()));
    for (caller, method, id) in [("other", "Create", "id"), ("key", "Delete", "id"), ("key", "Create", "other")] {
        assert!(tx.requests().recall(caller, method, id).await.expect("reads").is_none());
    }
    drop(tx);
    let tx = world.begin(there.id).await;
    assert!(tx.requests().recall("key", "Create", "id").await.expect("reads").is_none());
    drop(tx);
    let tx = world.begin_platform().await;
    assert!(tx.requests().recall("key", "Create", "id").await.expect("reads").is_none());
    tx.requests().remember("key", "Create", "id", &answer, until).await.expect("remembers");
    tx.commit().await.expect("commits");
}

async fn of_parallel_requests_one_is_remembered(world: World) {
    let mut tasks = JoinSet::new();
    for _ in 0..16 {
        let (storage, until) = (world.storage.clone(), world.now() + HOUR);
        let answer = Remembered { request: world.digest(), answer: vec![] };
        tasks.spawn(async move {
            let tx = PlatformStore::begin(&storage).await.expect("begins");
            let first = tx.requests().remember("key", "Create", "id", &answer, until).await.is_ok();
            tx.commit().await.expect("commits");
            first
        });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
}

async fn a_master_key_is_written_down_once(world: World) {
    let check = MasterKeyCheck { id: "main".parse().expect("an id"), sealed: vec![1, 2, 3] };
    let tx = world.begin_platform().await;
    tx.insert_master_key(&check).await.expect("inserts");
    assert!(matches!(tx.insert_master_key(&check).await, Err(WriteError::Taken(_))));
    tx.commit().await.expect("commits");
    let stored = world.platform().master_keys().await.expect("reads");
    assert_eq!(stored.len(), 1);
    assert_eq!((&stored[0].id, &stored[0].sealed), (&check.id, &check.sealed));
}

async fn a_tenant_is_founded_in_one_transaction(world: World) {
    let tenant = builders::tenant("acme", &*world.random, world.now());
    let user = builders::user("ada", &*world.random, world.now());
    for committed in [false, true] {
        let tx = world.begin_platform().await;
        tx.tenants().insert(&tenant).await.expect("inserts");
        let rows = tx.of(tenant.id);
        rows.users().insert(&user).await.expect("inserts");
        assert!(rows.users().find(user.id).await.expect("reads").is_some());
        drop(rows);
        if committed {
            tx.commit().await.expect("commits");
        } else {
            drop(tx);
        }
        assert_eq!(world.read(tenant.id).users().find(user.id).await.expect("reads").is_some(), committed);
    }
}

async fn a_host_is_one_tenants_alone(world: World) {
    let (acme, bolt) = (world.tenant("acme").await, world.tenant("bolt").await);
    let host = "login.acme.example".parse().expect("a host");
    let give = async |tenant: &chancery_domain::tenant::Tenant| {
        let mut tenant = tenant.clone();
        tenant.issuer_host = Some("login.acme.example".parse().expect("a host"));
        let tx = world.begin_platform().await;
        tx.tenants().update(&tenant, world.now()).await?;
        tx.commit().await.map_err(WriteError::from)
    };
    assert!(world.platform().tenants().find_by_host(&host).await.expect("reads").is_none());
    give(&acme).await.expect("is free");
    assert!(matches!(give(&bolt).await, Err(WriteError::Taken(_))));
    let found = world.platform().tenants().find_by_host(&host).await.expect("reads").expect("there");
    assert_eq!((found.id, found.issuer_host), (acme.id, Some(host)));
}

async fn of_parallel_takers_one_gets_the_bootstrap_tokens(world: World) {
    let tokens = [(); 2].map(|()| BootstrapToken { digest: world.digest(), expires_at: world.now() + HOUR });
    let tx = world.begin_platform().await;
    for token in &tokens {
        tx.bootstrap_tokens().insert(token).await.expect("inserts");
    }
    tx.commit().await.expect("commits");

    let tx = world.begin_platform().await;
    assert_eq!(tx.bootstrap_tokens().take_all().await.expect("takes").len(), 2);
    drop(tx);

    let mut takers = JoinSet::new();
    for _ in 0..8 {
        let storage = world.storage.clone();
        takers.spawn(async move {
            let tx = PlatformStore::begin(&storage).await.expect("begins");
            let taken = tx.bootstrap_tokens().take_all().await.expect("takes");
            tx.commit().await.expect("commits");
            taken
        });
    }
    let mut taken: Vec<_> = takers.join_all().await.into_iter().filter(|taken| !taken.is_empty()).collect();
    let [first] = &mut taken[..] else { panic!("{} took them", taken.len()) };
    first.sort_unstable_by_key(|token| *token.digest.bytes());
    let mut expected = tokens;
    expected.sort_unstable_by_key(|token| *token.digest.bytes());
    assert_eq!(**first, expected);
}
