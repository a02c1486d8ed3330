//! `ActivateTokenSecret`.

use chancery_domain::{audit::Action, change::Noun, token_secret::TokenSecret};
use chancery_proto::v1::{self, ActivateTokenSecretRequest};

use super::{find, message};
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    name, reach,
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
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(errand: &Errand<'_>, request: &ActivateTokenSecretRequest) -> Result<v1::TokenSecret, Refusal> {
    let reached = &errand.reached;
    let now = reached.cx.clock.now();
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
    tx.audit(reached.event(now, Action::Activated).about(Noun::TokenSecret, &id)).await?;
    errand.commit(tx, message::of(&tenant, &next), now).await
}
