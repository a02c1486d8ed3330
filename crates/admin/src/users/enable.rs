//! `EnableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, EnableUserRequest};

use super::turn::Turn;
use crate::{call::Call, context::Context, status::Refusal};

/// Lets a disabled user sign in again.
pub(super) async fn enable(cx: &Context, call: &Call, request: EnableUserRequest) -> Result<v1::User, Refusal> {
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: User::enable,
    };
    turn.carry_out(cx, call).await
}
