//! `GetScope`.

use chancery_proto::v1::{GetScopeRequest, Scope};

use super::{
    find::{Found, find},
    message,
};
use crate::{call::Call, context::Context, name, reach, status::Refusal};

/// One scope.
pub(super) async fn get(cx: &Context, call: &Call, request: GetScopeRequest) -> Result<Scope, Refusal> {
    let (tenant, id) = name::scope("name", &request.name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    match find(&reached, id).await? {
        Found::BuiltIn(scope) => Ok(message::of_built_in(&tenant, scope)),
        Found::Own(scope) => Ok(message::of(&tenant, &scope)),
    }
}
