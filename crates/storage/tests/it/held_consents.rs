//! What is given by a consent comes before its withdrawal, and is taken back with it, or is not given at all.

use chancery_domain::{
    code::Code, consent::Consent, id::TenantId, ports::grants::GrantSelection, ports::store::Store, scope::ScopeSet,
    time::Timestamp,
};
use chancery_storage::Storage;

use crate::world::{Home, World};

super::conformance! {
    a_consent_is_held_as_it_stands,
    t098_what_is_given_before_a_consent_is_withdrawn_is_taken_back_with_it,
    t098_nothing_is_given_by_a_consent_whose_withdrawal_was_first,
}

/// The user allows the client something.
async fn allow(world: &World, home: &Home) -> Consent {
    let scopes = ScopeSet::parse("openid").expect("scopes");
    let consent = Consent { user: home.user.id, client: home.client.uid, scopes, granted_at: world.now() };
    let tx = world.begin(home.tenant.id).await;
    tx.consents().put(&consent).await.expect("puts");
    tx.commit().await.expect("commits");
    consent
}

/// Gives that code, if what allows it still stands.
async fn give(storage: Storage, tenant: TenantId, code: Code) -> bool {
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    tx.codes().insert(&code).await.expect("inserts");
    let stands = tx.consents().hold(code.user, code.client).await.expect("holds").is_some();
    if stands {
        tx.commit().await.expect("commits");
    }
    stands
}

/// Takes back what a user allowed a client, and all that could become of it.
async fn withdraw(storage: Storage, tenant: TenantId, consent: Consent, now: Timestamp) {
    let of = GrantSelection { user: Some(consent.user), client: Some(consent.client), session: None };
    let tx = Store::begin(&storage, tenant).await.expect("begins");
    assert!(tx.consent_withdrawals().withdraw(consent.user, consent.client).await.expect("withdraws"));
    tx.grant_revocations().forget_codes(&of, now).await.expect("forgets");
    tx.commit().await.expect("commits");
}

async fn a_consent_is_held_as_it_stands(world: World) {
    let (home, other) = (world.home("acme").await, world.home("globex").await);
    let consent = allow(&world, &home).await;
    for (tenant, held) in [(home.tenant.id, Some(consent.clone())), (other.tenant.id, None)] {
        let tx = world.begin(tenant).await;
        assert_eq!(tx.consents().hold(consent.user, consent.client).await.expect("holds"), held);
    }
}

async fn t098_what_is_given_before_a_consent_is_withdrawn_is_taken_back_with_it(world: World) {
    let home = world.home("acme").await;
    let consent = allow(&world, &home).await;
    let code = world.code(&home);
    let tx = world.begin(home.tenant.id).await;
    tx.codes().insert(&code).await.expect("inserts");
    tx.consents().hold(consent.user, consent.client).await.expect("holds").expect("there");
    let withdrawn = tokio::spawn(withdraw(world.storage.clone(), home.tenant.id, consent, world.now()));
    world.stuck(&withdrawn).await;
    tx.commit().await.expect("commits");
    withdrawn.await.expect("no panic");
    assert!(world.read(home.tenant.id).codes().find(&code.digest).await.expect("reads").is_none());
}

async fn t098_nothing_is_given_by_a_consent_whose_withdrawal_was_first(world: World) {
    let home = world.home("acme").await;
    let consent = allow(&world, &home).await;
    let code = world.code(&home);
    let tx = world.begin(home.tenant.id).await;
    assert!(tx.consent_withdrawals().withdraw(consent.user, consent.client).await.expect("withdraws"));
    let given = tokio::spawn(give(world.storage.clone(), home.tenant.id, code.clone()));
    world.stuck(&given).await;
    tx.commit().await.expect("commits");
    assert!(!given.await.expect("no panic"));
    assert!(world.read(home.tenant.id).codes().find(&code.digest).await.expect("reads").is_none());
}
