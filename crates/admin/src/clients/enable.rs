//! `EnableClient`.

use chancery_domain::{audit::Action, client::Client};
use chancery_proto::v1::{self, EnableClientRequest};

use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, turn::Turn};

/// Serves a disabled client again.
pub(super) async fn enable(cx: &Context, call: &Call, request: EnableClientRequest) -> Result<v1::Client, Refusal> {
    let (tenant, _) = name::client("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: |client: Client, _| client.enable(),
    };
    errand.once(turn.carry_out(cx, call, errand.named())).await
}
