//! `UpdateKeyPolicy`.

use chancery_domain::key_policy::KeyPolicy;
use chancery_keys::{
    plan::Rules,
    policy::{self, PolicyError},
};
use chancery_proto::v1::{self, UpdateKeyPolicyRequest};

use super::{FIELDS, policy_message as message};
use crate::{call::Call, context::Context, etag, mask, name, reach, status::Refusal};

/// Changes the policy, and makes and lets go of keys as it asks.
pub(super) async fn update_policy(
    cx: &Context,
    call: &Call,
    request: UpdateKeyPolicyRequest,
) -> Result<v1::KeyPolicy, Refusal> {
    let now = cx.clock.now();
    let sent = request.key_policy.unwrap_or_default();
    let reached = reach::writable(cx, call, &name::key_policy("key_policy.name", &sent.name)?).await?;
    let tenant = &reached.tenant;
    let rows = reached.read();
    let (stored, keys) = (rows.keys().policy().await?, rows.keys().all().await?);
    etag::check(&sent.etag, &message::etag(tenant, &stored))?;

    let rules = |policy| Rules::of(policy, cx.keys.margins, tenant.id, now);
    let mut wanted = message::of(tenant, &rules(stored.clone())?, &keys);
    mask::apply(FIELDS, "key_policy", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let policy = message::read(cx, tenant, &wanted, &sent.default_algorithm, &stored)?;
    let prepared = policy::prepare(&cx.keys, tenant.id, &policy).await.map_err(refused)?;
    let policy = prepared.policy().clone();
    if request.validate_only {
        return Ok(message::of(tenant, &rules(policy)?, &keys));
    }

    let tx = reached.begin().await?;
    let applied = policy::write(&*tx, &prepared, call.actor(), now).await.map_err(refused)?;
    let keys = tx.keys().all().await?;
    tx.commit().await?;
    applied.keys.measure(&call.actor());
    Ok(message::of(tenant, &rules(KeyPolicy { version: applied.version, ..policy })?, &keys))
}

fn refused(error: PolicyError) -> Refusal {
    match error {
        PolicyError::Unsafe(unsafety) => message::unsafe_policy(&unsafety),
        PolicyError::Changed => Refusal::stale(None),
        PolicyError::Fault(fault) => fault.into(),
    }
}
