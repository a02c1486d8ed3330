//! Keys that operators bring: to sign with, or to verify for a while.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor},
    id::{KeyId, TenantId},
    key::Origin,
    ports::{
        jose::{SignTokens, VerifyTokens},
        store::Store,
    },
    time::Clock,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::{
    adopt::{self, AdoptError, Role},
    import,
    rotate::Ask,
};

use crate::world::World;

const PRIVATE: &[u8] = include_bytes!("../fixtures/import/ed25519/pkcs8.pem");
const PUBLIC: &[u8] = include_bytes!("../fixtures/import/ed25519/spki.pem");
const KNOWN: Role = Role::Standby { known: true };
const NEW: Role = Role::Standby { known: false };

fn kid(text: &str) -> KeyId {
    text.parse().expect("a key id")
}

impl World {
    async fn adopt(&self, tenant: TenantId, material: &[u8], id: Option<KeyId>, role: Role) -> Result<(), AdoptError> {
        let imported = import::read(material, None, None).expect("a key");
        let prepared = adopt::prepare(&self.cx, tenant, imported, id, role, Some("moved here".to_owned())).await?;
        let tx = Store::begin(&self.store, tenant).await?;
        adopt::write(&*tx, &prepared, Actor::System, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[tokio::test]
async fn an_imported_key_takes_the_place_of_the_standby_key_and_signs_once_it_is_known() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::EdDsa]).await;
    world.adopt(tenant.id, PRIVATE, Some(kid("from-elsewhere")), NEW).await.expect("taken in");
    let standby = world.the(tenant.id, "standby");
    assert_eq!((standby.id.as_str(), standby.origin), ("from-elsewhere", Origin::Imported));
    world.work_off(tenant.id).await;
    let calm = Ask::Now { algorithm: None, immediate: false };
    assert!(world.rotate(tenant.id, calm).await.is_err(), "not announced for long enough");
    world.clock.advance(crate::world::policy(&[]).announce);
    world.rotate(tenant.id, calm).await.expect("rotated");
    assert_eq!(world.the(tenant.id, "active").id.as_str(), "from-elsewhere");
    let ring = world.ring(tenant.id).await;
    let token = ring.sign(Algorithm::EdDsa, TokenType::AccessToken, b"{}").await.expect("signed");
    assert!(ring.verify(&token, TokenType::AccessToken).is_ok());
    let told = world.store.audit();
    let event = told.iter().find(|event| event.action == Action::KeyImported).expect("an event");
    assert_eq!(event.note.as_deref(), Some("moved here"));
}

#[tokio::test]
async fn a_key_that_verifiers_know_already_may_sign_at_once() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::EdDsa]).await;
    world.adopt(tenant.id, PRIVATE, None, KNOWN).await.expect("taken in");
    world.rotate(tenant.id, Ask::Now { algorithm: None, immediate: false }).await.expect("rotated");
    assert_eq!(world.the(tenant.id, "active").origin, Origin::Imported);
}

#[tokio::test]
async fn a_public_key_verifies_for_a_while_and_never_signs() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let until = world.clock.now() + Duration::from_secs(3600);
    world.adopt(tenant.id, PUBLIC, Some(kid("old-provider")), Role::Verifier { until }).await.expect("taken in");
    let set = String::from_utf8(world.jwk_set(tenant.id).await).expect("text");
    assert!(set.contains("old-provider"));
    let verifier = world.the(tenant.id, "retiring");
    assert!(verifier.private.is_none());
    assert_eq!(verifier.state().retire_at(), Some(until));

    world.clock.advance(Duration::from_secs(3600));
    world.work_off(tenant.id).await;
    assert_eq!(world.the(tenant.id, "retired").id.as_str(), "old-provider");
}

#[tokio::test]
async fn what_cannot_be_taken_in_is_refused_with_the_reason() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::EdDsa]).await;
    let refused = world.adopt(tenant.id, PUBLIC, None, NEW).await;
    assert!(matches!(refused, Err(AdoptError::CannotSign)), "{refused:?}");
    let past = Role::Verifier { until: world.clock.now() };
    assert!(matches!(world.adopt(tenant.id, PUBLIC, None, past).await, Err(AdoptError::Until)));
    let taken = world.the(tenant.id, "active").id;
    let refused = world.adopt(tenant.id, PRIVATE, Some(taken.clone()), NEW).await;
    assert!(matches!(&refused, Err(AdoptError::IdTaken(id)) if *id == taken), "{refused:?}");

    world.adopt(tenant.id, PRIVATE, Some(kid("once")), NEW).await.expect("taken in");
    let refused = world
        .adopt(
            tenant.id,
            PUBLIC,
            Some(kid("twice")),
            Role::Verifier { until: world.clock.now() + Duration::from_secs(60) },
        )
        .await;
    assert!(matches!(&refused, Err(AdoptError::Twice(Some(id))) if id.as_str() == "once"), "{refused:?}");

    let other = world.found(&[Algorithm::Es256]).await;
    let refused = world.adopt(other.id, PRIVATE, None, NEW).await;
    assert!(matches!(refused, Err(AdoptError::NoSuchAlgorithm(Algorithm::EdDsa))), "{refused:?}");
}
