//! The tenant and its key policy in a document: what every document has, and what a new tenant begins with.

use std::time::Duration;

use chancery_domain::{
    id::TenantSlug, key_policy::KeyPolicy, tenant::Tenant, time::Timestamp, token_secret::TokenSecret,
};
use chancery_keys::{plan::Rules, policy::PolicyError};
use chancery_proto::v1::{
    self, TenantDocument,
    tenant::Profile,
    tenant_document_change::Risk,
    tenant_settings::{self, AccessTokenFormat, DpopPolicy},
};
use prost_types::FieldMask;

use super::change::{HARMLESS, Weight, Words, allowed, life, switched};
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
    made: "A new tenant, with keys of its own.",
    gone: Weight(Risk::Destroys, "Everything in the tenant goes with it."),
    weigh: weigh_tenant,
};

/// What is said of changes of a key policy.
pub(super) const KEY_POLICY: Words<v1::KeyPolicy> = Words {
    message: "KeyPolicy",
    fields: keys::FIELDS,
    create: "key_policies.update",
    update: "key_policies.update",
    delete: "key_policies.update",
    made: "The policy that the first keys of the tenant are made by.",
    gone: Weight(Risk::None, "The policy stays as it is."),
    weigh: weigh_policy,
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

const LONGER_TOKEN: Weight = Weight(Risk::WeakensSecurity, "What is stolen works for longer.");
const SHORTER_TOKEN: Weight = Weight(Risk::ShortensLife, "Applications have to ask for new tokens sooner.");
const LONGER_SESSION: Weight =
    Weight(Risk::WeakensSecurity, "People stay signed in for longer on what they leave behind.");
const SHORTER_SESSION: Weight = Weight(Risk::ShortensLife, "People have to sign in again sooner.");

fn weigh_tenant(path: &str, before: &v1::Tenant, after: &v1::Tenant) -> Weight {
    let usual = v1::TenantSettings::default();
    let (was, is) = (before.settings.as_ref().unwrap_or(&usual), after.settings.as_ref().unwrap_or(&usual));
    match path {
        "profile" => switched(
            after.profile() == Profile::Oauth21,
            Weight(Risk::BreaksClients, "Clients are refused that send no PKCE challenge."),
            Weight(Risk::WeakensSecurity, "Clients may leave PKCE out, and secrets may sign tokens."),
        ),
        "settings.access_token_ttl" => life(was.access_token_ttl, is.access_token_ttl, LONGER_TOKEN, SHORTER_TOKEN),
        "settings.id_token_ttl" => life(was.id_token_ttl, is.id_token_ttl, LONGER_TOKEN, SHORTER_TOKEN),
        "settings.code_ttl" => life(was.code_ttl, is.code_ttl, LONGER_TOKEN, SHORTER_TOKEN),
        "settings.refresh_grace" => life(
            was.refresh_grace,
            is.refresh_grace,
            Weight(Risk::WeakensSecurity, "A refresh token that was copied can be used beside its owner for longer."),
            Weight(Risk::BreaksClients, "Clients that use one refresh token twice lose their grant sooner."),
        ),
        "settings.refresh_idle_ttl" => life(was.refresh_idle_ttl, is.refresh_idle_ttl, LONGER_TOKEN, SHORTER_SESSION),
        "settings.refresh_absolute_ttl" => {
            life(was.refresh_absolute_ttl, is.refresh_absolute_ttl, LONGER_TOKEN, SHORTER_SESSION)
        }
        "settings.session_idle_ttl" => life(was.session_idle_ttl, is.session_idle_ttl, LONGER_SESSION, SHORTER_SESSION),
        "settings.session_absolute_ttl" => {
            life(was.session_absolute_ttl, is.session_absolute_ttl, LONGER_SESSION, SHORTER_SESSION)
        }
        "settings.access_token_format" => match is.access_token_format() {
            AccessTokenFormat::Hmac => {
                Weight(Risk::WeakensSecurity, "Whoever can verify access tokens can make them too.")
            }
            AccessTokenFormat::Unspecified | AccessTokenFormat::Jwt => {
                Weight(Risk::BreaksClients, "Resource servers have to verify access tokens by the JWK Set.")
            }
            AccessTokenFormat::Opaque => Weight(
                Risk::BreaksClients,
                "Resource servers have to ask the introspection endpoint about access tokens.",
            ),
        },
        "settings.response_types" => allowed(
            &was.response_types,
            &is.response_types,
            Weight(Risk::BreaksClients, "Applications are refused that ask for what is taken out."),
            Weight(Risk::WeakensSecurity, "Tokens may leave through the browser."),
        ),
        "settings.require_pushed_authorization_requests" => switched(
            is.require_pushed_authorization_requests,
            Weight(Risk::BreaksClients, "Applications are refused that send requests that they did not push before."),
            Weight(Risk::WeakensSecurity, "Requests may be read and changed in the browser."),
        ),
        "settings.registration" => {
            Weight(Risk::WeakensSecurity, "Who may register clients, or what those may have, is another.")
        }
        "settings.sign_up_uri" => {
            Weight(Risk::None, "People who are to make themselves an account are sent elsewhere.")
        }
        "settings.frontchannel_logout" | "settings.session_management" => Weight(
            Risk::BreaksClients,
            "Clients that hear of signing out by frames in the browser hear of it otherwise.",
        ),
        "settings.logout_scope" => switched(
            is.logout_scope() == tenant_settings::LogoutScope::Client,
            Weight(Risk::WeakensSecurity, "People who sign out by one client stay signed in to the others."),
            Weight(Risk::None, "People who sign out by one client are signed out of all."),
        ),
        "settings.token_exchange" => switched(
            is.token_exchange,
            Weight(Risk::WeakensSecurity, "Clients may exchange tokens of others within their rules."),
            Weight(Risk::BreaksClients, "Clients that exchange tokens are refused."),
        ),
        "settings.request_object_encryption" => switched(
            is.request_object_encryption,
            Weight(Risk::None, "Clients may encrypt their authorization requests."),
            Weight(Risk::BreaksClients, "Clients that encrypt their authorization requests are refused."),
        ),
        "settings.jwt_bearer" => switched(
            is.jwt_bearer,
            Weight(Risk::WeakensSecurity, "Trusted issuers can speak for people and clients within their rules."),
            Weight(Risk::BreaksClients, "Clients that come with assertions are refused."),
        ),
        "settings.device_authorization" => switched(
            is.device_authorization,
            Weight(Risk::WeakensSecurity, "Whoever talks people into typing a code gets tokens for them."),
            Weight(Risk::BreaksClients, "Devices that cannot show a browser are refused."),
        ),
        "settings.dpop" | "settings.dpop_nonce_required" => weigh_proofs(path, was, is),
        "settings.ml_dsa" => Weight(Risk::None, "What signs does not change by this alone."),
        _ => HARMLESS,
    }
}

/// How tokens are bound to keys.
fn weigh_proofs(path: &str, was: &v1::TenantSettings, is: &v1::TenantSettings) -> Weight {
    if path == "settings.dpop_nonce_required" {
        return switched(
            is.dpop_nonce_required,
            Weight(
                Risk::BreaksClients,
                "Clients are refused whose proofs of possession do without the server's nonce.",
            ),
            Weight(Risk::WeakensSecurity, "Proofs of possession may be made ahead of time again."),
        );
    }
    match is.dpop() {
        DpopPolicy::Required => {
            Weight(Risk::BreaksClients, "Clients are refused that do not prove to have a key with each token request.")
        }
        DpopPolicy::Off => Weight(
            Risk::WeakensSecurity,
            "Tokens are bound to nothing any more, and what is bound from before can no longer be refreshed.",
        ),
        DpopPolicy::Unspecified | DpopPolicy::Offered => switched(
            was.dpop() == DpopPolicy::Required,
            Weight(Risk::WeakensSecurity, "Clients may leave out the proof that binds tokens to their key."),
            Weight(Risk::None, "Clients may have their tokens bound to a key."),
        ),
    }
}

fn weigh_policy(path: &str, before: &v1::KeyPolicy, after: &v1::KeyPolicy) -> Weight {
    let steady = Weight(Risk::None, "Changes when keys follow each other, within what verifiers can bear.");
    match path {
        "algorithms" => allowed(
            &before.algorithms,
            &after.algorithms,
            Weight(Risk::BreaksClients, "Verifiers that know nothing but an algorithm that is taken out fail."),
            Weight(Risk::None, "Keys of one algorithm more are announced."),
        ),
        "default_algorithm" => {
            Weight(Risk::BreaksClients, "Verifiers that do not know the new algorithm fail once it signs.")
        }
        "period" => life(
            before.period,
            after.period,
            Weight(Risk::WeakensSecurity, "A stolen key works for longer."),
            Weight(Risk::None, "Keys follow each other sooner."),
        ),
        "verifier_cache" => life(
            before.verifier_cache,
            after.verifier_cache,
            steady,
            Weight(Risk::BreaksClients, "Verifiers that keep the JWK Set for longer than that may miss a key."),
        ),
        "longest_token_life" => life(
            before.longest_token_life,
            after.longest_token_life,
            Weight(Risk::None, "The settings may let tokens live longer."),
            Weight(Risk::ShortensLife, "The settings can no longer let tokens live as long."),
        ),
        "rsa_bits" => switched(
            after.rsa_bits > before.rsa_bits,
            Weight(Risk::None, "New RSA keys are larger, and slower to sign with."),
            Weight(Risk::WeakensSecurity, "New RSA keys are smaller."),
        ),
        _ => steady,
    }
}
