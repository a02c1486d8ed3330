//! `DisableClient`.

use chancery_domain::{audit::Action, client::Client};
use chancery_proto::v1::{self, DisableClientRequest};

use super::turn::Turn;
use crate::{
    call::Call,
    context::Context,
    name, previews, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Refuses a client everywhere.
pub(super) async fn disable(cx: &Context, call: &Call, request: DisableClientRequest) -> Result<v1::Client, Refusal> {
    let (tenant, _) = name::client("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let named = Named::of(cx, call, &request)?;
    let work = async {
        previews::admit(cx, call, &request).await?;
        turn(&request, false).carry_out(cx, call, named.as_ref()).await
    };
    once(named.as_ref(), Ledger::Tenant(&reached), work).await
}

/// The move.
pub(crate) fn turn(request: &DisableClientRequest, validate_only: bool) -> Turn<'_> {
    Turn { name: &request.name, etag: &request.etag, validate_only, action: Action::Disabled, step: Client::disable }
}
