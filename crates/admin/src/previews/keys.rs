//! What goes with keys.

use std::collections::BTreeSet;

use chancery_domain::{key::Key, tenant::Tenant, time::Timestamp};
use chancery_keys::plan::Rules;
use chancery_proto::v1::{
    CompromiseKeyRequest, CompromiseTenantKeysRequest, KeyAlarm, KeyChange, KeyPolicy, UpdateKeyPolicyRequest,
    key_change,
    preview::{Effect, effect::Kind},
};

use super::{Foreseen, dangerous, effects};
use crate::{call::Call, context::Context, keys, name, span, status::Refusal};

dangerous!(CompromiseKeyRequest as CompromiseKey by compromise; validate_only, request_id; |request| request.validate_only);
dangerous!(
    CompromiseTenantKeysRequest as CompromiseTenantKeys by compromise_tenant; validate_only, request_id;
    |request| request.validate_only
);
dangerous!(UpdateKeyPolicyRequest as UpdateKeyPolicy by update_policy; validate_only; |request| request.validate_only);

/// The keys that are published now and would not be, and until when their tokens could have lived.
pub(super) fn published(tenant: &Tenant, all: &[Key], now: Timestamp) -> Vec<Effect> {
    let published: Vec<&Key> = all.iter().filter(|key| key.state().is_published()).collect();
    let until = published.iter().filter_map(|key| match key.state().retire_at() {
        Some(until) => Some(until),
        None => key.is_active().then(|| now + tenant.settings.longest_life()),
    });
    let until = until.max();
    gone(published.iter().map(|key| name::within(&tenant.slug, "keys", &key.id)), until.map(span::moment))
}

/// Keys that leave the JWK Set, and their tokens.
fn gone(keys: impl Iterator<Item = String>, until: Option<prost_types::Timestamp>) -> Vec<Effect> {
    let keys: BTreeSet<String> = keys.collect();
    let leaving = effects::names(Kind::Keys, keys);
    let tokens = Effect { kind: Kind::Tokens.into(), until_time: until, ..Effect::default() };
    leaving.into_iter().chain(until.map(|_| tokens)).collect()
}

async fn compromise(cx: &Context, call: &Call, request: &CompromiseKeyRequest) -> Result<Foreseen, Refusal> {
    let trial = CompromiseKeyRequest { validate_only: true, ..request.clone() };
    let alarm = keys::compromise::compromise(cx, call, trial).await?;
    Ok(of_alarm(&request.name, &alarm))
}

async fn compromise_tenant(
    cx: &Context,
    call: &Call,
    request: &CompromiseTenantKeysRequest,
) -> Result<Foreseen, Refusal> {
    let trial = CompromiseTenantKeysRequest { validate_only: true, ..request.clone() };
    let alarm = keys::compromise_tenant::compromise_tenant(cx, call, trial).await?;
    Ok(of_alarm(&request.parent, &alarm))
}

fn of_alarm(about: &str, alarm: &KeyAlarm) -> Foreseen {
    let names = alarm.gone_keys.iter().map(|key| key.name.clone());
    Foreseen { about: about.to_owned(), version: String::new(), effects: gone(names, alarm.tokens_expire_time) }
}

/// Keys that the new policy has no use for. None leaves before the last of its tokens is over.
async fn update_policy(cx: &Context, call: &Call, request: &UpdateKeyPolicyRequest) -> Result<Foreseen, Refusal> {
    let trial = UpdateKeyPolicyRequest { validate_only: true, ..request.clone() };
    let KeyPolicy { name, etag, key_changes, .. } = keys::update_policy::update_policy(cx, call, trial).await?;
    Ok(Foreseen { about: name, version: etag, effects: of_changes(&key_changes) })
}

/// The keys for which there is no use any more by those rules.
pub(crate) fn replaced(tenant: &Tenant, rules: &Rules, all: &[Key], now: Timestamp) -> Vec<Effect> {
    of_changes(&keys::update_policy::trial(tenant, rules, all, now).key_changes)
}

fn of_changes(changes: &[KeyChange]) -> Vec<Effect> {
    let of = |kinds: &[key_change::Kind]| -> BTreeSet<String> {
        let those = changes.iter().filter(|change| kinds.contains(&change.kind()) && !change.key.is_empty());
        those.map(|change| change.key.clone()).collect()
    };
    let leaving = of(&[key_change::Kind::Withdrawn, key_change::Kind::Retired]);
    let stopping = of(&[key_change::Kind::Deactivated]);
    let effects = [effects::names(Kind::Keys, leaving), effects::names(Kind::SigningKeys, stopping)];
    effects.into_iter().flatten().collect()
}
