//! `ResumeRewrap`.

use chancery_keys::rewrap;
use chancery_proto::v1::{self, ResumeRewrapRequest};

use super::{message, refused};
use crate::{
    call::Call,
    context::Context,
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Lets a paused re-wrap go on.
pub(super) async fn resume(cx: &Context, call: &Call, request: ResumeRewrapRequest) -> Result<v1::Rewrap, Refusal> {
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Platform(cx), work(cx, call, named.as_ref())).await
}

async fn work(cx: &Context, call: &Call, named: Option<&Named>) -> Result<v1::Rewrap, Refusal> {
    let now = cx.clock.now();
    let tx = cx.platform.begin().await?;
    let resumed = rewrap::resume(&*tx, call.author(), now).await.map_err(refused)?;
    let answer = message::of(&resumed, &tx.rewraps().counts().await?);
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
