//! `ResumeRewrap`.

use chancery_keys::rewrap;
use chancery_proto::v1::{self, ResumeRewrapRequest};

use super::{message, refused};
use crate::{call::Call, context::Context, status::Refusal};

/// Lets a paused re-wrap go on.
pub(super) async fn resume(cx: &Context, call: &Call, _request: ResumeRewrapRequest) -> Result<v1::Rewrap, Refusal> {
    let tx = cx.platform.begin().await?;
    let resumed = rewrap::resume(&*tx, call.author(), cx.clock.now()).await.map_err(refused)?;
    let answer = message::of(&resumed, &tx.rewraps().counts().await?);
    tx.commit().await?;
    Ok(answer)
}
