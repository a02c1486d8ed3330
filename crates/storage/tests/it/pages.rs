//! Pages walk to the end without holes and without repeats.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    id::AdminKeyId,
    page::{Page, PageRequest},
};
use chancery_testkit::builders;

use crate::world::{DAY, World};

super::conformance! {
    clients_are_walked_in_the_order_of_their_names,
    users_are_walked_in_the_order_of_their_ids,
    tenants_are_walked_and_deleted_ones_only_where_asked_for,
    api_keys_are_walked_by_reach,
}

/// Walks to the end by pages of that size.
macro_rules! walk {
    ($size:expr, $page:ident => $list:expr) => {{
        let mut rows = Vec::new();
        let mut $page = PageRequest { after: None, size: $size };
        loop {
            let Page { rows: more, next } = $list.await.expect("reads");
            assert!(u32::try_from(more.len()).expect("fits") <= $size);
            rows.extend(more);
            match next {
                Some(_) => $page.after = next,
                None => break rows,
            }
        }
    }};
}

async fn clients_are_walked_in_the_order_of_their_names(world: World) {
    let tenant = world.tenant("acme").await;
    let names = ["b", "B", "a", "a-b", "a.b", "ab", "Z", "z", "0", "_x", "~x"];
    let tx = world.begin(tenant.id).await;
    for name in names {
        tx.clients().insert(&builders::public_client(name, &*world.random, world.now())).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let mut sorted = names.map(str::to_owned);
    sorted.sort();
    for size in [1, 2, 3, 11, 100] {
        let rows = world.read(tenant.id);
        let walked = walk!(size, page => rows.clients().list(page.clone()));
        assert_eq!(walked.into_iter().map(|client| client.id.to_string()).collect::<Vec<_>>(), sorted);
    }
}

async fn users_are_walked_in_the_order_of_their_ids(world: World) {
    let tenant = world.tenant("acme").await;
    let tx = world.begin(tenant.id).await;
    let mut ids = Vec::new();
    for number in 0..23 {
        let user = builders::user(&format!("u{number}"), &*world.random, world.now());
        ids.push(user.id.to_string());
        tx.users().insert(&user).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    ids.sort();
    for size in [1, 7, 23, 24] {
        let rows = world.read(tenant.id);
        let walked = walk!(size, page => rows.users().list(page.clone()));
        assert_eq!(walked.into_iter().map(|user| user.id.to_string()).collect::<Vec<_>>(), ids);
    }
}

async fn tenants_are_walked_and_deleted_ones_only_where_asked_for(world: World) {
    for slug in ["cc", "aa", "bb", "dd"] {
        world.tenant(slug).await;
    }
    let platform = world.platform();
    let gone = platform.tenants().find_by_slug(&"bb".parse().expect("a slug")).await.expect("reads").expect("there");
    let tx = world.begin_platform().await;
    tx.tenants().update(&gone.delete(world.now()).expect("deletes"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    for (with_deleted, expected) in [(true, vec!["aa", "bb", "cc", "dd"]), (false, vec!["aa", "cc", "dd"])] {
        let walked = walk!(2, page => platform.tenants().list(page.clone(), with_deleted));
        assert_eq!(walked.iter().map(|tenant| tenant.slug.as_str()).collect::<Vec<_>>(), expected);
    }
}

async fn api_keys_are_walked_by_reach(world: World) {
    let tenant = world.tenant("acme").await;
    let tx = world.begin_platform().await;
    for number in 0..10 {
        let reach = if number % 2 == 0 { AdminReach::Platform } else { AdminReach::Tenant(tenant.id) };
        let key = AdminKey {
            id: AdminKeyId::generate(&*world.random, world.now()),
            digest: world.digest(),
            hint: "abcd".into(),
            display_name: number.to_string(),
            reach,
            created_at: world.now(),
            expires_at: world.now() + DAY,
            source_ranges: Vec::new(),
        };
        tx.admin_keys().insert(&key).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let platform = world.platform();
    for reach in [AdminReach::Platform, AdminReach::Tenant(tenant.id)] {
        let walked = walk!(2, page => platform.admin_keys().list(reach, page.clone()));
        assert_eq!(walked.len(), 5);
        assert!(walked.iter().all(|key| key.reach == reach));
    }
}
