//! `GetResource`.

use chancery_proto::v1::{GetResourceRequest, Resource};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One resource.
pub(super) async fn get(cx: &Context, call: &Call, request: GetResourceRequest) -> Result<Resource, Refusal> {
    let (tenant, id) = name::resource("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, &id).await?))
}
