//! Pages walk to the end without holes and without repeats.

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    client::{Client, ClientField},
    id::AdminKeyId,
    page::{Page, PageRequest},
    query::{Field, Filter, Kind, Order, Query, Relation, Test, Value},
    secret::{OpaqueToken, TokenKind},
    time::Timestamp,
    user::UserField,
};
use chancery_testkit::builders;

use crate::world::{DAY, World};

super::conformance! {
    clients_are_walked_in_the_order_of_their_names,
    users_are_walked_in_the_order_of_their_ids,
    tenants_are_walked_and_deleted_ones_only_where_asked_for,
    api_keys_are_walked_by_reach,
    clients_are_filtered_and_ordered_as_in_memory,
    users_without_an_address_are_neither_like_nor_unlike_one,
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
        let walked = walk!(size, page => rows.clients().list(page.clone().into()));
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
        let walked = walk!(size, page => rows.users().list(page.clone().into()));
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
        let walked = walk!(2, page => platform.tenants().list(page.clone().into(), with_deleted));
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
        let walked = walk!(2, page => platform.admin_keys().list(reach, page.clone().into()));
        assert_eq!(walked.len(), 5);
        assert!(walked.iter().all(|key| key.reach == reach));
    }
}

/// Every relation of every field to a few values, alone and joined, in every order: as the model in memory has it.
async fn clients_are_filtered_and_ordered_as_in_memory(world: World) {
    let tenant = world.tenant("acme").await;
    let tx = world.begin(tenant.id).await;
    let mut clients = Vec::new();
    for (at, name) in ["b", "Ba", "a%", "a_b", "a", "z\u{e9}", "ab"].into_iter().enumerate() {
        let at = Timestamp::from_millis(1_000 * i64::try_from(at % 3).expect("small"));
        let mut client = builders::public_client(&format!("c-{}", clients.len()), &*world.random, at);
        client.display_name = name.to_owned();
        if clients.len() % 3 == 0 {
            client.registration_token = Some(OpaqueToken::generate(TokenKind::Registration, &*world.random).digest());
        }
        if clients.len() % 2 == 0 {
            client = client.disable().expect("was enabled");
        }
        tx.clients().insert(&client).await.expect("inserts");
        clients.push(client);
    }
    tx.commit().await.expect("commits");
    let values = |field: ClientField| match field.kind() {
        Kind::Time | Kind::TimeOrNone => [0, 1_000, 9_000].map(|at| Value::Time(Timestamp::from_millis(at))).to_vec(),
        Kind::Label(labels) => labels.iter().map(|label| Value::Text((*label).to_owned())).collect(),
        Kind::Text | Kind::TextOrNone | Kind::SmallText | Kind::SmallTextOrNone => {
            ["a", "b", ""].map(|it| Value::Text(it.to_owned())).to_vec()
        }
    };
    let mut tests = Vec::new();
    for field in ClientField::ALL.iter().copied() {
        use Relation::{AtLeast, AtMost, Begins, Equal, Less, More, Unequal};
        for relation in [Equal, Unequal, Less, AtMost, More, AtLeast, Begins] {
            if relation == Begins && field.kind() == Kind::Time {
                continue;
            }
            tests.extend(values(field).into_iter().map(|value| Filter::Test(Test { field, relation, value })));
        }
    }
    let mut filters: Vec<_> = tests.iter().cloned().map(Some).collect();
    filters.push(None);
    for pair in tests.windows(2) {
        let not = Filter::Not(Box::new(pair[0].clone()));
        filters.push(Some(Filter::Any(pair.to_vec())));
        filters.push(Some(Filter::All(vec![not, pair[1].clone()])));
    }
    let rows = world.read(tenant.id);
    for (at, filter) in filters.into_iter().enumerate() {
        let by = ClientField::ALL.iter().copied().map(Some).chain([None]).nth(at % 7).flatten();
        let order = Order { by, descending: at % 4 < 2 };
        let mut query = Query { page: PageRequest { after: None, size: 100 }, filter, order };
        let expected = query.of(clients.clone(), Client::field, |client| client.id.to_string()).rows;
        query.page.size = 2;
        let mut met = Vec::new();
        loop {
            let page = rows.clients().list(query.clone()).await.expect("reads");
            met.extend(page.rows.into_iter().map(|client| client.id));
            match page.next {
                Some(next) => query.page.after = Some(next),
                None => break,
            }
        }
        assert_eq!(met, expected.into_iter().map(|client| client.id).collect::<Vec<_>>(), "{query:?}");
    }
}

async fn users_without_an_address_are_neither_like_nor_unlike_one(world: World) {
    let tenant = world.tenant("acme").await;
    let tx = world.begin(tenant.id).await;
    for (name, email) in [("ada", Some("ada@example.com")), ("bo", None), ("cy", Some("cy@example.com"))] {
        let mut user = builders::user(name, &*world.random, world.now());
        user.email = email.map(|email| email.parse().expect("an address"));
        tx.users().insert(&user).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    let rows = world.read(tenant.id);
    for (relation, expected) in [(Relation::Equal, vec!["ada"]), (Relation::Unequal, vec!["cy"])] {
        let value = Value::Text("ada@example.com".into());
        let filter = Some(Filter::Test(Test { field: UserField::Email, relation, value }));
        let order = Order { by: Some(UserField::Username), descending: true };
        let query = Query { page: PageRequest { after: None, size: 9 }, filter, order };
        let page = rows.users().list(query).await.expect("reads");
        assert_eq!(page.rows.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), expected);
    }
}
