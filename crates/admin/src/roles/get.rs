//! `GetRole`.

use chancery_proto::v1::{GetRoleRequest, Role};

use super::{find, message};
use crate::{
    call::Call,
    context::Context,
    name::{self, RoleName},
    reach,
    status::Refusal,
};

/// One role.
pub(super) async fn get(cx: &Context, call: &Call, request: GetRoleRequest) -> Result<Role, Refusal> {
    match name::role("name", &request.name)? {
        RoleName::BuiltIn(role) => reach::platform(call).map(|()| message::of_built_in(role)),
        RoleName::Own(tenant, slug) => {
            let reached = reach::readable(cx, call, &tenant).await?;
            Ok(message::of(&tenant, &find(cx, &reached, &slug).await?))
        }
    }
}
