//! `DisableUser`.

use chancery_domain::{audit::Action, user::User};
use chancery_proto::v1::{self, DisableUserRequest};

use crate::{call::Call, context::Context, errand::Errand, name, previews, reach, status::Refusal, turn::Turn};

/// Refuses sign-ins, and ends sessions and grants.
pub(super) async fn disable(cx: &Context, call: &Call, request: DisableUserRequest) -> Result<v1::User, Refusal> {
    let (tenant, _) = name::user("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    let work = async {
        previews::admit(cx, call, &request).await?;
        turn(&request, false).carry_out(cx, call, errand.named()).await
    };
    errand.once(work).await
}

/// The move.
pub(crate) fn turn(request: &DisableUserRequest, validate_only: bool) -> Turn<'_, User> {
    Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only,
        action: Action::Disabled,
        step: |user: User, _| user.disable(),
    }
}
