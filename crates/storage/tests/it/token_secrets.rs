//! Token secrets: two at most, one of them active, and nothing of another tenant's.

use chancery_domain::{
    change::Noun,
    fault::WriteError,
    id::TokenSecretId,
    secret::SealedSecret,
    token_secret::{TokenSecret, TokenSecretState},
};

use crate::world::{World, said};

super::conformance! {
    a_token_secret_is_read_back_in_each_state,
    a_tenant_has_two_at_most_and_one_of_them_active,
    of_two_that_would_be_second_one_is_refused,
    a_write_that_comes_too_late_changes_nothing,
    nothing_of_another_tenant_is_seen_or_touched,
    each_write_is_in_the_feed,
    a_state_that_makes_no_sense_names_its_column,
}

fn secret(world: &World, beside: &[TokenSecret]) -> TokenSecret {
    let id = TokenSecretId::generate(&*world.random, world.now());
    TokenSecret::new(id, SealedSecret(vec![1, 2, 3]), "abcd".into(), beside, world.now())
}

async fn insert(world: &World, tenant: chancery_domain::id::TenantId, secret: &TokenSecret) -> Result<(), WriteError> {
    let tx = world.begin(tenant).await;
    tx.token_secrets().insert(secret).await?;
    tx.commit().await.expect("commits");
    Ok(())
}

async fn a_token_secret_is_read_back_in_each_state(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = secret(&world, &[]);
    insert(&world, tenant, &first).await.expect("inserts");
    world.clock.advance(std::time::Duration::from_secs(1));
    let second = secret(&world, std::slice::from_ref(&first));
    insert(&world, tenant, &second).await.expect("inserts");
    let all = world.read(tenant).token_secrets().all().await.expect("reads");
    assert_eq!(all, [first.clone(), second.clone()]);
    assert_eq!(second.state(), TokenSecretState::Waiting);

    let now = world.now();
    let (retired, active) =
        (first.clone().retire(now).expect("retires"), second.clone().activate(now).expect("activates"));
    let tx = world.begin(tenant).await;
    let versions = [
        tx.token_secrets().update(&retired).await.expect("updates"),
        tx.token_secrets().update(&active).await.expect("updates"),
    ];
    tx.commit().await.expect("commits");
    let (retired, active) =
        (first.stored_as(retired.state(), versions[0]), second.stored_as(active.state(), versions[1]));
    let all = world.read(tenant).token_secrets().all().await.expect("reads");
    assert_eq!(all, [retired.clone(), active.clone()]);

    let tx = world.begin(tenant).await;
    tx.token_secrets().delete(retired.id, retired.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    assert_eq!(world.read(tenant).token_secrets().all().await.expect("reads"), std::slice::from_ref(&active));
    insert(&world, tenant, &secret(&world, &[active])).await.expect("the place is free again");
}

async fn a_tenant_has_two_at_most_and_one_of_them_active(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = secret(&world, &[]);
    insert(&world, tenant, &first).await.expect("inserts");
    let another_active = secret(&world, &[]);
    assert!(matches!(insert(&world, tenant, &another_active).await, Err(WriteError::Stale)));
    let second = secret(&world, std::slice::from_ref(&first));
    insert(&world, tenant, &second).await.expect("inserts");
    let third = secret(&world, std::slice::from_ref(&first));
    assert!(matches!(insert(&world, tenant, &third).await, Err(WriteError::Stale)));

    // The active one has to step down first.
    let tx = world.begin(tenant).await;
    assert!(tx.token_secrets().update(&second.activate(world.now()).expect("activates")).await.is_err());
    drop(tx);
    assert_eq!(world.number("SELECT COUNT(*) FROM token_secrets").await, 2);
}

async fn of_two_that_would_be_second_one_is_refused(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = secret(&world, &[]);
    insert(&world, tenant, &first).await.expect("inserts");
    let seconds = [secret(&world, std::slice::from_ref(&first)), secret(&world, std::slice::from_ref(&first))];
    let (one, other) = tokio::join!(insert(&world, tenant, &seconds[0]), insert(&world, tenant, &seconds[1]));
    assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|done| **done).count(), 1);
    assert_eq!(world.number("SELECT COUNT(*) FROM token_secrets").await, 2);
}

async fn a_write_that_comes_too_late_changes_nothing(world: World) {
    let tenant = world.tenant("acme").await.id;
    let first = secret(&world, &[]);
    insert(&world, tenant, &first).await.expect("inserts");
    let retired = first.clone().retire(world.now()).expect("retires");
    let tx = world.begin(tenant).await;
    tx.token_secrets().update(&retired).await.expect("updates");
    tx.commit().await.expect("commits");
    let tx = world.begin(tenant).await;
    assert!(matches!(tx.token_secrets().update(&retired).await, Err(WriteError::Stale)));
    assert!(matches!(tx.token_secrets().delete(first.id, first.version).await, Err(WriteError::Stale)));
    drop(tx);
    assert_eq!(world.read(tenant).token_secrets().all().await.expect("reads")[0].state(), retired.state());
}

async fn nothing_of_another_tenant_is_seen_or_touched(world: World) {
    let (here, there) = (world.tenant("here").await.id, world.tenant("there").await.id);
    let mine = secret(&world, &[]);
    insert(&world, here, &mine).await.expect("inserts");
    assert_eq!(world.read(there).token_secrets().all().await.expect("reads"), []);
    let tx = world.begin(there).await;
    let retired = mine.clone().retire(world.now()).expect("retires");
    assert!(matches!(tx.token_secrets().update(&retired).await, Err(WriteError::Stale)));
    assert!(matches!(tx.token_secrets().delete(mine.id, mine.version).await, Err(WriteError::Stale)));
    // Even the same id and an active one of its own are no matter of the neighbour's.
    tx.token_secrets().insert(&mine).await.expect("inserts");
    tx.commit().await.expect("commits");
    assert_eq!(world.read(here).token_secrets().all().await.expect("reads"), [mine]);
}

async fn each_write_is_in_the_feed(world: World) {
    let tenant = world.tenant("acme").await.id;
    let start = world.platform().latest_change().await.expect("reads");
    let mut secret = secret(&world, &[]);
    let tx = world.begin(tenant).await;
    tx.token_secrets().insert(&secret).await.expect("inserts");
    let retired = secret.clone().retire(world.now()).expect("retires");
    secret.version = tx.token_secrets().update(&retired).await.expect("updates");
    tx.token_secrets().delete(secret.id, secret.version).await.expect("deletes");
    tx.commit().await.expect("commits");
    let changes = world.platform().committed_changes_after(start, 100).await.expect("reads");
    let ours = changes.iter().filter(|change| change.tenant == Some(tenant) && change.noun == Some(Noun::TokenSecret));
    assert_eq!(ours.map(|change| change.id.clone()).collect::<Vec<_>>(), vec![secret.id.to_string(); 3]);
}

async fn a_state_that_makes_no_sense_names_its_column(world: World) {
    let tenant = world.tenant("acme").await.id;
    insert(&world, tenant, &secret(&world, &[])).await.expect("inserts");
    world.execute("UPDATE token_secrets SET activated_at = NULL").await;
    let fault = world.read(tenant).token_secrets().all().await.expect_err("makes no sense");
    assert!(said(&fault).contains("activated_at") && said(&fault).contains("token_secrets"), "{}", said(&fault));
}
