//! `GetSession`.

use chancery_proto::v1::{GetSessionRequest, Session};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One session.
pub(super) async fn get(cx: &Context, call: &Call, request: GetSessionRequest) -> Result<Session, Refusal> {
    let (tenant, id) = name::session("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&reached.tenant, &find(&reached, id).await?, cx.clock.now()))
}
