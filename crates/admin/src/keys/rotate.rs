//! `RotateKeys`.

use chancery_domain::{audit::Action, change::Noun, key::Key, time::Timestamp, vocabulary::Algorithm};
use chancery_keys::{
    plan::{self, Rules},
    rotate::{self, Ask, RotateError},
    step::KeyStep,
};
use chancery_proto::v1::{RotateKeysRequest, RotateKeysResponse};

use super::message;
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    name,
    reach::{self, Reached},
    span,
    status::{Reason, Refusal},
    text,
};

/// Puts the announced standby key to work and announces the next one.
pub(super) async fn rotate(
    cx: &Context,
    call: &Call,
    request: RotateKeysRequest,
) -> Result<RotateKeysResponse, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &RotateKeysRequest) -> Result<RotateKeysResponse, Refusal> {
    let reached = &errand.reached;
    let (cx, call) = (reached.cx, reached.call);
    let now = cx.keys.database_time().await?;
    let algorithm = read(request)?;
    if request.validate_only {
        return trial(reached, algorithm, request, now).await;
    }
    let about = |error| refused(request, error);
    let ask = Ask::Now { algorithm, immediate: request.immediate };
    let prepared = rotate::prepare(&cx.keys, reached.tenant.id, ask).await.map_err(about)?;

    let tx = reached.begin().await?;
    let applied = match rotate::write(&*tx, &prepared, call.author(), now).await {
        Ok(applied) => applied,
        Err(error) => {
            drop(tx);
            prepared.settle(&cx.keys, None).await;
            return Err(about(error));
        }
    };
    if request.immediate {
        // Beside the events of the keys: that nobody waited for verifiers, and why.
        let event = reached.event(now, Action::KeysRotated).because("immediate");
        tx.audit(event.about(Noun::KeyPolicy, &reached.tenant.id).noting(request.reason.clone())).await?;
    }
    let (policy, keys) = (tx.keys().policy().await?, tx.keys().all().await?);
    let rules = Rules::of(policy, cx.keys.margins, reached.tenant.id, now)?;
    let answer = answer(reached, &applied.taken, &rules, &keys);
    let answer = errand.commit(tx, answer, now).await?;
    applied.measure(&call.author().actor);
    prepared.settle(&cx.keys, Some(&applied)).await;
    Ok(answer)
}

/// The algorithm that is asked for; and whoever leaves verifiers behind must say why.
fn read(request: &RotateKeysRequest) -> Result<Option<Algorithm>, Refusal> {
    let reason = text::description("reason", &request.reason)?;
    if request.immediate && reason.is_empty() {
        return Err(Refusal::field("reason", "must be given with immediate"));
    }
    text::optional("algorithm", &request.algorithm)
}

/// What the rotation would do to the keys that there are.
async fn trial(
    reached: &Reached<'_>,
    algorithm: Option<Algorithm>,
    request: &RotateKeysRequest,
    now: Timestamp,
) -> Result<RotateKeysResponse, Refusal> {
    let rows = reached.read();
    let (policy, keys) = (rows.keys().policy().await?, rows.keys().all().await?);
    let rules = Rules::of(policy, reached.cx.keys.margins, reached.tenant.id, now)?;
    let steps = plan::rotation(&keys, &rules, algorithm, request.immediate, now);
    let steps = steps.map_err(|error| refused(request, error.into()))?;
    let moved = |step: &KeyStep| {
        let key = keys.iter().find(|key| step.moves() == Some(&key.id))?.clone();
        Some((step.clone(), step.taken(key, &rules, now).ok()?))
    };
    let taken: Vec<_> = steps.iter().filter_map(moved).collect();
    Ok(answer(reached, &taken, &rules, &keys))
}

fn answer(reached: &Reached<'_>, taken: &[(KeyStep, Key)], rules: &Rules, keys: &[Key]) -> RotateKeysResponse {
    let tenant = &reached.tenant;
    let of = |wanted: fn(&KeyStep) -> bool| {
        let chosen = taken.iter().filter(|(step, _)| wanted(step));
        chosen.map(|(_, key)| message::of(&tenant.slug, key, &rules.policy)).collect()
    };
    RotateKeysResponse {
        activated_keys: of(|step| matches!(step, KeyStep::Activate(_) | KeyStep::CreateActive(_))),
        retiring_keys: of(|step| matches!(step, KeyStep::Deactivate(_) | KeyStep::Withdraw(_))),
        standby_keys: of(|step| matches!(step, KeyStep::CreateStandby(_))),
        next_rotation_time: plan::next_rotation(keys, rules).map(span::moment),
    }
}

fn refused(request: &RotateKeysRequest, error: RotateError) -> Refusal {
    match error {
        RotateError::NotYet { from } => {
            let rule = "cannot rotate yet: verifiers could still miss the standby key";
            let refusal = Refusal::precondition(Reason::KeyNotAnnounced, &request.parent, rule);
            refusal.with("earliest_time", span::text(from))
        }
        RotateError::Changed => Refusal::new(Reason::KeysetChanged, "another rotation was faster"),
        RotateError::NoSuchAlgorithm => Refusal::field("algorithm", "must be one that the key policy names"),
        RotateError::Fault(fault) => fault.into(),
    }
}
