//! Sessions: the browser comes back, and signs out.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::Fault,
    id::ClientUid,
    logout::EndedSessions,
    ports::grants::GrantSelection,
    secret::{OpaqueToken, TokenKind},
    session::Session,
    view::TenantView,
};

use crate::Context;

/// The live session of that cookie, if there is one and its user may still sign in.
///
/// Its use is written down at most once in [`Session::TOUCH`], so most requests write nothing.
pub async fn resume(cx: &Context, view: &TenantView, cookie: &str) -> Result<Option<Session>, Fault> {
    let Some(cookie) = OpaqueToken::parse(TokenKind::Session, cookie) else { return Ok(None) };
    let now = cx.clock.now();
    let reader = cx.store.read(view.tenant.id);
    let Some(session) = reader.sessions().find(&cookie.digest()).await? else { return Ok(None) };
    if !view.tenant.is_active() || !session.is_live(&view.tenant.settings, now) {
        return Ok(None);
    }
    if !reader.users().find(session.user).await?.is_some_and(|user| user.is_enabled()) {
        return Ok(None);
    }
    if !session.wants_touch(now) {
        return Ok(Some(session));
    }
    let tx = cx.store.begin(view.tenant.id).await?;
    tx.sessions().touch(session.id, now).await?;
    tx.commit().await?;
    Ok(Some(Session { last_seen_at: now, ..session }))
}

/// Ends a session and takes back what it gave, but for grants with `offline_access`. Ending it again does nothing.
pub async fn end(cx: &Context, view: &TenantView, session: &Session) -> Result<(), Fault> {
    let now = cx.clock.now();
    let tx = cx.store.begin(view.tenant.id).await?;
    if !tx.sessions().end(session.id, now).await? {
        return Ok(());
    }
    let ended = EndedSessions { tenant: &view.tenant.slug, user: session.user, sessions: &[session.id], at: now };
    ended.announce(&*tx, &*cx.random).await?;
    tx.grants().revoke_of_session(session.id, None, now).await?;
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::User(session.user), Action::SignedOut);
    tx.audit(event.about(Noun::Session, &session.id)).await?;
    tx.commit().await
}

/// Takes back what a session gave one client, but for grants with `offline_access`, and what it could still redeem; the
/// session goes on. The client takes part in it no more, so it is told nothing when the session ends.
pub async fn leave(cx: &Context, view: &TenantView, session: &Session, client: ClientUid) -> Result<(), Fault> {
    let now = cx.clock.now();
    let tx = cx.store.begin(view.tenant.id).await?;
    tx.session_clients().leave(session.id, client).await?;
    let of = GrantSelection { client: Some(client), session: Some(session.id), ..GrantSelection::default() };
    tx.grant_revocations().forget_codes(&of, now).await?;
    tx.grants().revoke_of_session(session.id, Some(client), now).await?;
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::User(session.user), Action::SignedOut);
    let event = match tx.clients().find_by_uid(client).await? {
        Some(client) => event.about(Noun::Client, &client.id),
        None => event,
    };
    tx.audit(event.because("one_client")).await?;
    tx.commit().await
}
