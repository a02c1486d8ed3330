//! `UpdateKeyPolicy`.

use chancery_domain::{key::Key, key_policy::KeyPolicy, tenant::Tenant, time::Timestamp};
use chancery_keys::{
    plan::{self, Rules},
    policy,
};
use chancery_proto::v1::{self, UpdateKeyPolicyRequest};

use super::{FIELDS, change_message, policy_message as message, policy_refused::refused};
use crate::{
    call::Call, clients::fit, context::Context, etag, mask, name, previews, reach, resources, status::Refusal,
};

/// Changes the policy, and makes and lets go of keys as it asks.
pub(crate) async fn update_policy(
    cx: &Context,
    call: &Call,
    request: UpdateKeyPolicyRequest,
) -> Result<v1::KeyPolicy, Refusal> {
    previews::admit(cx, call, &request).await?;
    let now = cx.clock.now();
    let sent = request.key_policy.unwrap_or_default();
    let reached = reach::writable(cx, call, &name::key_policy("key_policy.name", &sent.name)?).await?;
    let tenant = &reached.tenant;
    let rows = reached.read();
    let (stored, keys) = (rows.keys().policy().await?, rows.keys().all().await?);
    etag::check(&sent.etag, &message::etag(tenant, &stored))?;

    let rules = |policy| Rules::of(policy, cx.keys.margins, tenant.id, now);
    let mut wanted = message::of(tenant, &rules(stored.clone())?, &keys, now);
    let mut given = v1::KeyPolicy::default();
    for target in [&mut wanted, &mut given] {
        mask::apply(FIELDS, "key_policy", request.update_mask.as_ref(), &sent, target)?;
    }
    message::choose_rotation(&given, &mut wanted)?;
    let policy = message::read(cx, tenant, &wanted, &given.default_algorithm, &stored)?;
    resources::check_policy(&reached, &policy).await?;
    fit::check_policy(&*rows, &stored, &policy).await?;
    let prepared = policy::prepare(&cx.keys, tenant.id, &policy).await;
    let prepared = prepared.map_err(|error| refused(error, &policy))?;
    let policy = prepared.policy().clone();
    if request.validate_only {
        prepared.settle(&cx.keys, None).await;
        return Ok(trial(tenant, &rules(policy)?, &keys, now));
    }

    let tx = reached.begin().await?;
    let applied = match policy::write(&*tx, &prepared, call.author(), now).await {
        Ok(applied) => applied,
        Err(error) => {
            drop(tx);
            prepared.settle(&cx.keys, None).await;
            return Err(refused(error, &policy));
        }
    };
    let keys = tx.keys().all().await?;
    tx.commit().await?;
    applied.keys.measure(&call.author().actor);
    prepared.settle(&cx.keys, Some(&applied.keys)).await;
    Ok(message::of(tenant, &rules(KeyPolicy { version: applied.version, ..policy })?, &keys, now))
}

/// The policy as it would be, and what it would do to the keys: at once, and until the default algorithm signs.
pub(crate) fn trial(tenant: &Tenant, rules: &Rules, keys: &[Key], now: Timestamp) -> v1::KeyPolicy {
    let default = rules.policy.default_algorithm();
    let until = if keys.iter().any(|key| key.is_active() && key.algorithm == default) {
        now
    } else {
        now + rules.policy.announce_of(default)
    };
    let told = plan::forecast(keys, rules, now, until);
    let after = plan::after(&plan::plan(keys, rules, now).steps, keys, rules, now);
    let key_changes = told.moves.iter().flat_map(|one| change_message::of(&tenant.slug, one)).collect();
    v1::KeyPolicy { key_changes, ..message::of(tenant, rules, &after, now) }
}
