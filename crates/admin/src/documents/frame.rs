//! The tenant and its key policy in a document: what every document has, and what a new tenant begins with.

use std::time::Duration;

use chancery_domain::{
    id::TenantSlug, key_policy::KeyPolicy, tenant::Tenant, time::Timestamp, token_secret::TokenSecret,
};
use chancery_keys::{plan::Rules, policy::PolicyError};
use chancery_proto::v1::{self, TenantDocument};
use prost_types::FieldMask;

use super::{
    change::Words,
    weigh::{destroys, hurts_nobody},
    weights,
};
use crate::{
    call::Call,
    context::Context,
    keys::{self, policy_message, policy_refused},
    mask, name, span,
    status::Refusal,
    tenants::{self, draft, message},
};

/// What is said of changes of a tenant. A document never removes one.
pub(super) const TENANT: Words<v1::Tenant> = Words {
    message: "Tenant",
    fields: tenants::FIELDS,
    create: "tenants.create",
    update: "tenants.update",
    delete: "tenants.delete",
    made: hurts_nobody("A new tenant, with keys of its own."),
    gone: destroys("Everything in the tenant goes with it."),
    weights: weights::TENANT,
};

/// What is said of changes of a key policy.
pub(super) const KEY_POLICY: Words<v1::KeyPolicy> = Words {
    message: "KeyPolicy",
    fields: keys::FIELDS,
    create: "key_policies.update",
    update: "key_policies.update",
    delete: "key_policies.update",
    made: hurts_nobody("The policy that the first keys of the tenant are made by."),
    gone: hurts_nobody("The policy stays as it is."),
    weights: weights::KEY_POLICY,
};

/// A tenant with its key policy, as stored or as it is to be.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The tenant.
    pub(super) tenant: Tenant,
    /// Its key policy.
    pub(super) policy: KeyPolicy,
}

/// A new tenant of that name.
pub(super) fn fresh(
    cx: &Context,
    slug: &TenantSlug,
    document: &TenantDocument,
    now: Timestamp,
) -> Result<Frame, Refusal> {
    let sent = document.tenant.clone().unwrap_or_default();
    let usual = cx.usual_policy.of(message::read_profile(&sent).map_err(in_tenant)?);
    let longest = longest_token_life(document, &usual, &usual)?;
    let mut tenant = draft::fresh(cx, &sent, slug.clone(), longest, now).map_err(in_tenant)?;
    let policy = if let Some(sent) = &document.key_policy {
        read_policy(cx, &tenant, sent, &usual)?
    } else {
        draft::under_usual_policy(&mut tenant, &usual);
        usual
    };
    finish(cx, Frame { tenant, policy }, &[], now)
}

/// A stored tenant as it is to be, all of it; without a key policy in the document, that stays.
pub(super) fn changed(
    cx: &Context,
    call: &Call,
    stored: &Frame,
    secrets: &[TokenSecret],
    document: &TenantDocument,
    now: Timestamp,
) -> Result<Frame, Refusal> {
    let sent = document.tenant.clone().unwrap_or_default();
    let usual = cx.usual_policy.of(message::read_profile(&sent).map_err(in_tenant)?);
    let longest = longest_token_life(document, &usual, &stored.policy)?;
    let everything = FieldMask { paths: vec!["*".to_owned()] };
    let mut wanted = message::of(cx, &stored.tenant);
    mask::apply(tenants::FIELDS, "tenant", Some(&everything), &sent, &mut wanted).map_err(in_tenant)?;
    let tenant = message::read(cx, &wanted, stored.tenant.clone(), longest).map_err(in_tenant)?;
    draft::permit(call, &stored.tenant, &tenant)?;
    let policy = match &document.key_policy {
        Some(sent) => read_policy(cx, &tenant, sent, &stored.policy)?,
        None => stored.policy.clone(),
    };
    finish(cx, Frame { tenant, policy }, secrets, now)
}

/// How long what is signed may live under the policy as it is to be, which the tenant has to know before the policy
/// can be read in full.
fn longest_token_life(document: &TenantDocument, usual: &KeyPolicy, stored: &KeyPolicy) -> Result<Duration, Refusal> {
    let Some(sent) = &document.key_policy else { return Ok(stored.longest_token_life) };
    let read = |sent| span::seconds("tenant_document.key_policy.longest_token_life", sent);
    sent.longest_token_life.map_or(Ok(usual.longest_token_life), read)
}

fn read_policy(cx: &Context, tenant: &Tenant, sent: &v1::KeyPolicy, stored: &KeyPolicy) -> Result<KeyPolicy, Refusal> {
    if !sent.name.is_empty() && name::key_policy("key_policy.name", &sent.name).map_err(in_policy)? != tenant.slug {
        let rule = "must lie in the tenant that the document is about";
        return Err(Refusal::field("tenant_document.key_policy.name", rule));
    }
    policy_message::read(cx, tenant, sent, &sent.default_algorithm, stored).map_err(in_policy)
}

/// What the two demand of each other, and verifiers of the policy.
fn finish(cx: &Context, frame: Frame, secrets: &[TokenSecret], now: Timestamp) -> Result<Frame, Refusal> {
    draft::check(&frame.tenant, &frame.policy, secrets).map_err(in_tenant)?;
    let rules = Rules::checked(frame.policy.clone(), cx.keys.margins, frame.tenant.id, now);
    rules.map_err(|unsafety| in_policy(policy_refused::refused(PolicyError::Unsafe(unsafety), &frame.policy)))?;
    Ok(frame)
}

fn in_tenant(refusal: Refusal) -> Refusal {
    refusal.moved("tenant", "tenant_document.tenant")
}

/// A refusal of the key policy, by where it stands in a document.
pub(super) fn in_policy(refusal: Refusal) -> Refusal {
    refusal.moved("key_policy", "tenant_document.key_policy")
}
