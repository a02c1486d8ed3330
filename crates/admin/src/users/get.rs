//! `GetUser`.

use chancery_proto::v1::{GetUserRequest, User};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One user.
pub(super) async fn get(cx: &Context, call: &Call, request: GetUserRequest) -> Result<User, Refusal> {
    let (tenant, id) = name::user("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, id).await?))
}
