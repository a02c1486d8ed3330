//! Whether a client chooses anew what it has to choose anew for each request: with one challenge or one nonce for
//! everybody, neither protects anybody (RFC 9700 section 2.1.1, OpenID Connect Core section 15.5.2).
//!
//! It is looked at when the answer leaves, so that pages may be reloaded, and requests begun again, as often as people like.

use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    change::Noun,
    fault::Fault,
    fresh_value::{FreshKind, FreshValue, Reuse},
    ports::store::TenantTx,
    session::Session,
    time::Timestamp,
    view::TenantView,
};

use super::{AuthorizationRequest, Checked};

/// Remembers what goes out with this answer, and warns of what went out in another session before. The request itself
/// succeeds: who sent it has done nothing wrong.
pub(super) async fn watch(
    tx: &dyn TenantTx,
    view: &TenantView,
    checked: &Checked,
    session: &Session,
    now: Timestamp,
) -> Result<(), Fault> {
    let client = &checked.client;
    let values = values(&checked.request);
    for reuse in tx.fresh_values().remember(client.uid, session.id, &values, now).await? {
        if !is_same_person_again(tx, view, session, reuse, now).await?
            && tx.fresh_values().may_warn(client.uid, reuse.kind, now).await?
        {
            let actor = Actor::Client(client.id.clone());
            let warning = AuditEvent::new(Some(view.tenant.id), now, actor, Action::ConstantValueSeen);
            tx.audit(warning.about(Noun::Client, &client.id).because(reuse.kind.reason())).await?;
        }
    }
    Ok(())
}

/// What protects the answer: the challenge a code, and the nonce an ID token.
fn values(request: &AuthorizationRequest) -> Vec<FreshValue> {
    let challenge = request.challenge.as_ref().filter(|_| request.response_type.has_code());
    let nonce = request.nonce.as_ref().filter(|_| request.scopes.contains("openid"));
    let challenge = challenge.map(|challenge| FreshValue::of(FreshKind::Challenge, challenge.as_str()));
    let nonce = nonce.map(|nonce| FreshValue::of(FreshKind::Nonce, nonce));
    challenge.into_iter().chain(nonce).collect()
}

/// Whether somebody went back to a request of theirs, whose session has ended since, and signed in anew.
async fn is_same_person_again(
    tx: &dyn TenantTx,
    view: &TenantView,
    session: &Session,
    before: Reuse,
    now: Timestamp,
) -> Result<bool, Fault> {
    let before = tx.sessions().find_by_id(before.session).await?;
    Ok(before.is_some_and(|before| before.user == session.user && !before.is_live(&view.tenant.settings, now)))
}
