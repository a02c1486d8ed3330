//! `EnableClient`.

use chancery_domain::{audit::Action, client::Client};
use chancery_proto::v1::{self, EnableClientRequest};

use super::turn::Turn;
use crate::{
    call::Call,
    context::Context,
    name, reach,
    request_id::{Ledger, Named, once},
    status::Refusal,
};

/// Serves a disabled client again.
pub(super) async fn enable(cx: &Context, call: &Call, request: EnableClientRequest) -> Result<v1::Client, Refusal> {
    let (tenant, _) = name::client("name", &request.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let named = Named::of(cx, call, &request)?;
    let turn = Turn {
        name: &request.name,
        etag: &request.etag,
        validate_only: false,
        action: Action::Enabled,
        step: Client::enable,
    };
    once(named.as_ref(), Ledger::Tenant(&reached), turn.carry_out(cx, call, named.as_ref())).await
}
