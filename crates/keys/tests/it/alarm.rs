//! The bad day: a key is suspected or known to others.

use chancery_domain::{
    audit::{Action, Actor},
    id::{KeyId, TenantId},
    key_policy::ALARM,
    ports::jose::{SignTokens, Untrusted, VerifyTokens},
    time::Clock,
    vocabulary::{Algorithm, TokenType},
};
use chancery_keys::alarm::{self, Alarm, AlarmError, Applied, Severity, Target};

use crate::world::World;

fn about(severity: Severity, key: &KeyId) -> Alarm {
    Alarm { severity, target: Target::Key(key.clone()), unannounced: false }
}

impl World {
    async fn raise(&self, tenant: TenantId, alarm: &Alarm) -> Result<Applied, AlarmError> {
        let prepared = alarm::prepare(&self.cx, tenant, alarm, "a laptop was stolen".to_owned()).await?;
        alarm::apply(&self.cx, &prepared, Actor::System).await
    }

    async fn token(&self, tenant: TenantId) -> String {
        let signed = self.ring(tenant).await.sign(Algorithm::Es256, TokenType::AccessToken, b"{}").await;
        signed.expect("signed")
    }
}

#[tokio::test]
async fn a_compromised_key_is_believed_no_more_and_the_standby_key_signs() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let (stolen, next) = (world.the(tenant.id, "active").id, world.the(tenant.id, "standby").id);
    let token = world.token(tenant.id).await;
    assert_eq!(alarm::lasts_until(&world.store.keys(tenant.id)), None);
    world.raise(tenant.id, &about(Severity::Compromised, &stolen)).await.expect("raised");

    let ring = world.ring(tenant.id).await;
    assert_eq!(ring.verify(&token, TokenType::AccessToken).err(), Some(Untrusted::UnknownKey));
    assert_eq!(ring.verify_hint(&token).err(), Some(Untrusted::UnknownKey), "not even as a hint");
    assert!(ring.verify(&world.token(tenant.id).await, TokenType::AccessToken).is_ok());
    assert_eq!(world.the(tenant.id, "active").id, next);
    assert_eq!(world.in_state(tenant.id, "standby").len(), 1, "the next one is announced");
    let gone = world.the(tenant.id, "compromised");
    assert_eq!((gone.id.clone(), gone.private.is_none()), (stolen.clone(), true));
    assert!(!String::from_utf8(world.jwk_set(tenant.id).await).expect("text").contains(stolen.as_str()));
    assert_eq!(alarm::lasts_until(&world.store.keys(tenant.id)), Some(world.clock.now() + ALARM));

    let told = world.store.audit();
    let event = told.iter().find(|event| event.action == Action::KeyCompromised).expect("an event");
    assert_eq!(event.note.as_deref(), Some("a laptop was stolen"));
    let again = world.raise(tenant.id, &about(Severity::Compromised, &stolen)).await;
    assert!(matches!(again, Err(AlarmError::TooLate { state: "compromised" })), "{again:?}");
}

#[tokio::test]
async fn a_tainted_key_signs_no_more_and_what_it_signed_is_believed_to_its_end() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let suspected = world.the(tenant.id, "active").id;
    let token = world.token(tenant.id).await;
    world.raise(tenant.id, &about(Severity::Tainted, &suspected)).await.expect("raised");
    world.work_off(tenant.id).await;
    let tainted = world.the(tenant.id, "tainted");
    assert!(tainted.private.is_none());
    assert!(world.ring(tenant.id).await.verify(&token, TokenType::AccessToken).is_ok());

    world.clock.advance(tainted.state().retire_at().expect("a date").since(world.clock.now()));
    world.work_off(tenant.id).await;
    assert_eq!(world.the(tenant.id, "retired").id, suspected);
}

#[tokio::test]
async fn an_alarm_and_a_rotation_together_make_one_change() {
    let world = World::new();
    let tenant = world.found(&[Algorithm::Es256]).await;
    let stolen = world.the(tenant.id, "active").id;
    let order = about(Severity::Compromised, &stolen);
    let prepared = alarm::prepare(&world.cx, tenant.id, &order, "why".to_owned()).await.expect("prepared");
    let immediate = chancery_keys::rotate::Ask::Now { algorithm: None, immediate: true };
    world.rotate(tenant.id, immediate).await.expect("rotated");
    let late = alarm::apply(&world.cx, &prepared, Actor::System).await;
    assert!(matches!(late, Err(AlarmError::Changed)), "{late:?}");
    // Asked again, it sees that the key retires already, and takes it out all the same.
    world.raise(tenant.id, &order).await.expect("raised");
    assert_eq!(world.the(tenant.id, "compromised").id, stolen);
    assert_eq!(world.in_state(tenant.id, "active").len(), 1);
}
