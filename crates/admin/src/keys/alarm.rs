//! What all alarms have in common: how one is read, carried out, shown beforehand and refused.

use chancery_domain::{id::KeyId, key::Key, time::Timestamp};
use chancery_keys::{
    alarm::{self, Alarm, AlarmError, PreparedAlarm},
    step::KeyStep,
};
use chancery_proto::v1::{self, KeyAlarm};

use super::message;
use crate::{
    errand::Errand,
    etag, name,
    reach::Reached,
    span,
    status::{Reason, Refusal},
    text,
};

/// An alarm as a caller orders it.
pub(super) struct Order {
    /// What is to be done.
    pub(super) alarm: Alarm,
    /// Why, as [`reason`] read it.
    pub(super) reason: String,
    /// The one key that it is about, and the tag that this must still have.
    pub(super) guard: Option<(KeyId, String)>,
    /// Whether to say what would happen, and no more.
    pub(super) trial: bool,
    /// Whether the caller was shown what would happen, and wants that or nothing.
    pub(super) foreseen: bool,
}

/// How often an alarm is tried that others were faster than: whoever keeps keys in order all day long shall not stand in
/// its way.
pub(super) const TRIES: usize = 3;

/// Reads why: whoever gives a key up says so.
pub(super) fn reason(sent: &str) -> Result<String, Refusal> {
    let reason = text::description("reason", sent)?;
    if reason.is_empty() { Err(Refusal::field("reason", "must be given")) } else { Ok(reason) }
}

/// Carries the order out, or says what it would do.
pub(super) async fn carry_out(errand: &Errand<'_>, order: Order) -> Result<KeyAlarm, Refusal> {
    let mut tries = 1;
    loop {
        match attempt(errand, &order).await {
            Err(refusal) if refusal.reason() == Reason::KeysetChanged && !order.foreseen && tries < TRIES => tries += 1,
            done => return done,
        }
    }
}

/// Carries the order out in one transaction, if nobody moves the keys in between.
async fn attempt(errand: &Errand<'_>, order: &Order) -> Result<KeyAlarm, Refusal> {
    let reached = &errand.reached;
    let (cx, call) = (reached.cx, reached.call);
    let now = cx.keys.database_time().await?;
    let about = order.guard.as_ref().map(|(key, _)| name::within(&reached.tenant.slug, "keys", key));
    let about = about.unwrap_or_else(|| name::of_tenant(&reached.tenant.slug));
    let refused = |error| refused(&about, error);
    let prepared = alarm::prepare(&cx.keys, reached.tenant.id, &order.alarm, order.reason.clone()).await;
    let prepared = prepared.map_err(refused)?;
    if let Some((id, sent)) = &order.guard
        && let Some(key) = prepared.key(id)
        && let Err(refusal) = etag::check(sent, &message::etag(key))
    {
        prepared.settle(&cx.keys, None).await;
        return Err(refusal);
    }
    if order.trial {
        prepared.settle(&cx.keys, None).await;
        return Ok(answer(reached, &prepared, &prepared.preview(now).taken, now));
    }

    let tx = reached.begin().await?;
    let applied = match alarm::write(&*tx, &prepared, call.author(), now).await {
        Ok(applied) => applied,
        Err(error) => {
            drop(tx);
            prepared.settle(&cx.keys, None).await;
            return Err(refused(error));
        }
    };
    let answer = answer(reached, &prepared, &applied.taken, now);
    let answer = errand.commit(tx, answer, now).await?;
    applied.measure(&call.author().actor);
    prepared.settle(&cx.keys, Some(&applied)).await;
    Ok(answer)
}

fn answer(reached: &Reached<'_>, prepared: &PreparedAlarm, taken: &[(KeyStep, Key)], now: Timestamp) -> KeyAlarm {
    let of = |wanted: fn(&KeyStep) -> bool| -> Vec<v1::Key> {
        let chosen = taken.iter().filter(|(step, _)| wanted(step));
        chosen.map(|(_, key)| message::of(&reached.tenant.slug, key, &prepared.rules().policy)).collect()
    };
    KeyAlarm {
        gone_keys: of(|step| matches!(step, KeyStep::Taint(_) | KeyStep::Compromise(_))),
        activated_keys: of(|step| matches!(step, KeyStep::Activate(_) | KeyStep::CreateActive(_))),
        standby_keys: of(|step| matches!(step, KeyStep::CreateStandby(_))),
        verifiers_ready_time: prepared.known_from(now).map(span::moment),
        tokens_expire_time: prepared.tokens_live_until(now).map(span::moment),
        next_rotation_time: prepared.next_rotation(now).map(span::moment),
    }
}

/// Why an order about that key or tenant is refused.
pub(super) fn refused(about: &str, error: AlarmError) -> Refusal {
    match error {
        AlarmError::NotFound => Refusal::not_found(Reason::KeyNotFound, "Key", about),
        AlarmError::TooLate { state } => {
            Refusal::precondition(Reason::KeyState, about, &format!("is {state} already")).with("state", state)
        }
        AlarmError::LastKey { algorithm } => {
            let rule = format!(
                "has no announced standby key for {algorithm} left that could take over; allow_unannounced makes a key \
                 that verifiers learn only when they read the JWK Set again"
            );
            Refusal::precondition(Reason::LastKey, about, &rule).with("algorithm", algorithm.as_str())
        }
        AlarmError::Changed => {
            Refusal::new(Reason::KeysetChanged, "the keys were moved by somebody else at the same time")
        }
        AlarmError::Fault(fault) => fault.into(),
    }
}
