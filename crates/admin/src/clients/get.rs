//! `GetClient`.

use chancery_proto::v1::{Client, GetClientRequest};

use super::{find::find, message};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One client.
pub(super) async fn get(cx: &Context, call: &Call, request: GetClientRequest) -> Result<Client, Refusal> {
    let (tenant, id) = name::client("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    Ok(message::of(&tenant, &find(&reached, &id).await?))
}
