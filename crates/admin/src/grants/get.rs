//! `GetGrant`.

use chancery_proto::v1::{GetGrantRequest, Grant};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One grant.
pub(super) async fn get(cx: &Context, call: &Call, request: GetGrantRequest) -> Result<Grant, Refusal> {
    let (tenant, id) = name::grant("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, id).await?, cx.clock.now()))
}
