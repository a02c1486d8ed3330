//! `EnableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, EnableUserRequest};

use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, turn::Turn};

/// Lets a disabled user sign in again.
pub(super) async fn enable(cx: &Context, call: &Call, request: EnableUserRequest) -> Result<v1::User, Refusal> {
    let (tenant, _) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: |user: User, _| user.enable(),
    };
    errand.once(turn.carry_out(cx, call, errand.named())).await
}
