//! `RevokeGrants`.

use chancery_domain::{
    audit::{Action, AuditEvent},
    change::Noun,
    ports::grants::GrantSelection,
};
use chancery_proto::v1::{RevokeGrantsRequest, RevokeGrantsResponse};

use super::{
    reference,
    revoking::{self, Revoking},
};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal};

/// Takes back every live grant of a user, a client or a session.
pub(super) async fn revoke_all(
    cx: &Context,
    call: &Call,
    request: RevokeGrantsRequest,
) -> Result<RevokeGrantsResponse, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    let work = async {
        let RevokeGrantsRequest { user, client, session, .. } = &request;
        let of = reference::selection(&errand.reached, user, client, session).await?;
        if !of.selects() {
            return Err(Refusal::field("user", "must be set, unless client or session is"));
        }
        work(&errand, of, request.validate_only).await
    };
    errand.once(work).await
}

async fn work(errand: &Errand<'_>, of: GrantSelection, trial: bool) -> Result<RevokeGrantsResponse, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let answer = |count| RevokeGrantsResponse { revoked_grant_count: revoking::counted(count) };
    if trial {
        return Ok(answer(reached.read().grant_lists().count_live(&of, now).await?));
    }
    let event = about(reached.event(now, Action::GrantsRevoked), &of);
    let tx = reached.begin().await?;
    Revoking { errand, of, event }.run(tx, answer).await
}

/// What the audit says it was about: the narrowest thing that was named.
fn about(event: AuditEvent, of: &GrantSelection) -> AuditEvent {
    match (of.session, of.user, of.client) {
        (Some(session), _, _) => event.about(Noun::Session, &session),
        (None, Some(user), _) => event.about(Noun::User, &user),
        (None, None, Some(client)) => event.about(Noun::Client, &client),
        (None, None, None) => event,
    }
}
