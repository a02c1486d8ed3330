//! `RevokeSession`.

use chancery_domain::{
    audit::Action, change::Noun, id::SessionId, logout::EndedSessions, ports::grants::GrantSelection,
};
use chancery_proto::v1::{RevokeSessionRequest, RevokeSessionResponse};

use super::{find::find, message};
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    grants::revoking::{self, Revoking},
    name, reach,
    status::Refusal,
};

/// Ends a session and takes back what was given in it.
pub(super) async fn revoke(
    cx: &Context,
    call: &Call,
    request: RevokeSessionRequest,
) -> Result<RevokeSessionResponse, Refusal> {
    let (tenant, id) = name::session("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, id, request.validate_only)).await
}

async fn work(errand: &Errand<'_>, id: SessionId, trial: bool) -> Result<RevokeSessionResponse, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let mut listed = find(reached, id).await?;
    let was_over = listed.session.ended_at.is_some();
    listed.session.ended_at.get_or_insert(now);
    let session = message::of(&reached.tenant, &listed, now);
    let answer =
        |count| RevokeSessionResponse { session: Some(session.clone()), revoked_grant_count: revoking::counted(count) };
    let of = GrantSelection { session: Some(id), ..GrantSelection::default() };
    if trial {
        return Ok(answer(reached.read().grant_lists().count_live(&of, now).await?));
    }

    let tx = reached.begin().await?;
    if !was_over && tx.sessions().end(id, now).await? {
        let (tenant, user) = (&reached.tenant.slug, listed.session.user);
        let ended = EndedSessions { tenant, user, sessions: &[id], at: now };
        ended.announce(&*tx, &*reached.cx.random).await?;
        tx.audit(reached.event(now, Action::SessionRevoked).about(Noun::Session, &id)).await?;
    }
    let event = reached.event(now, Action::GrantsRevoked).about(Noun::Session, &id);
    Revoking { errand, of, event }.run(tx, answer).await
}
