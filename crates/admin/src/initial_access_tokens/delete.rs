//! `DeleteInitialAccessToken`.

use chancery_domain::{audit::Action, change::Noun};
use chancery_proto::v1::DeleteInitialAccessTokenRequest;

use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// Removes a token: it is refused from then on.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteInitialAccessTokenRequest) -> Result<(), Refusal> {
    let now = cx.clock.now();
    let (tenant, id) = name::initial_access_token("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let absent = || Refusal::not_found(Reason::InitialAccessTokenNotFound, "InitialAccessToken", &request.name);
    if !reached.read().initial_access_tokens().all().await?.iter().any(|token| token.id == id) {
        return Err(absent());
    }
    if request.validate_only {
        return Ok(());
    }
    let tx = reached.begin().await?;
    if !tx.initial_access_tokens().delete(id).await? {
        return Err(absent());
    }
    tx.audit(call.event(Some(reached.tenant.id), now, Action::Deleted).about(Noun::InitialAccessToken, &id)).await?;
    Ok(tx.commit().await?)
}
