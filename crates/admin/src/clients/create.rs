//! `CreateClient`.

use chancery_domain::{change::Noun, fault::WriteError, id::ClientId};
use chancery_proto::v1::{self, CreateClientRequest};

use super::{draft, message, write};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::Refusal,
    writing::Writing,
};

/// Registers a client. It has no secret yet.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateClientRequest) -> Result<v1::Client, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let named = Named::of(cx, call, &request)?;
    once(named.as_ref(), Ledger::Tenant(&reached), work(cx, call, &reached, named.as_ref(), &request)).await
}

async fn work(
    cx: &Context,
    call: &Call,
    reached: &Reached<'_>,
    named: Option<&Named>,
    request: &CreateClientRequest,
) -> Result<v1::Client, Refusal> {
    let now = cx.clock.now();
    let sent = request.client.clone().unwrap_or_default();
    let id: ClientId = match request.client_id.as_str() {
        "" => ClientId::generate(&*cx.random),
        chosen => chosen.parse().map_err(|malformed| Refusal::malformed("client_id", &malformed))?,
    };
    let policy = reached.read().keys().policy().await?;
    let client = draft::fresh(cx, &sent, id, (reached.tenant.profile, &policy), now)?;
    let answer = message::of(&reached.tenant.slug, &client);
    let about = |error: WriteError| Refusal::from(error).about("Client", &answer.name);
    if request.validate_only {
        let taken = reached.read().clients().find(&client.id).await?.is_some();
        return if taken { Err(about(WriteError::Taken(Noun::Client))) } else { Ok(answer) };
    }

    let tx = reached.begin().await?;
    let to = Writing { cx, call, rows: &*tx, tenant: reached.tenant.id, now };
    write::insert(to, &client).await.map_err(about)?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
