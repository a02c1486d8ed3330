//! What goes with a user.

use chancery_domain::ports::impact::Within;
use chancery_proto::v1::{DeleteUserRequest, DisableUserRequest};

use super::{Foreseen, dangerous, effects};
use crate::{call::Call, context::Context, name, reach, status::Refusal, users};

dangerous!(DeleteUserRequest as DeleteUser by delete; validate_only; |request| request.validate_only);
dangerous!(DisableUserRequest as DisableUser by disable; request_id; |_| false);

async fn delete(cx: &Context, call: &Call, request: &DeleteUserRequest) -> Result<Foreseen, Refusal> {
    let trial = DeleteUserRequest { validate_only: true, ..request.clone() };
    users::delete::delete(cx, call, trial).await?;
    gone(cx, call, &request.name).await
}

async fn disable(cx: &Context, call: &Call, request: &DisableUserRequest) -> Result<Foreseen, Refusal> {
    users::disable::turn(request, true).carry_out(cx, call, None).await?;
    gone(cx, call, &request.name).await
}

/// The user is signed out everywhere, and nothing that they gave holds any more.
async fn gone(cx: &Context, call: &Call, name: &str) -> Result<Foreseen, Refusal> {
    let (tenant, id) = name::user("name", name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let user = users::find::find(&reached, id).await?;
    let standing = effects::standing(&reached.tenant, cx.clock.now());
    let impact = reached.read().impact().holding(Within::User(id), standing).await?;
    Ok(Foreseen {
        about: name.to_owned(),
        version: user.version.number().to_string(),
        effects: effects::of_impact(&reached.tenant, impact),
    })
}
