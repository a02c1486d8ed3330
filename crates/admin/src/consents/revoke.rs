//! `RevokeConsent`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    id::{ClientId, UserId},
    ports::grants::GrantSelection,
};
use chancery_proto::v1::{RevokeConsentRequest, RevokeConsentResponse};

use super::find::find;
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    grants::revoking::{self, Revoking},
    name, reach,
    status::Refusal,
};

/// Forgets what a user has allowed a client and takes back every grant between the two.
pub(super) async fn revoke(
    cx: &Context,
    call: &Call,
    request: RevokeConsentRequest,
) -> Result<RevokeConsentResponse, Refusal> {
    let (tenant, user, client) = name::consent("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, (user, &client), request.validate_only)).await
}

async fn work(
    errand: &Errand<'_>,
    (user, client): (UserId, &ClientId),
    trial: bool,
) -> Result<RevokeConsentResponse, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
    let consent = find(reached, user, client).await?.consent;
    let of = GrantSelection { user: Some(user), client: Some(consent.client), session: None };
    let answer = |count| RevokeConsentResponse { revoked_grant_count: revoking::counted(count) };
    if trial {
        return Ok(answer(reached.read().grant_lists().count_live(&of, now).await?));
    }
    let id = format!("{user}/{}", consent.client);
    let event = |action| reached.event(now, action).about(Noun::Consent, &id);
    let tx = reached.begin().await?;
    if tx.consent_withdrawals().withdraw(user, consent.client).await? {
        tx.audit(event(Action::ConsentRevoked)).await?;
    }
    Revoking { errand, of, event: event(Action::GrantsRevoked) }.run(tx, answer).await
}
