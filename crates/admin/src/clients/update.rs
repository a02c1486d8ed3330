//! `UpdateClient`.

use chancery_domain::{audit::Action, change::Noun, client::IdTokenSigning};
use chancery_proto::v1::{self, UpdateClientRequest};

use super::{FIELDS, find::find, message, read};
use crate::{
    call::Call,
    context::Context,
    etag, mask, name, reach,
    status::{Reason, Refusal},
};

/// The way out for a client whose secrets the server cannot sign with.
const DIGESTED: &str = "has secrets of which only digests are kept, so that nothing can be signed with them: delete those \
                        secrets, set id_token_signed_response_alg to HS256, and generate a new secret";

/// Changes a client.
pub(super) async fn update(cx: &Context, call: &Call, request: UpdateClientRequest) -> Result<v1::Client, Refusal> {
    let now = cx.clock.now();
    let sent = request.client.unwrap_or_default();
    let (tenant, id) = name::client("client.name", &sent.name)?;
    let reached = reach::writable(cx, call, &tenant).await?;
    let stored = find(&reached, &id).await?;
    etag::check(&sent.etag, &message::etag(&stored))?;

    let mut wanted = message::of(&tenant, &stored);
    mask::apply(FIELDS, "client", request.update_mask.as_ref(), &sent, &mut wanted)?;
    let before = stored.id_token_signing;
    let client = read::read(&wanted, stored, reached.tenant.profile)?;
    if client.id_token_signing == IdTokenSigning::ClientSecret && !client.has_sealed_secrets_alone() {
        return Err(Refusal::precondition(Reason::ClientSecretsDigested, &sent.name, DIGESTED));
    }

    let tx = reached.begin().await?;
    let version = tx.clients().update(&client, now).await?;
    if client.id_token_signing != before && client.id_token_signing == IdTokenSigning::TenantKey {
        tx.clients().forget_sealed_secrets(client.uid).await?;
    }
    let event = call.event(Some(reached.tenant.id), now, Action::Updated).between(client.version, version);
    tx.audit(event.about(Noun::Client, &client.id)).await?;
    tx.commit().await?;
    Ok(message::of_written(&tenant, client, version, now))
}
