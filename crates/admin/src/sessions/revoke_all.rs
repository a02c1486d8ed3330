//! `RevokeSessions`.

use chancery_domain::{
    audit::Action, change::Noun, id::UserId, logout::EndedSessions, page::PageRequest, ports::grants::GrantSelection,
    query::Query,
};
use chancery_proto::v1::{RevokeSessionsRequest, RevokeSessionsResponse};

use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    grants::{
        reference,
        revoking::{self, Revoking},
    },
    name,
    reach::{self, Reached},
    status::Refusal,
};

/// Ends every session of a user and takes back what they gave in them, which is all that they gave.
pub(super) async fn revoke_all(
    cx: &Context,
    call: &Call,
    request: RevokeSessionsRequest,
) -> Result<RevokeSessionsResponse, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    let work = async {
        let user = reference::user(&errand.reached, "user", &request.user).await?;
        let user = user.ok_or_else(|| Refusal::field("user", "must name a user"))?;
        work(&errand, user, request.validate_only).await
    };
    errand.once(work).await
}

async fn work(errand: &Errand<'_>, user: UserId, trial: bool) -> Result<RevokeSessionsResponse, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let answer = |ended: u64| {
        move |count| RevokeSessionsResponse {
            ended_session_count: revoking::counted(ended),
            revoked_grant_count: revoking::counted(count),
        }
    };
    // Every grant of a user was given in a session of theirs, one that is forgotten already included.
    let of = GrantSelection { user: Some(user), ..GrantSelection::default() };
    if trial {
        let ended = unended(reached, user).await?;
        return Ok(answer(ended)(reached.read().grant_lists().count_live(&of, now).await?));
    }

    let tx = reached.begin().await?;
    let ended = tx.sessions().end_of_user(user, now).await?;
    if !ended.is_empty() {
        let ended = EndedSessions { tenant: &reached.tenant.slug, user, sessions: &ended, at: now };
        ended.announce(&*tx, &*reached.cx.random).await?;
        tx.audit(reached.event(now, Action::SessionsRevoked).about(Noun::User, &user)).await?;
    }
    let event = reached.event(now, Action::GrantsRevoked).about(Noun::User, &user);
    Revoking { errand, of, event }.run(tx, answer(ended.len() as u64)).await
}

/// How many of the user's sessions were not ended yet.
async fn unended(reached: &Reached<'_>, user: UserId) -> Result<u64, Refusal> {
    let rows = reached.read();
    let mut query = Query::from(PageRequest { after: None, size: 1000 });
    let mut count = 0;
    loop {
        let found = rows.session_lists().list(Some(user), query.clone()).await?;
        count += found.rows.iter().filter(|listed| listed.session.ended_at.is_none()).count() as u64;
        match found.next {
            Some(_) => query.page.after = found.next,
            None => return Ok(count),
        }
    }
}
