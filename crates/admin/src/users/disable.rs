//! `DisableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, DisableUserRequest};

use crate::{call::Call, context::Context, previews, status::Refusal, turn::Turn};

/// Refuses sign-ins, and ends sessions and grants.
pub(super) async fn disable(cx: &Context, call: &Call, request: DisableUserRequest) -> Result<v1::User, Refusal> {
    previews::admit(cx, call, &request).await?;
    turn(&request, false).carry_out(cx, call).await
}

/// The move.
pub(crate) fn turn(request: &DisableUserRequest, validate_only: bool) -> Turn<'_, User> {
    Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only,
        action: Action::Disabled,
        step: |user, _| user.disable(),
    }
}
