//! Sessions end, keys go, many ask at once.

use std::sync::Arc;

use chancery_domain::{fault::FaultKind, vocabulary::Algorithm};
use chancery_keys::custodian::Custodian;
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    object::{Attribute, AttributeType, ObjectClass},
    session::UserType,
    types::AuthPin,
};

use crate::softhsm::{SoftHsm, within};

#[test]
fn a_key_cannot_be_taken_out_of_its_token() {
    within("sessions::a_key_cannot_be_taken_out_of_its_token", async |softhsm: SoftHsm| {
        let hsm = softhsm.open();
        let held = hsm.generate(Algorithm::Es256.into(), "acme/k1").await.expect("a key");
        let module = Pkcs11::new(&softhsm.settings.module).expect("loads");
        let slot = module.get_slots_with_initialized_token().expect("slots")[0];
        let session = module.open_ro_session(slot).expect("a session of a process that is logged in");
        let key = session
            .find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Id(held.reference)])
            .expect("found")[0];
        let told = [AttributeType::Sensitive, AttributeType::Extractable, AttributeType::Label];
        let told = session.get_attributes(key, &told).expect("told");
        let wanted = [Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::Label(b"acme/k1".to_vec())];
        assert_eq!(format!("{told:?}"), format!("{wanted:?}"));
        let secret = session.get_attributes(key, &[AttributeType::Value]);
        assert!(secret.map_or(true, |told| told.is_empty()), "the private number is not told");
    });
}

#[test]
fn a_session_that_is_gone_is_replaced() {
    within("sessions::a_session_that_is_gone_is_replaced", async |softhsm: SoftHsm| {
        let hsm = softhsm.open();
        let held = hsm.generate(Algorithm::Es256.into(), "acme/k1").await.expect("a key");
        let key = hsm.open(Algorithm::Es256, &held.reference).await.expect("opens");
        assert!(key.sign(b"message").is_ok());
        let module = Pkcs11::new(&softhsm.settings.module).expect("loads");
        for _ in 0..3 {
            // Everything that the module knew of us is gone: sessions, login, handles.
            module.clone().finalize().expect("ends");
            assert!(key.sign(b"message").is_ok(), "with a new session");
            module.clone().finalize().expect("ends");
            module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).expect("begins");
            assert!(key.sign(b"message").is_ok(), "with a new session");
        }
    });
}

#[test]
fn many_ask_at_once() {
    within("sessions::many_ask_at_once", async |softhsm: SoftHsm| {
        let hsm = softhsm.open();
        let held = hsm.generate(Algorithm::Es256.into(), "acme/k1").await.expect("a key");
        let key = hsm.open(Algorithm::Es256, &held.reference).await.expect("opens");
        let asking: Vec<_> = (0..64)
            .map(|n: u8| {
                let key = Arc::clone(&key);
                tokio::task::spawn_blocking(move || key.sign(&[n]))
            })
            .collect();
        for asked in asking {
            assert_eq!(asked.await.expect("no panic").expect("signed").len(), 64);
        }
    });
}

#[test]
fn a_key_that_is_destroyed_signs_no_more() {
    within("sessions::a_key_that_is_destroyed_signs_no_more", async |softhsm: SoftHsm| {
        let hsm = softhsm.open();
        let [one, other] = [
            hsm.generate(Algorithm::Es256.into(), "acme/k1").await.expect("a key"),
            hsm.generate(Algorithm::Es256.into(), "acme/k2").await.expect("a key"),
        ];
        let key = hsm.open(Algorithm::Es256, &one.reference).await.expect("opens");
        assert!(key.sign(b"message").is_ok());
        hsm.destroy(&one.reference).await.expect("destroyed");
        for _ in 0..8 {
            let fault = key.sign(b"message").expect_err("gone");
            assert_eq!(fault.kind(), FaultKind::Broken, "{fault}");
        }
        hsm.destroy(&one.reference).await.expect("gone already");
        assert!(hsm.open(Algorithm::Es256, &other.reference).await.expect("opens").sign(b"message").is_ok());
    });
}

#[test]
fn a_pin_that_was_refused_is_not_tried_again() {
    within("sessions::a_pin_that_was_refused_is_not_tried_again", async |softhsm: SoftHsm| {
        let hsm = softhsm.open();
        let held = hsm.generate(Algorithm::Es256.into(), "acme/k1").await.expect("a key");
        let key = hsm.open(Algorithm::Es256, &held.reference).await.expect("opens");
        let module = Pkcs11::new(&softhsm.settings.module).expect("loads");
        let slot = module.get_slots_with_initialized_token().expect("slots")[0];
        let [ours, other] = [softhsm.settings.pin.expose(), "another-pin"].map(|pin| AuthPin::new(pin.into()));

        let session = module.open_rw_session(slot).expect("a session of a process that is logged in");
        session.set_pin(&ours, &other).expect("changed");
        drop(session);
        module.clone().finalize().expect("ends");
        let refused = key.sign(b"message").expect_err("refused").to_string();
        assert!(refused.contains("the PIN is not that of the user"), "{refused}");

        // Even where it would be right again: a token that counts would be locked by then.
        let session = module.open_rw_session(slot).expect("a session");
        session.login(UserType::User, Some(&other)).expect("logged in");
        session.set_pin(&other, &ours).expect("changed back");
        session.logout().expect("logged out");
        assert!(key.sign(b"message").is_err());
    });
}
