//! What operators ask of sessions, grants and consents; password links; and when secrets were used.

use std::time::Duration;

use chancery_domain::{
    client::SecretUse,
    consent::Consent,
    grant::{Grant, GrantState, RevocationReason},
    id::{SessionId, UserId},
    page::{Page, PageRequest},
    password_link::PasswordLink,
    ports::{consents::ConsentSelection, grants::GrantSelection, store::Store},
    scope::ScopeSet,
    token_id::{TokenId, TokenOrigin},
    version::Version,
};
use chancery_testkit::builders;

use crate::world::{DAY, HOUR, Home, World};

super::conformance! {
    sessions_are_walked_with_the_clients_that_they_gave_to,
    grants_are_selected_and_walked,
    many_grants_are_taken_back_a_few_at_a_time,
    consents_are_walked_and_withdrawn,
    one_token_of_a_grant_is_denied_alone,
    a_link_is_replaced_and_used_once,
    two_who_use_one_link_have_one_winner,
    a_secrets_last_use_is_written_and_moves_nothing_else,
}

const ALL: GrantSelection = GrantSelection { user: None, client: None, session: None };

async fn insert(world: &World, home: &Home, grant: &Grant) {
    let tx = world.begin(home.tenant.id).await;
    tx.grants().insert(grant).await.expect("inserts");
    tx.commit().await.expect("commits");
}

async fn sessions_are_walked_with_the_clients_that_they_gave_to(world: World) {
    let (home, other) = (world.home("acme").await, world.home("bolt").await);
    let bob = builders::user("bob", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.users().insert(&bob).await.expect("inserts");
    let mut expected = Vec::new();
    for number in 0..5 {
        let session = world.session(if number < 3 { home.user.id } else { bob.id });
        expected.push((session.id, session.user));
        tx.sessions().insert(&session).await.expect("inserts");
    }
    tx.commit().await.expect("commits");
    expected.sort();
    insert(&world, &home, &world.grant(&home, expected[0].0, "openid")).await;
    insert(&world, &home, &world.grant(&home, expected[0].0, "openid")).await;
    let tx = world.begin(other.tenant.id).await;
    tx.sessions().insert(&world.session(other.user.id)).await.expect("inserts");
    tx.commit().await.expect("commits");

    let rows = world.read(home.tenant.id);
    for (user, expected) in [(None, expected.clone()), (Some(bob.id), of(&expected, bob.id))] {
        let mut walked = Vec::new();
        let mut page = PageRequest { after: None, size: 2 };
        loop {
            let Page { rows: found, next } = rows.session_lists().list(user, page.clone().into()).await.expect("reads");
            walked.extend(found.into_iter().map(|listed| (listed.session.id, listed.session.user)));
            page.after = next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(walked, expected);
    }
    let first = rows.session_lists().find(expected[0].0).await.expect("reads").expect("there");
    assert_eq!(first.clients, std::slice::from_ref(&home.client.id));
    assert!(world.read(other.tenant.id).session_lists().find(expected[0].0).await.expect("reads").is_none());
}

fn of(sessions: &[(SessionId, UserId)], user: UserId) -> Vec<(SessionId, UserId)> {
    sessions.iter().copied().filter(|(_, own)| *own == user).collect()
}

async fn grants_are_selected_and_walked(world: World) {
    let (home, other) = (world.home("acme").await, world.home("bolt").await);
    let sessions = [(); 2].map(|()| SessionId::generate(&*world.random, world.now()));
    let mut ids = Vec::new();
    for number in 0..6 {
        let mut grant = world.grant(&home, sessions[number % 2], "openid");
        if number == 0 {
            grant.expires_at = world.now();
        }
        ids.push(grant.id);
        insert(&world, &home, &grant).await;
    }
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.grants().revoke(ids[1], RevocationReason::ByAdmin, world.now()).await.expect("revokes"));
    tx.commit().await.expect("commits");

    let (rows, now) = (world.read(home.tenant.id), world.now());
    let count = async |of: GrantSelection, state| {
        let (mut page, mut count) = (PageRequest { after: None, size: 2 }, 0);
        loop {
            let found = rows.grant_lists().list(&of, state, now, page.clone().into()).await.expect("reads");
            assert!(found.rows.iter().all(|listed| listed.client == home.client.id));
            count += found.rows.len();
            page.after = found.next;
            if page.after.is_none() {
                return count;
            }
        }
    };
    assert_eq!(count(ALL, None).await, 6);
    let states = [GrantState::Live, GrantState::Revoked, GrantState::Expired];
    assert_eq!([count(ALL, Some(states[0])).await, count(ALL, Some(states[1])).await], [4, 1]);
    assert_eq!(count(ALL, Some(states[2])).await, 1);
    assert_eq!(count(GrantSelection { session: Some(sessions[1]), ..ALL }, None).await, 3);
    assert_eq!(count(GrantSelection { user: Some(home.user.id), client: Some(home.client.uid), ..ALL }, None).await, 6);
    assert_eq!(count(GrantSelection { user: Some(other.user.id), ..ALL }, None).await, 0);
    assert_eq!(rows.grant_lists().count_live(&ALL, now).await.expect("counts"), 4);
    assert!(rows.grant_lists().find(ids[1]).await.expect("reads").expect("there").grant.revoked.is_some());
    assert!(world.read(other.tenant.id).grant_lists().find(ids[1]).await.expect("reads").is_none());
}

async fn many_grants_are_taken_back_a_few_at_a_time(world: World) {
    let (home, other) = (world.home("acme").await, world.home("bolt").await);
    let session = SessionId::generate(&*world.random, world.now());
    let mut ids = Vec::new();
    for _ in 0..5 {
        let grant = world.grant(&home, session, "openid");
        ids.push(grant.id);
        insert(&world, &home, &grant).await;
    }
    insert(&world, &other, &world.grant(&other, session, "openid")).await;
    let (mine, theirs) = (world.code(&home), world.code(&other));
    for (home, code) in [(&home, &mine), (&other, &theirs)] {
        let tx = world.begin(home.tenant.id).await;
        tx.codes().insert(code).await.expect("inserts");
        tx.commit().await.expect("commits");
    }
    // What this process remembers of a grant must go as well.
    let rows = world.read(home.tenant.id);
    assert!(rows.grants().standing(ids[0]).await.expect("reads").expect("there").is_good(world.now()));

    let of = GrantSelection { user: Some(home.user.id), ..ALL };
    for expected in [2, 2, 1, 0] {
        let tx = world.begin(home.tenant.id).await;
        tx.grant_revocations().forget_codes(&of, world.now()).await.expect("forgets");
        let revoked = tx.grant_revocations().revoke_some(&of, RevocationReason::ByAdmin, world.now(), 2).await;
        assert_eq!(revoked.expect("revokes"), expected);
        tx.commit().await.expect("commits");
    }
    for id in ids {
        assert!(!rows.grants().standing(id).await.expect("reads").expect("there").is_good(world.now()));
    }
    assert!(rows.codes().find(&mine.digest).await.expect("reads").is_none());
    let rows = world.read(other.tenant.id);
    assert_eq!(rows.grant_lists().count_live(&ALL, world.now()).await.expect("counts"), 1);
    assert!(rows.codes().find(&theirs.digest).await.expect("reads").is_some());
}

async fn consents_are_walked_and_withdrawn(world: World) {
    let home = world.home("acme").await;
    let web = builders::public_client("web", &*world.random, world.now());
    let bob = builders::user("bob", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&web).await.expect("inserts");
    tx.users().insert(&bob).await.expect("inserts");
    for user in [home.user.id, bob.id] {
        for client in [home.client.uid, web.uid] {
            let scopes = ScopeSet::parse("openid").expect("scopes");
            let consent = Consent { user, client, scopes, granted_at: world.now() };
            tx.consents().put(&consent).await.expect("puts");
        }
    }
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    let walk = async |of: ConsentSelection| {
        let (mut page, mut walked) = (PageRequest { after: None, size: 1 }, Vec::new());
        loop {
            let found = rows.consent_lists().list(&of, page.clone().into()).await.expect("reads");
            walked.extend(found.rows.into_iter().map(|listed| (listed.consent.user, listed.consent.client)));
            page.after = found.next;
            if page.after.is_none() {
                return walked;
            }
        }
    };
    let all = walk(ConsentSelection::default()).await;
    assert!(all.len() == 4 && all.is_sorted(), "{all:?}");
    let of_bob = walk(ConsentSelection { user: Some(bob.id), client: None }).await;
    assert_eq!(of_bob, all.iter().copied().filter(|(user, _)| *user == bob.id).collect::<Vec<_>>());
    let to_web = walk(ConsentSelection { user: None, client: Some(web.uid) }).await;
    assert_eq!(to_web, all.iter().copied().filter(|(_, client)| *client == web.uid).collect::<Vec<_>>());

    let tx = world.begin(home.tenant.id).await;
    assert!(tx.consent_withdrawals().withdraw(bob.id, web.uid).await.expect("withdraws"));
    assert!(!tx.consent_withdrawals().withdraw(bob.id, web.uid).await.expect("withdraws"));
    tx.commit().await.expect("commits");
    assert!(rows.consents().find(bob.id, web.uid).await.expect("reads").is_none());
    assert_eq!(walk(ConsentSelection::default()).await.len(), 3);
}

async fn one_token_of_a_grant_is_denied_alone(world: World) {
    let home = world.home("acme").await;
    let grant = world.grant(&home, SessionId::generate(&*world.random, world.now()), "openid");
    insert(&world, &home, &grant).await;
    let [bad, good] = [(); 2].map(|()| TokenId::generate(TokenOrigin::Grant(grant.id), &*world.random));
    let rows = world.read(home.tenant.id);
    assert!(rows.grants().standing_for(grant.id, &bad).await.expect("reads").is_some());
    let tx = world.begin(home.tenant.id).await;
    tx.grants().deny(&bad, world.now() + HOUR).await.expect("denies");
    tx.commit().await.expect("commits");
    assert!(rows.grants().standing_for(grant.id, &bad).await.expect("reads").is_none());
    assert!(rows.grants().standing_for(grant.id, &good).await.expect("reads").is_some());
}

fn link(world: &World, home: &Home) -> PasswordLink {
    let (digest, created_at) = (world.digest(), world.now());
    PasswordLink { user: home.user.id, digest, created_at, expires_at: created_at + DAY }
}

async fn put(world: &World, home: &Home, link: &PasswordLink) {
    let tx = world.begin(home.tenant.id).await;
    tx.password_links().put(link).await.expect("puts");
    tx.commit().await.expect("commits");
}

async fn a_link_is_replaced_and_used_once(world: World) {
    let (home, other) = (world.home("acme").await, world.home("bolt").await);
    let (first, second) = (link(&world, &home), link(&world, &home));
    put(&world, &home, &first).await;
    put(&world, &home, &second).await;
    let rows = world.read(home.tenant.id);
    assert_eq!(rows.password_links().find(&first.digest).await.expect("reads"), None, "the newer one took its place");
    assert_eq!(rows.password_links().find(&second.digest).await.expect("reads"), Some(second.clone()));
    assert_eq!(world.read(other.tenant.id).password_links().find(&second.digest).await.expect("reads"), None);

    let tx = world.begin(other.tenant.id).await;
    assert!(!tx.password_links().redeem(&second.digest, world.now()).await.expect("runs"), "of another tenant");
    drop(tx);
    let tx = world.begin(home.tenant.id).await;
    assert!(!tx.password_links().redeem(&second.digest, world.now() + DAY).await.expect("runs"), "too old");
    assert!(tx.password_links().redeem(&second.digest, world.now()).await.expect("runs"));
    assert!(!tx.password_links().redeem(&second.digest, world.now()).await.expect("runs"), "used");
    tx.commit().await.expect("commits");

    put(&world, &home, &first).await;
    let tx = world.begin(home.tenant.id).await;
    tx.password_links().withdraw(home.user.id).await.expect("withdraws");
    tx.commit().await.expect("commits");
    assert_eq!(rows.password_links().find(&first.digest).await.expect("reads"), None);

    put(&world, &home, &first).await;
    let tx = world.begin(home.tenant.id).await;
    tx.users().delete(home.user.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(world.number("SELECT COUNT(*) FROM password_links").await, 0);
}

async fn two_who_use_one_link_have_one_winner(world: World) {
    let home = world.home("acme").await;
    let link = link(&world, &home);
    put(&world, &home, &link).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (storage, tenant, digest, now) = (world.storage.clone(), home.tenant.id, link.digest, world.now());
        tries.spawn(async move {
            let tx = Store::begin(&storage, tenant).await.expect("begins");
            let won = tx.password_links().redeem(&digest, now).await.expect("runs");
            tx.commit().await.expect("commits");
            won
        });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

async fn a_secrets_last_use_is_written_and_moves_nothing_else(world: World) {
    let home = world.home("acme").await;
    let (client, _) = builders::confidential_client("web", &*world.random, world.now());
    let tx = world.begin(home.tenant.id).await;
    tx.clients().insert(&client).await.expect("inserts");
    tx.commit().await.expect("commits");
    let latest = world.platform().latest_change().await.expect("reads");
    // While transactions run elsewhere in the cluster, what was made just now lies beyond the latest settled place.
    let before = world.platform().committed_changes_after(latest, 100).await.expect("reads").len();
    let (tenant, secret) = (home.tenant.id, client.secrets[0].id);
    let used = |at| SecretUse { tenant, client: client.uid, secret, at };
    let later = world.now() + Duration::from_secs(30);
    // One use comes late, by another replica.
    for at in [later, world.now()] {
        let tx = world.begin(tenant).await;
        tx.secret_uses().note(&[used(at)]).await.expect("notes");
        tx.commit().await.expect("commits");
    }
    let stored = world.read(tenant).clients().find_by_uid(client.uid).await.expect("reads").expect("there");
    assert_eq!((stored.secrets[0].last_used_at, stored.version), (Some(later), client.version));
    let changes = world.platform().committed_changes_after(latest, 100).await.expect("reads");
    assert_eq!(changes.len(), before, "{changes:?}");

    // What requests report is gathered, and written when the store closes at the latest.
    let last = later + HOUR;
    world.storage.secret_used(used(last));
    let World { storage, url, clock, .. } = &world;
    storage.clone().close().await.expect("closes");
    let again = crate::world::open(url, clock).await;
    let stored = Store::read(&again, tenant).clients().find_by_uid(client.uid).await.expect("reads").expect("there");
    assert_eq!(stored.secrets[0].last_used_at, Some(last));
}
