//! `Bootstrap`.

use std::{net::IpAddr, time::Duration};

use chancery_domain::{
    admin_key::{AdminKey, AdminReach},
    audit::{Action, Actor, AuditEvent},
    bootstrap::BootstrapToken,
    change::Noun,
    id::RoleBindingId,
    ports::platform::PlatformTx,
    principal::Principal,
    role::BuiltInRole,
    role_binding::{BoundRole, RoleBinding},
    secret::{Digest, OpaqueToken, TokenKind},
    time::Timestamp,
};
use chancery_proto::v1::{BootstrapRequest, BootstrapResponse};

use super::system_tenant;
use crate::{
    api_keys,
    context::{Context, SystemTenant},
    name, span,
    status::{Reason, Refusal},
};

/// The shortest life of the first key: long enough to give rights to others in peace.
const SHORTEST: Duration = Duration::from_secs(86_400);

/// Makes the first owner, and the system tenant where it is asked for. All of it stands, or nothing.
pub(super) async fn begin(
    cx: &Context,
    peer: Option<IpAddr>,
    request: BootstrapRequest,
) -> Result<BootstrapResponse, Refusal> {
    let now = cx.clock.now();
    if !peer.is_some_and(|peer| cx.bootstrap_tries.admit(peer, now)) {
        return Err(Refusal::new(Reason::TooManyTries, "too many tries; wait a minute").retriable());
    }
    let life = request.ttl.map_or(Ok(AdminKey::LONGEST_LIFE), |ttl| span::seconds("ttl", ttl))?;
    if !(SHORTEST..=AdminKey::LONGEST_LIFE).contains(&life) {
        return Err(Refusal::field("ttl", "must be from 1 d to 90 d"));
    }
    let presented = OpaqueToken::parse(TokenKind::Bootstrap, request.token.trim()).map(|token| token.digest());
    let founding = if request.system_tenant {
        // Keys are slow to make, so nobody has them made who may not; the token stays where it is for now.
        spend(&*cx.platform.begin().await?, presented, now).await?;
        Some(system_tenant::prepare(cx, now).await?)
    } else {
        None
    };

    let (key, token) = AdminKey::generate("first owner", AdminReach::Platform, life, &*cx.random, now);
    let binding = RoleBinding {
        id: RoleBindingId::generate(&*cx.random, now),
        place: AdminReach::Platform,
        role: BoundRole::BuiltIn(BuiltInRole::PlatformOwner),
        member: Principal::ApiKey(key.id),
        created_at: now,
        expires_at: None,
    };
    let event = |action, noun, id: &dyn ToString| {
        AuditEvent::new(None, now, Actor::System, action).about(noun, &id.to_string()).because("bootstrap")
    };
    let tx = cx.platform.begin().await?;
    spend(&*tx, presented, now).await?;
    tx.admin_keys().insert(&key).await?;
    tx.role_bindings().insert(&binding).await?;
    tx.audit(event(Action::Created, Noun::AdminKey, &key.id)).await?;
    tx.audit(event(Action::Created, Noun::RoleBinding, &binding.id).noting(binding.said())).await?;
    let tenant = match founding {
        Some(founding) => Some(founding.write(cx, &*tx, now).await?),
        None => None,
    };
    tx.commit().await?;

    // The one answer that carries the text.
    let (api_key, secret) = (Some(api_keys::message::of(None, &key)), token.expose().to_owned());
    Ok(match tenant {
        None => BootstrapResponse { api_key, secret, ..BootstrapResponse::default() },
        Some(tenant) => BootstrapResponse {
            api_key,
            secret,
            system_tenant: name::of_tenant(&tenant.slug),
            issuer: cx.public_url.issuer_of(&tenant).to_string(),
            client_id: SystemTenant::CLIENT.to_owned(),
        },
    })
}

/// Takes the tokens, of all processes, if this is one of them and nobody owns the platform. A transaction that is given
/// up leaves them where they are.
async fn spend(tx: &dyn PlatformTx, presented: Option<Digest>, now: Timestamp) -> Result<(), Refusal> {
    if !tx.role_bindings().owners(now).await?.is_empty() {
        return Err(Refusal::new(Reason::PlatformOwned, "the platform has an owner; ask them for rights"));
    }
    let good = |token: &BootstrapToken| Some(token.digest) == presented && token.is_live(now);
    if tx.bootstrap_tokens().take_all().await?.iter().any(good) {
        return Ok(());
    }
    Err(Refusal::new(
        Reason::BootstrapTokenInvalid,
        "this bootstrap token is not accepted; a server leaves a new one whenever it is started",
    ))
}
