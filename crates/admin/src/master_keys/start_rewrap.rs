//! `StartRewrap`.

use chancery_keys::rewrap::{self, Order};
use chancery_proto::v1::{self, StartRewrapRequest};

use super::{message, refused};
use crate::{
    call::Call,
    context::Context,
    request_id::{Ledger, Named, once},
    status::Refusal,
    text,
};

/// Starts to move every tenant's key under the first master key of this server; the worker does the work.
pub(super) async fn start(cx: &Context, call: &Call, request: StartRewrapRequest) -> Result<v1::Rewrap, Refusal> {
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Platform(cx), work(cx, call, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    named: Option<&Named>,
    request: &StartRewrapRequest,
) -> Result<v1::Rewrap, Refusal> {
    let now = cx.clock.now();
    let reason = text::description("reason", &request.reason)?;
    if reason.is_empty() {
        return Err(Refusal::field("reason", "must say why"));
    }
    let tx = cx.platform.begin().await?;
    let order = Order { by: call.author(), reason, now };
    let started = rewrap::start(&cx.keys, &*tx, order).await.map_err(refused)?;
    let answer = message::of(&started, &tx.rewraps().counts().await?);
    if request.validate_only {
        // The transaction goes, and everything that it was for.
        return Ok(answer);
    }
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
