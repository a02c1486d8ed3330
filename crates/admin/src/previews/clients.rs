//! What goes with a client.

use chancery_domain::{
    id::ClientUid,
    ports::{impact::Within, store::TenantReader},
    tenant::Tenant,
};
use chancery_proto::v1::{DeleteClientRequest, DisableClientRequest, preview::Effect};

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
    Ok(Foreseen {
        about: name.to_owned(),
        version: format!("{} {}", client.uid, client.version.number()),
        effects: held(cx, &*reached.read(), &reached.tenant, client.uid).await?,
    })
}

/// What the client was given.
pub(crate) async fn held(
    cx: &Context,
    rows: &dyn TenantReader,
    tenant: &Tenant,
    client: ClientUid,
) -> Result<Vec<Effect>, Refusal> {
    let standing = effects::standing(tenant, cx.clock.now());
    let impact = rows.impact().holding(Within::Client(client), standing).await?;
    Ok(effects::of_impact(tenant, impact))
}
