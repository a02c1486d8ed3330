//! `PauseRewrap`.

use chancery_keys::rewrap;
use chancery_proto::v1::{self, PauseRewrapRequest};

use super::{message, refused};
use crate::{call::Call, context::Context, status::Refusal};

/// Stops the re-wrap: once this is answered, nothing moves.
pub(super) async fn pause(cx: &Context, call: &Call, _request: PauseRewrapRequest) -> Result<v1::Rewrap, Refusal> {
    let tx = cx.platform.begin().await?;
    let paused = rewrap::pause(&*tx, call.author(), cx.clock.now()).await.map_err(refused)?;
    let answer = message::of(&paused, &tx.rewraps().counts().await?);
    tx.commit().await?;
    Ok(answer)
}
