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
    grants::revoking::{self, Revoking},
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
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
    let named = Named::of(cx, call, &request)?;
    let work = work(cx, call, &reached, named.as_ref(), (user, &client), request.validate_only);
    once(named.as_ref(), Ledger::Tenant(&reached), work).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    (user, client): (UserId, &ClientId),
    trial: bool,
) -> Result<RevokeConsentResponse, Refusal> {
    let now = cx.clock.now();
    let consent = find(reached, user, client).await?.consent;
    let of = GrantSelection { user: Some(user), client: Some(consent.client), session: None };
    let answer = |count| RevokeConsentResponse { revoked_grant_count: revoking::counted(count) };
    if trial {
        return Ok(answer(reached.read().grant_lists().count_live(&of, now).await?));
    }
    let id = format!("{user}/{}", consent.client);
    let event = |action| call.event(Some(reached.tenant.id), now, action).about(Noun::Consent, &id);
    let tx = reached.begin().await?;
    if tx.consent_withdrawals().withdraw(user, consent.client).await? {
        tx.audit(event(Action::ConsentRevoked)).await?;
    }
    Revoking { reached, of, event: event(Action::GrantsRevoked), named }.run(tx, answer).await
}
