//! Consent: what a user allows a client, remembered so that they are asked once.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    client::Client,
    consent::Consent,
    fault::{Fault, WriteError},
    id::UserId,
    ports::answered_pages::AnsweredPage,
    scope::ScopeSet,
    view::TenantView,
};

use crate::Context;

/// Remembers that the user allows the client these scopes, beside what they allowed it before. Says whether they do now: by
/// a page that was answered before nothing is written, so what was withdrawn since does not come back by sending a form
/// again, and what stands still does.
pub async fn give(
    cx: &Context,
    view: &TenantView,
    user: UserId,
    client: &Client,
    scopes: &ScopeSet,
    page: &AnsweredPage,
) -> Result<bool, Fault> {
    let now = cx.clock.now();
    let tx = cx.store.begin(view.tenant.id).await?;
    let before = tx.consents().find(user, client.uid).await?;
    if !tx.answered_pages().answer(page).await? {
        return Ok(before.is_some_and(|before| before.covers(scopes)));
    }
    let scopes = before.map_or_else(|| scopes.clone(), |before| before.scopes.joined(scopes));
    let consent = Consent { user, client: client.uid, scopes, granted_at: now };
    tx.consents().put(&consent).await.map_err(|error| match error {
        WriteError::Fault(fault) => fault,
        WriteError::Taken(_) | WriteError::Stale => Fault::broken("a consent could not be written", error),
    })?;
    let event = AuditEvent::new(Some(view.tenant.id), now, Actor::User(user), Action::ConsentGiven);
    tx.audit(event.about(Noun::Client, &client.id)).await?;
    tx.commit().await?;
    Ok(true)
}
