//! `GetRewrap`.

use chancery_proto::v1::{self, GetRewrapRequest};

use super::message;
use crate::{
    call::Call,
    context::Context,
    status::{Reason, Refusal},
};

/// The last re-wrap and how far it is.
pub(super) async fn get(cx: &Context, _call: &Call, _request: GetRewrapRequest) -> Result<v1::Rewrap, Refusal> {
    let reader = cx.platform.read();
    let found = reader.rewraps().find().await?;
    let rewrap = found.ok_or_else(|| Refusal::not_found(Reason::RewrapNotFound, "Rewrap", message::NAME))?;
    Ok(message::of(&rewrap, &reader.rewraps().counts().await?))
}
