//! `CreateClient`.

use chancery_domain::{change::Noun, fault::WriteError, id::ClientId};
use chancery_proto::v1::{self, CreateClientRequest};

use super::{draft, message, write};
use crate::{call::Call, context::Context, errand::Errand, name, reach, status::Refusal, text};

/// Registers a client. It has no secret yet.
pub(super) async fn create(cx: &Context, call: &Call, request: CreateClientRequest) -> Result<v1::Client, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    Box::pin(errand.once(work(&errand, &request))).await
}

async fn work(errand: &Errand<'_>, request: &CreateClientRequest) -> Result<v1::Client, Refusal> {
    let reached = &errand.reached;
    let cx = reached.cx;
    let now = cx.clock.now();
    let sent = request.client.clone().unwrap_or_default();
    let chosen = text::optional("client_id", &request.client_id)?;
    let id = chosen.unwrap_or_else(|| ClientId::generate(&*cx.random));
    let policy = reached.read().keys().policy().await?;
    let client = draft::fresh(cx, &sent, &id, (&reached.tenant, &policy), now)?;
    let answer = message::of(&reached.tenant.slug, &client);
    let about = |error: WriteError| Refusal::from(error).about("Client", &answer.name);
    if request.validate_only {
        let taken = reached.read().clients().find(&client.id).await?.is_some();
        return if taken { Err(about(WriteError::Taken(Noun::Client))) } else { Ok(answer) };
    }

    let tx = reached.begin().await?;
    let to = reached.writing(&*tx, now);
    write::insert(to, &client).await.map_err(about)?;
    errand.commit(tx, answer, now).await
}
