//! What lists are filtered and ordered by is the same in the database as in memory, and every page begins where the one
//! before ended.

use std::time::Duration;

use chancery_audit::Record;
use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::{Action, Actor, AuditEvent},
    audit_chain::{AuditEventField, SealedEvent},
    change::Noun,
    consent::Consent,
    grant::{Grant, RevocationReason},
    id::{AdminKeyId, RoleBindingId, SessionId},
    page::{Page, PageRequest},
    ports::{consents::ConsentSelection, grants::GrantSelection},
    query::{Field, Filter, Order, Query, Relation, Test, Value},
    role::BuiltInRole,
    role_binding::{BoundRole, RoleBinding},
    session::Session,
    time::Timestamp,
};
use chancery_testkit::builders;

use crate::world::World;

super::conformance! {
    sessions_are_listed_as_in_memory,
    grants_are_listed_as_in_memory,
    consents_are_listed_as_in_memory,
    api_keys_are_listed_as_in_memory,
    role_bindings_are_listed_as_in_memory,
    audit_events_are_listed_as_in_memory,
}

/// Every relation of every field to what the rows have, in every order that there is.
fn queries<T, F: Field>(rows: &[T], value: impl Fn(&T, F) -> Option<Value>) -> Vec<Query<F>> {
    use Relation::{AtLeast, AtMost, Begins, Equal, Less, More, Unequal};
    let mut filters = vec![None];
    for field in F::ALL.iter().copied() {
        let values: Vec<_> = rows.iter().filter_map(|row| value(row, field)).take(3).collect();
        for (value, relation) in values
            .iter()
            .flat_map(|value| [Equal, Unequal, Less, AtMost, More, AtLeast, Begins].map(|relation| (value, relation)))
        {
            if relation == Begins && matches!(value, Value::Time(_)) {
                continue;
            }
            let test = Filter::Test(Test { field, relation, value: value.clone() });
            filters.push(Some(Filter::Not(Box::new(test.clone()))));
            filters.push(Some(test));
        }
    }
    let orders = F::ALL.iter().copied().filter(|field| field.kind().is_always()).map(Some).chain([None]);
    let orders: Vec<_> = orders.flat_map(|by| [false, true].map(|descending| Order { by, descending })).collect();
    let page = PageRequest { after: None, size: 2 };
    let each = |filter: Option<Filter<F>>| {
        let page = page.clone();
        orders.iter().map(move |order| Query { page: page.clone(), filter: filter.clone(), order: *order })
    };
    filters.into_iter().flat_map(each).collect()
}

/// Holds every page of every query against what the rows in memory give.
macro_rules! compare {
    ($rows:expr, $value:expr, $own:expr, $query:ident => $list:expr, $row:ident => $told:expr) => {{
        let rows = $rows;
        for asked in queries(&rows, $value) {
            let all = Query { page: PageRequest { after: None, size: 1000 }, ..asked.clone() };
            let expected: Vec<_> = all.of(rows.clone(), $value, $own).rows.iter().map($own).collect();
            let (mut $query, mut met) = (asked.clone(), Vec::new());
            loop {
                let Page { rows, next } = {
                    let $query = $query.clone();
                    $list.await.expect("reads")
                };
                met.extend(rows.iter().map(|$row| $own($told)));
                match next {
                    Some(_) => $query.page.after = next,
                    None => break,
                }
            }
            assert_eq!(met, expected, "{asked:?}");
        }
    }};
}

fn minutes(world: &World, minutes: u64) -> Timestamp {
    world.now() + Duration::from_secs(60 * minutes)
}

async fn sessions_are_listed_as_in_memory(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    let mut sessions = Vec::new();
    for number in 0..5 {
        let mut session = world.session(home.user.id);
        session.authenticated_at = minutes(&world, number % 2);
        session.expires_at = minutes(&world, 9 - number);
        session.ended_at = (number < 2).then(|| minutes(&world, number));
        tx.sessions().insert(&session).await.expect("inserts");
        sessions.push(session);
    }
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    let own = |session: &Session| session.id.to_string();
    compare!(sessions, Session::field, own, query => rows.session_lists().list(None, query), row => &row.session);
}

async fn grants_are_listed_as_in_memory(world: World) {
    let home = world.home("acme").await;
    let session = SessionId::generate(&*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    let mut grants = Vec::new();
    for number in 0..5 {
        let mut grant = world.grant(&home, session, "openid");
        grant.created_at = minutes(&world, number % 2);
        grant.expires_at = minutes(&world, 9 - number);
        tx.grants().insert(&grant).await.expect("inserts");
        if number < 2 {
            let at = minutes(&world, number);
            assert!(tx.grants().revoke(grant.id, RevocationReason::ByAdmin, at).await.expect("revokes"));
            grant.revoked = Some((at, RevocationReason::ByAdmin));
        }
        grants.push(grant);
    }
    tx.commit().await.expect("commits");
    let (rows, of, now) = (world.read(home.tenant.id), GrantSelection::default(), world.now());
    let own = |grant: &Grant| grant.id.to_string();
    compare!(grants, Grant::field, own, query => rows.grant_lists().list(&of, None, now, query), row => &row.grant);
}

async fn consents_are_listed_as_in_memory(world: World) {
    let home = world.home("acme").await;
    let tx = world.begin(home.tenant.id).await;
    let mut consents = Vec::new();
    for number in 0..5 {
        let user = builders::user(&format!("u{number}"), &*world.random, world.now());
        tx.users().insert(&user).await.expect("inserts");
        let scopes = chancery_domain::scope::ScopeSet::parse("openid").expect("scopes");
        let granted_at = minutes(&world, number % 2);
        let consent = Consent { user: user.id, client: home.client.uid, scopes, granted_at };
        tx.consents().put(&consent).await.expect("puts");
        consents.push(consent);
    }
    tx.commit().await.expect("commits");
    let (rows, of) = (world.read(home.tenant.id), ConsentSelection::default());
    let own = |consent: &Consent| format!("{}/{}", consent.user, consent.client);
    compare!(consents, Consent::field, own, query => rows.consent_lists().list(&of, query), row => &row.consent);
}

async fn api_keys_are_listed_as_in_memory(world: World) {
    let tx = world.begin_platform().await;
    let mut keys = Vec::new();
    for (number, name) in ["b", "a", "ab", "B", "a"].into_iter().enumerate() {
        let number = number as u64;
        let key = AdminKey {
            id: AdminKeyId::generate(&*world.random, world.now()),
            digest: world.digest(),
            hint: "abcd".into(),
            display_name: name.into(),
            reach: AdminReach::Platform,
            created_at: minutes(&world, number % 2),
            expires_at: minutes(&world, 9 - number),
            source_ranges: Vec::new(),
        };
        tx.admin_keys().insert(&key).await.expect("inserts");
        keys.push(key);
    }
    tx.commit().await.expect("commits");
    let (platform, own) = (world.platform(), |key: &AdminKey| key.id.to_string());
    compare!(keys, AdminKey::field, own, query => platform.admin_keys().list(AdminReach::Platform, query), row => row);
}

async fn role_bindings_are_listed_as_in_memory(world: World) {
    let place = AdminReach::Tenant(world.tenant("acme").await.id);
    let tx = world.begin_platform().await;
    let mut bindings = Vec::new();
    for (number, member) in ["clients/b", "clients/a", "certificates/a.example", "clients/a"].into_iter().enumerate() {
        let number = number as u64;
        let binding = RoleBinding {
            id: RoleBindingId::generate(&*world.random, world.now()),
            place,
            role: BoundRole::BuiltIn(BuiltInRole::TenantReader),
            member: member.parse().expect("a principal"),
            created_at: minutes(&world, number % 2),
            expires_at: (number < 2).then(|| minutes(&world, number)),
        };
        tx.role_bindings().insert(&binding).await.expect("inserts");
        bindings.push(binding);
    }
    tx.commit().await.expect("commits");
    let (platform, own) = (world.platform(), |binding: &RoleBinding| binding.id.to_string());
    compare!(bindings, RoleBinding::field, own, query => platform.role_bindings().list(place, query), row => row);
}

async fn audit_events_are_listed_as_in_memory(world: World) {
    let home = world.home("acme").await;
    for number in 0..5 {
        let tx = world.begin(home.tenant.id).await;
        let action = if number % 2 == 0 { Action::Created } else { Action::Deleted };
        // Not in the order of the chain.
        let at = minutes(&world, 9 - number % 3);
        let event = AuditEvent::new(Some(home.tenant.id), at, Actor::System, action);
        let event = if number < 3 { event.about(Noun::Client, &home.client.uid) } else { event };
        tx.audit(event).await.expect("writes");
        tx.commit().await.expect("commits");
    }
    let platform = world.platform();
    let every = PageRequest { after: None, size: 100 };
    let events = platform.audits().list(Some(home.tenant.id), (None, None), every.into()).await.expect("reads").rows;
    assert!(events.len() >= 5, "{events:?}");
    let value = |event: &SealedEvent, field: AuditEventField| {
        let record = Record::parse(&event.text).expect("a record");
        match field {
            AuditEventField::EventTime => record.time().map(Value::Time),
            AuditEventField::Actor => Some(Value::Text(record.actor.id)),
            AuditEventField::Action => Some(Value::Text(record.action)),
            AuditEventField::Object => record.object.map(|object| Value::Text(object.id)),
        }
    };
    let own = |event: &SealedEvent| format!("{:03}", event.position);
    let tenant = Some(home.tenant.id);
    compare!(events, value, own, query => platform.audits().list(tenant, (None, None), query), row => row);
}
