//! `CreateClient`.

use chancery_domain::{
    audit::Action,
    change::Noun,
    client::Client,
    fault::WriteError,
    id::{ClientId, ClientUid},
};
use chancery_proto::v1::{self, CreateClientRequest};

use super::{message, read};
use crate::{
    call::Call,
    context::Context,
    name,
    reach::{self, Reached},
    request_id::{Ledger, Named, once},
    status::Refusal,
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
    let uid = ClientUid::generate(&*cx.random, now);
    let client = read::read(&sent, Client::new(uid, id, read::kind(&sent)?, now), reached.tenant.profile)?;
    let answer = message::of(&reached.tenant.slug, &client);
    let about = |error: WriteError| Refusal::from(error).about("Client", &answer.name);
    if request.validate_only {
        let taken = reached.read().clients().find(&client.id).await?.is_some();
        return if taken { Err(about(WriteError::Taken(Noun::Client))) } else { Ok(answer) };
    }

    let tx = reached.begin().await?;
    tx.clients().insert(&client).await.map_err(about)?;
    let event = call.event(Some(reached.tenant.id), now, Action::Created).between(None, client.version);
    tx.audit(event.about(Noun::Client, &client.id)).await?;
    if let Some(named) = named {
        named.remember(tx.requests(), &answer, now).await?;
    }
    tx.commit().await?;
    Ok(answer)
}
