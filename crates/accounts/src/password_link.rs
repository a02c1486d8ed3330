//! Choosing a password behind a link.
//!
//! Used, replaced, expired, of another tenant, of somebody who may not sign in, or never made: a link that leads nowhere
//! looks the same whatever the cause. Looking at the page does not use the link up, because mail scanners look too;
//! choosing does.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::{Fault, Malformed, WriteError},
    grant::RevocationReason,
    logout::EndedSessions,
    secret::{Digest, OpaqueToken, Secret, TokenKind},
    user::User,
    view::TenantView,
};

use crate::{
    Context,
    password::{GateError, check_policy},
};

/// Somebody came with a link that leads somewhere.
#[derive(Debug)]
pub struct Invited {
    /// Digest of the link, to come back with.
    pub link: Digest,
    /// Who they are.
    pub user: User,
}

/// Why no password was set.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceRefused {
    /// The link leads nowhere, or not any more.
    #[error("the link leads nowhere")]
    Over,
    /// That cannot be a password.
    #[error(transparent)]
    Unfit(Malformed),
    /// Too many passwords are being hashed at this moment; a second later it may work.
    #[error("too many passwords are being hashed")]
    Busy,
    /// We failed.
    #[error(transparent)]
    Ours(#[from] Fault),
}

/// Who comes with that link; `None` when it leads nowhere.
pub async fn follow(cx: &Context, view: &TenantView, presented: &str) -> Result<Option<Invited>, Fault> {
    match OpaqueToken::parse(TokenKind::PasswordLink, presented) {
        Some(token) => find(cx, view, token.digest()).await,
        None => Ok(None),
    }
}

/// The same, for a page that knows the link by its digest.
pub async fn find(cx: &Context, view: &TenantView, link: Digest) -> Result<Option<Invited>, Fault> {
    let rows = cx.store.read(view.tenant.id);
    let found = rows.password_links().find(&link).await?;
    let Some(found) = found.filter(|found| found.is_live(cx.clock.now()) && view.tenant.is_active()) else {
        return Ok(None);
    };
    let user = rows.users().find(found.user).await?.filter(User::is_enabled);
    Ok(user.map(|user| Invited { link, user }))
}

/// Sets the password, uses the link up, and ends every session and grant that was begun with the old password.
///
/// A password that does not fit, or a server that is busy, leaves the link as it is.
pub async fn choose(cx: &Context, view: &TenantView, link: &Digest, password: &Secret) -> Result<User, ChoiceRefused> {
    let Invited { user, .. } = find(cx, view, *link).await?.ok_or(ChoiceRefused::Over)?;
    check_policy(password).map_err(ChoiceRefused::Unfit)?;
    let hash = cx.gate.hash(password, &*cx.random).await?;

    let now = cx.clock.now();
    let tx = cx.store.begin(view.tenant.id).await?;
    // Read again: an operator may have changed or disabled them while the password was hashed.
    let current = tx.users().hold_alone(user.id).await?.filter(User::is_enabled);
    let mut user = current.ok_or(ChoiceRefused::Over)?;
    if !tx.password_links().redeem(link, now).await? {
        return Err(ChoiceRefused::Over);
    }
    user.password = Some(hash);
    user.version = tx.users().update(&user, now).await.map_err(written)?;
    let sessions = tx.sessions().end_of_user(user.id, now).await?;
    let ended = EndedSessions { tenant: &view.tenant.slug, user: user.id, sessions: &sessions, at: now };
    ended.announce(&*tx, &*cx.random).await?;
    tx.grants().revoke_of_user(user.id, RevocationReason::ByAdmin, now).await?;
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::User(user.id), Action::PasswordSet);
    tx.audit(event.about(Noun::User, &user.id)).await?;
    tx.commit().await?;
    Ok(user)
}

/// Nobody else changes a user who is held.
fn written(error: WriteError) -> Fault {
    match error {
        WriteError::Fault(fault) => fault,
        WriteError::Stale | WriteError::Taken(_) => Fault::bug("a user who was held was changed"),
    }
}

impl From<GateError> for ChoiceRefused {
    fn from(error: GateError) -> Self {
        match error {
            GateError::Busy => Self::Busy,
            GateError::Fault(fault) => Self::Ours(fault),
        }
    }
}
