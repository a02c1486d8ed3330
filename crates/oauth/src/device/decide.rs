//! The decision of whoever typed a device's code (RFC 8628 section 3.3).

use std::sync::Arc;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::Client,
    device::{Approval, DeviceAuthorization},
    fault::Fault,
    id::GrantId,
    secret::Digest,
    session::Session,
    view::TenantView,
    vocabulary::GrantType,
};

use crate::Context;

/// A wish that waits, with what people are to see of it.
#[derive(Debug)]
pub struct Shown {
    /// The wish.
    pub wish: DeviceAuthorization,
    /// Who asks.
    pub client: Arc<Client>,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It counts.
    Made,
    /// Somebody else decided first, or it came too late.
    TooLate,
}

/// The wish of that device code's digest, if it waits for a decision and its client may still be given tokens so.
pub async fn find(cx: &Context, view: &TenantView, digest: &Digest) -> Result<Option<Shown>, Fault> {
    let wish = cx.store.read(view.tenant.id).devices().find(digest).await?;
    let Some(wish) = wish.filter(|wish| wish.waits(cx.clock.now())) else { return Ok(None) };
    let client = cx.directory.client_by_uid(view.tenant.id, wish.client).await?;
    let client = client.filter(|it| it.is_enabled() && it.grant_types.contains(&GrantType::DeviceCode));
    Ok(client.map(|client| Shown { wish, client }))
}

/// Allows it, in the name of whoever this session is.
pub async fn approve(cx: &Context, view: &TenantView, shown: &Shown, session: &Session) -> Result<Decision, Fault> {
    let now = cx.clock.now();
    let approval = Approval {
        grant: GrantId::generate(&*cx.random, now),
        user: session.user,
        session: session.id,
        authenticated_at: session.authenticated_at,
        amr: session.amr.clone(),
    };
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::User(session.user), Action::DeviceApproved);
    let tx = cx.store.begin(view.tenant.id).await?;
    if !tx.devices().approve(&shown.wish.digest, &approval, now).await? {
        return Ok(Decision::TooLate);
    }
    tx.audit(event.about(Noun::Client, &shown.client.id)).await?;
    tx.commit().await?;
    Ok(Decision::Made)
}

/// Refuses it.
pub async fn deny(cx: &Context, view: &TenantView, shown: &Shown, session: &Session) -> Result<Decision, Fault> {
    let now = cx.clock.now();
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::User(session.user), Action::DeviceDenied);
    let tx = cx.store.begin(view.tenant.id).await?;
    if !tx.devices().deny(&shown.wish.digest, now).await? {
        return Ok(Decision::TooLate);
    }
    tx.audit(event.about(Noun::Client, &shown.client.id)).await?;
    tx.commit().await?;
    Ok(Decision::Made)
}
