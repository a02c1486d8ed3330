//! `EnableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, EnableUserRequest};

use super::turn::Turn;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Lets a disabled user sign in again.
pub(super) async fn enable(cx: &Context, call: &Call, request: EnableUserRequest) -> Result<v1::User, Refusal> {
    let (tenant, _) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let named = Named::of(cx, call, &request)?;
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: User::enable,
    };
    once(named.as_ref(), Ledger::Tenant(&reached), turn.carry_out(cx, call, named.as_ref())).await
}
