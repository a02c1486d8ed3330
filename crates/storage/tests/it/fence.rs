//! Whoever holds one tenant's rows sees nothing of another's, even where the ids are the same.

use chancery_domain::{
    consent::Consent,
    id::{KeyId, SessionId},
    key::{Key, Origin, PublicKey, SealedPrivateKey},
    key_policy::KeyPolicy,
    ports::store::SealedKek,
    profile::Profile,
    scope::Scope,
    secret::SealedSecret,
    token_id::{TokenId, TokenOrigin},
    version::Version,
    vocabulary::Algorithm,
};
use chancery_testkit::builders;

use crate::{
    rewrap::know,
    world::{DAY, World},
};

super::conformance! {
    a_reader_sees_nothing_of_another_tenant,
    a_transaction_touches_nothing_of_another_tenant,
    the_same_names_live_in_two_tenants,
}

async fn a_reader_sees_nothing_of_another_tenant(world: World) {
    let (here, there) = (world.home("here").await, world.tenant("there").await);
    let session = world.session(here.user.id);
    let grant = world.grant(&here, session.id, "openid");
    let (code, family) = (world.code(&here), world.family(&grant));
    let token = world.token(&family);
    let denied = TokenId::generate(TokenOrigin::Client(here.client.uid), &*world.random);
    let scope = scope(&world);
    let key = key(&world);
    let consent = Consent {
        user: here.user.id,
        client: here.client.uid,
        scopes: here.client.scopes.clone(),
        granted_at: world.now(),
    };
    know(&world, "main").await;
    let tx = world.begin(here.tenant.id).await;
    tx.sessions().insert(&session).await.expect("inserts");
    tx.grants().insert(&grant).await.expect("inserts");
    tx.codes().insert(&code).await.expect("inserts");
    tx.refresh().begin_family(&family, &token).await.expect("begins");
    tx.grants().deny(&denied, world.now() + DAY).await.expect("denies");
    tx.scopes().insert(&scope).await.expect("inserts");
    tx.keys().insert(&key).await.expect("inserts");
    tx.keys().put_policy(&KeyPolicy::of(Profile::Oauth21), world.now()).await.expect("puts");
    let kek = SealedKek { master_key: "main".parse().expect("an id"), sealed: vec![1] };
    tx.keys().insert_kek(&kek).await.expect("inserts");
    tx.consents().put(&consent).await.expect("puts");
    tx.commit().await.expect("commits");

    for (tenant, sees) in [(here.tenant.id, true), (there.id, false)] {
        let rows = world.read(tenant);
        assert_eq!(rows.clients().find(&here.client.id).await.expect("reads").is_some(), sees);
        assert_eq!(rows.clients().find_by_uid(here.client.uid).await.expect("reads").is_some(), sees);
        assert_eq!(rows.users().find(here.user.id).await.expect("reads").is_some(), sees);
        let login = "ada@example.com".parse().expect("a login");
        assert_eq!(rows.users().find_by_login(&login).await.expect("reads").is_some(), sees);
        assert_eq!(rows.sessions().find(&session.digest).await.expect("reads").is_some(), sees);
        assert_eq!(rows.sessions().find_by_id(session.id).await.expect("reads").is_some(), sees);
        assert_eq!(rows.grants().standing(grant.id).await.expect("reads").is_some(), sees);
        assert_eq!(rows.grants().is_denied(&denied).await.expect("reads"), sees);
        assert_eq!(rows.codes().find(&code.digest).await.expect("reads").is_some(), sees);
        assert_eq!(rows.refresh().standing(&token.digest).await.expect("reads").is_some(), sees);
        assert_eq!(rows.scopes().find(&scope.slug).await.expect("reads").is_some(), sees);
        assert_eq!(rows.scopes().all().await.expect("reads").len(), usize::from(sees));
        assert_eq!(rows.keys().find(&key.id).await.expect("reads").is_some(), sees);
        assert_eq!(rows.keys().all().await.expect("reads").len(), usize::from(sees));
        assert_eq!(rows.keys().policy().await.is_ok(), sees);
        assert_eq!(rows.keys().kek().await.is_ok(), sees);
        let consent = rows.consents().find(here.user.id, here.client.uid).await.expect("reads");
        assert_eq!(consent.is_some(), sees);
    }
}

async fn a_transaction_touches_nothing_of_another_tenant(world: World) {
    let (here, there) = (world.home("here").await, world.tenant("there").await);
    let session = world.session(here.user.id);
    let (grant, _, token) = world.family_of(&here).await;
    let code = world.code(&here);
    let (mut sealed, _) = builders::confidential_client("legacy", &*world.random, world.now());
    sealed.secrets[0].sealed = Some(SealedSecret(vec![1]));
    let tx = world.begin(here.tenant.id).await;
    tx.clients().insert(&sealed).await.expect("inserts");
    tx.sessions().insert(&session).await.expect("inserts");
    tx.codes().insert(&code).await.expect("inserts");
    tx.commit().await.expect("commits");

    let tx = world.begin(there.id).await;
    let now = world.now();
    assert!(tx.clients().update(&here.client, now).await.is_err());
    assert!(tx.clients().delete(&here.client.id, Version::FIRST).await.is_err());
    tx.clients().forget_sealed_secrets(sealed.uid).await.expect("runs");
    assert!(tx.users().update(&here.user, now).await.is_err());
    assert!(tx.users().delete(here.user.id, Version::FIRST).await.is_err());
    assert!(!tx.sessions().end(session.id, now).await.expect("runs"));
    assert_eq!(tx.sessions().end_of_user(here.user.id, now).await.expect("runs"), []);
    assert!(!tx.codes().redeem(&code.digest, now).await.expect("runs"));
    let reason = chancery_domain::grant::RevocationReason::ByAdmin;
    assert!(!tx.grants().revoke(grant.id, reason, now).await.expect("runs"));
    assert_eq!(tx.grants().revoke_of_user(here.user.id, reason, now).await.expect("runs"), 0);
    assert_eq!(tx.grants().revoke_of_session(grant.session, None, now).await.expect("runs"), 0);
    let child = world.token(&world.family(&grant));
    assert!(!tx.refresh().spend(&token.digest, &world.spent_for(&child), &child).await.expect("runs"));
    tx.commit().await.expect("commits");

    // What hangs on a thing of another tenant cannot even be written.
    let tx = world.begin(there.id).await;
    assert!(tx.sessions().insert(&world.session(here.user.id)).await.is_err());
    drop(tx);
    let tx = world.begin(there.id).await;
    assert!(tx.codes().insert(&world.code(&here)).await.is_err());
    drop(tx);

    let rows = world.read(here.tenant.id);
    let sealed = rows.clients().find_by_uid(sealed.uid).await.expect("reads").expect("there");
    assert!(sealed.has_sealed_secrets_alone());
    assert!(rows.codes().find(&code.digest).await.expect("reads").expect("there").redeemed_at.is_none());
    assert!(rows.sessions().find(&session.digest).await.expect("reads").expect("there").ended_at.is_none());
    assert!(rows.refresh().standing(&token.digest).await.expect("reads").expect("there").token.spent.is_none());
    assert!(rows.grants().standing(grant.id).await.expect("reads").expect("there").is_good(now));
}

async fn the_same_names_live_in_two_tenants(world: World) {
    let (here, there) = (world.home("here").await, world.home("there").await);
    let tx = world.begin(there.tenant.id).await;
    tx.users().delete(there.user.id, Version::FIRST).await.expect("deletes");
    tx.clients().delete(&there.client.id, Version::FIRST).await.expect("deletes");
    tx.commit().await.expect("commits");
    let rows = world.read(here.tenant.id);
    assert!(rows.clients().find(&here.client.id).await.expect("reads").is_some());
    assert!(rows.users().find(here.user.id).await.expect("reads").is_some());
    let gone = world.read(there.tenant.id);
    assert!(gone.clients().find(&here.client.id).await.expect("reads").is_none());
    assert!(
        gone.sessions().find_by_id(SessionId::generate(&*world.random, world.now())).await.expect("reads").is_none()
    );
}

pub(crate) fn scope(world: &World) -> Scope {
    Scope {
        slug: "read-books".parse().expect("a slug"),
        value: "books:read".parse().expect("a scope"),
        description: "Read your books".into(),
        claims: vec!["shelf".into()],
        version: Version::FIRST,
        created_at: world.now(),
        updated_at: world.now(),
    }
}

fn key(world: &World) -> Key {
    let id = KeyId::generate(&*world.random);
    let public = PublicKey { id, algorithm: Algorithm::Es256, jwk: "{}".into(), thumbprint: None, seal: vec![1] };
    Key::generated(public, Some(SealedPrivateKey(vec![2])), Origin::Made, world.now())
}
