//! Sealed rows open where they belong, and a row that we did not seal is not published.

use chancery_domain::{
    id::MasterKeyId,
    ports::{
        jose::{SignTokens, VerifyTokens},
        rewrap::SealedCount,
        store::Store,
    },
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::master::{MasterKeyError, MasterKeys};
use chancery_testkit::SeededRandom;
use serde_json::Value;

use crate::world::World;

fn name(id: &str) -> MasterKeyId {
    id.parse().expect("an id")
}

#[test]
fn a_process_with_a_wrong_master_key_hears_which() {
    let random = SeededRandom::new(1);
    let keys = |list: &[(&str, u8)]| {
        MasterKeys::new(list.iter().map(|(id, byte)| (name(id), [*byte; 32])).collect()).expect("master keys")
    };
    let (old, new) = (keys(&[("old", 1)]), keys(&[("new", 2), ("old", 1)]));
    let stored = [old.check(&random).expect("a check"), new.check(&random).expect("a check")];
    assert_eq!(stored[1].id, name("new"), "the first seals");

    let unusable = |keys: &MasterKeys, counts: &[SealedCount]| {
        let list = keys.unusable(&stored, counts);
        list.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let count = |id: &str, tenants| SealedCount { master_key: name(id), tenants, failed: 0 };
    assert!(new.unusable(&stored, &[count("old", 2), count("new", 1)]).is_empty());
    let counts = [count("lost", 1), count("new", 7)];
    let missing = ["master key lost is missing (it seals the keys of 1 tenant)"];
    assert_eq!(unusable(&new, &counts), missing, "without a check value too");
    let differs = "master key new has another value here (it seals the keys of 7 tenants)";
    assert_eq!(unusable(&keys(&[("new", 3), ("old", 1)]), &counts), [missing[0], differs]);
    let unused = "master key new is missing (it seals the keys of 0 tenants)";
    assert_eq!(unusable(&old, &[]), [unused], "it may seal some at any time");
    assert_eq!(keys(&[("third", 1)]).unusable(&stored, &[]).len(), 2);
    assert!(old.unusable(&[], &[]).is_empty(), "a new store knows none");

    assert_eq!(MasterKeys::new(vec![]).err(), Some(MasterKeyError::Missing));
    let twice = MasterKeys::new(vec![(name("old"), [1; 32]), (name("old"), [2; 32])]);
    assert_eq!(twice.err(), Some(MasterKeyError::Repeated(name("old"))));
}

#[tokio::test]
async fn the_key_of_a_tenant_opens_for_that_tenant_under_its_master_key() {
    let world = World::new();
    let (acme, globex) = (world.found(&[Algorithm::Es256]).await, world.found(&[Algorithm::Es256]).await);
    let sealed = Store::read(&world.store, acme.id).keys().kek().await.expect("a key");
    assert!(world.cx.masters.open_kek(acme.id, &sealed).is_ok());
    assert!(world.cx.masters.open_kek(globex.id, &sealed).is_err(), "moved between tenants");
    let other = MasterKeys::new(vec![(name("first"), [8; 32])]).expect("master keys");
    assert!(other.open_kek(acme.id, &sealed).is_err(), "another value");
    let renamed = MasterKeys::new(vec![(name("second"), [9; 32])]).expect("master keys");
    assert!(renamed.open_kek(acme.id, &sealed).is_err(), "not configured");
}

#[tokio::test]
async fn a_sealed_key_that_was_moved_does_not_sign() {
    let world = World::new();
    let (acme, globex) = (world.found(&[Algorithm::Es256]).await, world.found(&[Algorithm::Es256]).await);
    let theirs = world.the(globex.id, "active").private;
    let mine = world.the(acme.id, "standby").private;
    for moved in [theirs, mine] {
        world.store.tamper(acme.id, |keys| {
            let active = keys.iter_mut().find(|key| key.state().label() == "active").expect("active");
            active.private = moved;
        });
        let ring = world.ring(acme.id).await;
        assert!(ring.sign(Algorithm::Es256, TokenType::IdToken, b"{}").await.is_err());
    }
}

#[tokio::test]
async fn a_row_that_we_did_not_seal_is_neither_published_nor_believed() {
    let world = World::new();
    let (acme, globex) = (world.found(&[Algorithm::Es256]).await, world.found(&[Algorithm::Es256]).await);
    let token = world.ring(acme.id).await.sign(Algorithm::Es256, TokenType::IdToken, b"{}").await.expect("signed");
    let foreign = world.ring(globex.id).await.sign(Algorithm::Es256, TokenType::IdToken, b"{}").await.expect("signed");

    // Somebody with a pen for the database: a row of their own, and another public key in an old row.
    let planted = world.the(globex.id, "active");
    world.store.tamper(acme.id, |keys| {
        let active = keys.iter_mut().find(|key| key.state().label() == "active").expect("active");
        active.public_jwk = planted.public_jwk.replace(planted.id.as_str(), active.id.as_str());
        keys.push(planted);
    });
    let set: Value = serde_json::from_slice(&world.jwk_set(acme.id).await).expect("a JWK Set");
    assert_eq!(set["keys"].as_array().map(Vec::len), Some(1), "the standby key alone");
    let ring = world.ring(acme.id).await;
    assert!(ring.verify(&token, TokenType::IdToken).is_err());
    assert!(ring.verify(&foreign, TokenType::IdToken).is_err());
    assert!(ring.sign(Algorithm::Es256, TokenType::IdToken, b"{}").await.is_err(), "nobody could verify it");
}
