//! Grants, sessions and single tokens are taken back.

use chancery_domain::{
    consent::Consent,
    grant::RevocationReason,
    ports::store::Store,
    scope::ScopeSet,
    token_id::{TokenId, TokenOrigin},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::world::{DAY, HOUR, Home, World, open};

super::conformance! {
    a_standing_tells_of_grant_and_user,
    a_session_takes_its_grants_with_it_but_for_offline_ones,
    a_grant_is_revoked_once,
    a_grant_is_prolonged_while_it_is_good,
    a_denied_token_is_denied,
    a_token_without_a_grant_holds_while_its_client_and_its_tenant_do,
    who_was_told_of_a_revocation_never_sees_the_grant_good_again,
    a_deleted_user_or_client_has_no_grants_that_stand,
    a_session_is_touched_and_ended,
    a_consent_takes_the_place_of_the_one_before,
}

async fn a_standing_tells_of_grant_and_user(world: World) {
    let home = world.home("acme").await;
    let (grant, ..) = world.family_of(&home).await;
    let rows = world.read(home.tenant.id);
    let standing = rows.grants().standing(grant.id).await.expect("reads").expect("there");
    assert!(standing.is_good(world.now()));
    assert_eq!(format!("{:?}", standing.grant), format!("{grant:?}"));
    let tx = world.begin(home.tenant.id).await;
    tx.users().update(&home.user.clone().disable().expect("disables"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert!(!rows.grants().standing(grant.id).await.expect("reads").expect("there").user_enabled);

    let tx = world.begin(home.tenant.id).await;
    tx.clients().update(&home.client.clone().disable().expect("disables"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert!(!rows.grants().standing(grant.id).await.expect("reads").expect("there").client_enabled);
}

async fn a_grant_is_prolonged_while_it_is_good(world: World) {
    let home = world.home("acme").await;
    let (mut grant, ..) = world.family_of(&home).await;
    let rows = world.read(home.tenant.id);
    rows.grants().standing(grant.id).await.expect("reads").expect("there");
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.grants().prolong(grant.id, world.now() + 2 * DAY).await.expect("prolongs"));
    tx.commit().await.expect("commits");
    grant.expires_at = world.now() + 2 * DAY;
    let standing = rows.grants().standing(grant.id).await.expect("reads").expect("there");
    assert_eq!(format!("{:?}", standing.grant), format!("{grant:?}"));

    let tx = world.begin(home.tenant.id).await;
    assert!(tx.grants().revoke(grant.id, RevocationReason::ByAdmin, world.now()).await.expect("revokes"));
    assert!(!tx.grants().prolong(grant.id, world.now() + 3 * DAY).await.expect("runs"));
    let unknown = world.grant(&home, grant.session, "openid");
    assert!(!tx.grants().prolong(unknown.id, world.now() + 3 * DAY).await.expect("runs"));
}

async fn a_session_takes_its_grants_with_it_but_for_offline_ones(world: World) {
    let home = world.home("acme").await;
    let session = world.session(home.user.id);
    let (online, mut offline) =
        (world.grant(&home, session.id, "openid"), world.grant(&home, session.id, "openid offline_access"));
    offline.resources = ["urn:b".parse().expect("a URI")].into_iter().collect();
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&session).await.expect("inserts");
    tx.grants().insert(&online).await.expect("inserts");
    tx.grants().insert(&offline).await.expect("inserts");
    assert!(tx.sessions().end(session.id, world.now()).await.expect("ends"));
    assert_eq!(tx.grants().revoke_of_session(session.id, None, world.now()).await.expect("revokes"), 1);
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    let revoked = rows.grants().standing(online.id).await.expect("reads").expect("there").grant.revoked;
    assert_eq!(revoked, Some((world.now(), RevocationReason::SignedOut)));
    let standing = rows.grants().standing(offline.id).await.expect("reads").expect("there");
    assert!(standing.is_good(world.now()));
    assert_eq!(standing.grant.resources, offline.resources);

    let tx = world.begin(home.tenant.id).await;
    let revoked = tx.grants().revoke_of_user(home.user.id, RevocationReason::ByAdmin, world.now());
    assert_eq!(revoked.await.expect("revokes"), 1);
    tx.commit().await.expect("commits");
    assert!(!rows.grants().standing(offline.id).await.expect("reads").expect("there").is_good(world.now()));
}

async fn a_grant_is_revoked_once(world: World) {
    let home = world.home("acme").await;
    let (grant, ..) = world.family_of(&home).await;
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.grants().revoke(grant.id, RevocationReason::RefreshReplayed, world.now()).await.expect("revokes"));
    assert!(!tx.grants().revoke(grant.id, RevocationReason::ByClient, world.now()).await.expect("runs"));
    tx.commit().await.expect("commits");
    let standing = world.read(home.tenant.id).grants().standing(grant.id).await.expect("reads").expect("there");
    assert_eq!(standing.grant.revoked.map(|(_, reason)| reason), Some(RevocationReason::RefreshReplayed));
}

/// Others read the grant all the time, so that what they know has every chance to be old.
async fn who_was_told_of_a_revocation_never_sees_the_grant_good_again(world: World) {
    let home = world.home("acme").await;
    for _ in 0..20 {
        let (grant, ..) = world.family_of(&home).await;
        let stop = CancellationToken::new();
        let mut readers = JoinSet::new();
        for _ in 0..4 {
            let (storage, tenant, stop) = (world.storage.clone(), home.tenant.id, stop.clone());
            readers.spawn(async move {
                while !stop.is_cancelled() {
                    let rows = Store::read(&storage, tenant);
                    rows.grants().standing(grant.id).await.expect("reads").expect("there");
                    tokio::task::yield_now().await;
                }
            });
        }
        tokio::task::yield_now().await;
        let tx = world.begin(home.tenant.id).await;
        assert!(tx.grants().revoke(grant.id, RevocationReason::ByClient, world.now()).await.expect("revokes"));
        tx.commit().await.expect("commits");
        for _ in 0..20 {
            let standing = world.read(home.tenant.id).grants().standing(grant.id).await.expect("reads");
            assert!(!standing.expect("there").is_good(world.now()));
            tokio::task::yield_now().await;
        }
        stop.cancel();
        readers.join_all().await;
    }
}

async fn a_deleted_user_or_client_has_no_grants_that_stand(world: World) {
    let home = world.home("acme").await;
    let stands = async |grant| world.read(home.tenant.id).grants().standing(grant).await.expect("reads").is_some();
    let (grant, ..) = world.family_of(&home).await;
    assert!(stands(grant.id).await);
    let tx = world.begin(home.tenant.id).await;
    tx.clients().delete(&home.client.id, home.client.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(!stands(grant.id).await);

    let home = world.home("other").await;
    let stands = async |grant| world.read(home.tenant.id).grants().standing(grant).await.expect("reads").is_some();
    let (grant, ..) = world.family_of(&home).await;
    assert!(stands(grant.id).await);
    let tx = world.begin(home.tenant.id).await;
    tx.users().delete(home.user.id, home.user.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert!(!stands(grant.id).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_token_is_denied_after_opening_again() {
    let world = World::sqlite().await;
    let home = world.home("acme").await;
    let token = TokenId::generate(TokenOrigin::Client(home.client.uid), &*world.random);
    let tx = world.begin(home.tenant.id).await;
    tx.grants().deny(&token, world.now() + HOUR).await.expect("denies");
    tx.commit().await.expect("commits");
    world.storage.clone().close().await.expect("closes");
    let storage = open(&world.url, &world.clock).await;
    assert!(Store::read(&storage, home.tenant.id).grants().is_denied(&token).await.expect("reads"));
}

async fn a_denied_token_is_denied(world: World) {
    let home = world.home("acme").await;
    let ours = TokenId::generate(TokenOrigin::Client(home.client.uid), &*world.random);
    let other = TokenId::generate(TokenOrigin::Client(home.client.uid), &*world.random);
    let tx = world.begin(home.tenant.id).await;
    tx.grants().deny(&ours, world.now() + HOUR).await.expect("denies");
    tx.grants().deny(&ours, world.now() + HOUR).await.expect("denies");
    tx.commit().await.expect("commits");
    let rows = world.read(home.tenant.id);
    assert!(rows.grants().is_denied(&ours).await.expect("reads"));
    assert!(!rows.grants().is_denied(&other).await.expect("reads"));
}

async fn a_token_without_a_grant_holds_while_its_client_and_its_tenant_do(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let of = |home: &Home| TokenId::generate(TokenOrigin::Client(home.client.uid), &*world.random);
    let (token, denied, elsewhere) = (of(&home), of(&home), of(&other));
    let rows = world.read(home.tenant.id);
    let holds = async |uid, token: &TokenId| rows.grants().holds_for(uid, token).await.expect("reads");
    let tx = world.begin(home.tenant.id).await;
    tx.grants().deny(&denied, world.now() + HOUR).await.expect("denies");
    tx.commit().await.expect("commits");
    assert!(holds(home.client.uid, &token).await);
    assert!(!holds(home.client.uid, &denied).await);
    assert!(!holds(other.client.uid, &elsewhere).await, "a client of another tenant");

    let tx = world.begin(home.tenant.id).await;
    tx.clients().update(&home.client.clone().disable().expect("disables"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    assert!(!holds(home.client.uid, &token).await);

    let tx = world.begin_platform().await;
    tx.tenants().update(&other.tenant.clone().suspend().expect("suspends"), world.now()).await.expect("updates");
    tx.commit().await.expect("commits");
    let rows = world.read(other.tenant.id);
    assert!(!rows.grants().holds_for(other.client.uid, &elsewhere).await.expect("reads"));
}

async fn a_session_is_touched_and_ended(world: World) {
    let home = world.home("acme").await;
    let (session, second) = (world.session(home.user.id), world.session(home.user.id));
    let later = world.now() + HOUR;
    let tx = world.begin(home.tenant.id).await;
    tx.sessions().insert(&session).await.expect("inserts");
    tx.sessions().insert(&second).await.expect("inserts");
    tx.sessions().touch(session.id, later).await.expect("touches");
    assert!(tx.sessions().end(session.id, later).await.expect("ends"));
    assert!(!tx.sessions().end(session.id, later).await.expect("runs"));
    assert_eq!(tx.sessions().end_of_user(home.user.id, later).await.expect("ends").len(), 1);
    tx.commit().await.expect("commits");
    let read = world.read(home.tenant.id).sessions().find(&session.digest).await.expect("reads").expect("there");
    assert_eq!((read.last_seen_at, read.ended_at, read.user), (later, Some(later), home.user.id));
    assert_eq!((read.amr, read.expires_at), (session.amr, world.now() + DAY));
}

async fn a_consent_takes_the_place_of_the_one_before(world: World) {
    let home = world.home("acme").await;
    let consent = |scopes: &str| Consent {
        user: home.user.id,
        client: home.client.uid,
        scopes: ScopeSet::parse(scopes).expect("scopes"),
        granted_at: world.now(),
    };
    let tx = world.begin(home.tenant.id).await;
    tx.consents().put(&consent("openid")).await.expect("puts");
    tx.consents().put(&consent("openid email")).await.expect("puts");
    tx.commit().await.expect("commits");
    let read = world.read(home.tenant.id).consents().find(home.user.id, home.client.uid).await.expect("reads");
    assert_eq!(read, Some(consent("openid email")));
}
