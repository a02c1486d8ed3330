//! `DisableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, DisableUserRequest};

use super::turn::Turn;
use crate::{call::Call, context::Context, status::Refusal};

/// Refuses sign-ins, and ends sessions and grants.
pub(super) async fn disable(cx: &Context, call: &Call, request: DisableUserRequest) -> Result<v1::User, Refusal> {
    let turn = Turn { name: &request.name, etag: &request.etag, action: Action::Disabled, step: User::disable };
    turn.carry_out(cx, call).await
}
