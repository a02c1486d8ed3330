//! `EnableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, EnableUserRequest};

use crate::{call::Call, context::Context, status::Refusal, turn::Turn};

/// Lets a disabled user sign in again.
pub(super) async fn enable(cx: &Context, call: &Call, request: EnableUserRequest) -> Result<v1::User, Refusal> {
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: |user: User, _| user.enable(),
    };
    turn.carry_out(cx, call).await
}
