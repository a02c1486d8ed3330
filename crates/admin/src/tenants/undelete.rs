//! `UndeleteTenant`.

use chancery_domain::{audit::Action, tenant::Tenant};
use chancery_proto::v1::{self, UndeleteTenantRequest};

use crate::{
    call::Call,
    context::Context,
    name, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
    turn::Turn,
};

/// Takes a deletion back before the tenant is purged.
pub(super) async fn undelete(cx: &Context, call: &Call, request: UndeleteTenantRequest) -> Result<v1::Tenant, Refusal> {
    reach::movable(cx, call, &name::tenant("name", &request.name)?).await?;
    let named = Named::of(cx, call, &request)?;
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Undeleted,
        step: Tenant::undelete,
    };
    once(named.as_ref(), Ledger::Platform(cx), turn.carry_out(cx, call, named.as_ref())).await
}
