//! What goes with a client.

use chancery_domain::ports::impact::Within;
use chancery_proto::v1::{DeleteClientRequest, DisableClientRequest};

use super::{Foreseen, dangerous, effects};
use crate::{call::Call, clients, context::Context, name, reach, status::Refusal};

dangerous!(DeleteClientRequest as DeleteClient by delete; validate_only; |request| request.validate_only);
dangerous!(DisableClientRequest as DisableClient by disable; request_id; |_| false);

async fn delete(cx: &Context, call: &Call, request: &DeleteClientRequest) -> Result<Foreseen, Refusal> {
    let trial = DeleteClientRequest { validate_only: true, ..request.clone() };
    clients::delete::delete(cx, call, trial).await?;
    gone(cx, call, &request.name).await
}

async fn disable(cx: &Context, call: &Call, request: &DisableClientRequest) -> Result<Foreseen, Refusal> {
    clients::disable::turn(request, true).carry_out(cx, call, None).await?;
    gone(cx, call, &request.name).await
}

/// Nothing that the client was given is worth anything any more.
async fn gone(cx: &Context, call: &Call, name: &str) -> Result<Foreseen, Refusal> {
    let (tenant, id) = name::client("name", name)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let client = clients::find::find(&reached, &id).await?;
    let standing = effects::standing(&reached.tenant, cx.clock.now());
    let impact = reached.read().impact().holding(Within::Client(client.uid), standing).await?;
    Ok(Foreseen {
        about: name.to_owned(),
        version: format!("{} {}", client.uid, client.version.number()),
        effects: effects::of_impact(&reached.tenant, impact),
    })
}
