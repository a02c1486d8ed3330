//! `ActivateTokenSecret`.

use chancery_domain::{audit::Action, change::Noun, token_secret::TokenSecret};
use chancery_proto::v1::{self, ActivateTokenSecretRequest};

use super::{find, message};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::{Reason, Refusal},
};

/// Lets a secret sign in place of the one that did, which stays believed.
pub(super) async fn activate(
    cx: &Context,
    call: &Call,
    request: ActivateTokenSecretRequest,
) -> Result<v1::TokenSecret, Refusal> {
    let (tenant, _) = name::token_secret("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &ActivateTokenSecretRequest,
) -> Result<v1::TokenSecret, Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::token_secret("name", &request.name)?;
    let secrets = reached.read().token_secrets().all().await?;
    let next = find(&secrets, id, &request.name)?
        .activate(now)
        .map_err(|_| Refusal::precondition(Reason::TokenSecretActive, &request.name, "is active"))?;
    let before = TokenSecret::active_of(&secrets).cloned().and_then(|active| active.retire(now).ok());

    let tx = reached.begin().await?;
    if let Some(before) = before {
        tx.token_secrets().update(&before).await?;
    }
    tx.token_secrets().update(&next).await?;
    tx.audit(call.event(Some(reached.tenant.id), now, Action::Activated).about(Noun::TokenSecret, &id)).await?;
    let answer = message::of(&tenant, &next);
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
