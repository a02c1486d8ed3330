//! `DisableClient`.

use chancery_domain::{audit::Action, client::Client};
use chancery_proto::v1::{self, DisableClientRequest};

use crate::{call::Call, context::Context, errand::Errand, name, previews, reach, status::Refusal, turn::Turn};

/// Refuses a client everywhere.
pub(super) async fn disable(cx: &Context, call: &Call, request: DisableClientRequest) -> Result<v1::Client, Refusal> {
    let (tenant, _) = name::client("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let errand = Errand::of(reached, &request)?;
    let work = async {
        previews::admit(cx, call, &request).await?;
        turn(&request, false).carry_out(cx, call, errand.named()).await
    };
    errand.once(work).await
}

/// The move.
pub(crate) fn turn(request: &DisableClientRequest, validate_only: bool) -> Turn<'_, Client> {
    Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only,
        action: Action::Disabled,
        step: |client: Client, _| client.disable(),
    }
}
