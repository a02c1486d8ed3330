//! `GetKey`.

use chancery_proto::v1::{GetKeyRequest, Key};

use super::message;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// One key.
pub(super) async fn get(cx: &Context, call: &Call, request: GetKeyRequest) -> Result<Key, Refusal> {
    let (tenant, id) = name::key("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let rows = reached.read();
    let Some(key) = rows.keys().find(&id).await? else {
        return Err(Refusal::not_found(Reason::KeyNotFound, "Key", &request.name));
    };
    Ok(message::of(&tenant, &key, &rows.keys().policy().await?))
}
