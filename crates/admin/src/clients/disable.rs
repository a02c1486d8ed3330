//! `DisableClient`.

use chancery_domain::{audit::Action, client::Client};
use chancery_proto::v1::{self, DisableClientRequest};

use super::turn::Turn;
use crate::{call::Call, context::Context, status::Refusal};

/// Refuses a client everywhere.
pub(super) async fn disable(cx: &Context, call: &Call, request: DisableClientRequest) -> Result<v1::Client, Refusal> {
    let turn = Turn { name: &request.name, etag: &request.etag, action: Action::Disabled, step: Client::disable };
    turn.carry_out(cx, call).await
}
