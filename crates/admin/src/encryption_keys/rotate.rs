//! `RotateEncryptionKeys`.

use chancery_domain::encryption_key::EncryptionKey;
use chancery_keys::encryption::{self, Ask};
use chancery_proto::v1::{RotateEncryptionKeysRequest, RotateEncryptionKeysResponse};

use super::message;
use crate::{
    call::Call,
    context::Context,
    errand::Errand,
    name, reach,
    status::{Reason, Refusal},
    text,
};

/// The way out for a tenant that has none.
const OFF: &str = "takes no encrypted request objects: switch settings.request_object_encryption on first";

/// Publishes new keys in place of those that are.
pub(super) async fn rotate(
    cx: &Context,
    call: &Call,
    request: RotateEncryptionKeysRequest,
) -> Result<RotateEncryptionKeysResponse, Refusal> {
    let reached = reach::writable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let errand = Errand::of(reached, &request)?;
    errand.once(work(&errand, &request)).await
}

async fn work(
    errand: &Errand<'_>,
    request: &RotateEncryptionKeysRequest,
) -> Result<RotateEncryptionKeysResponse, Refusal> {
    let reached = &errand.reached;
    let (cx, call, tenant) = (reached.cx, reached.call, &reached.tenant);
    let reason = text::description("reason", &request.reason)?;
    if !tenant.takes_encrypted_requests() {
        return Err(Refusal::precondition(Reason::EncryptionOff, &request.parent, OFF));
    }
    let prepared = encryption::prepare(&cx.keys, tenant, &Ask::Rotate).await?;
    let now = cx.keys.database_time().await?;
    let tx = reached.begin().await?;
    let note = Some(reason.as_str()).filter(|reason| !reason.is_empty());
    prepared.write(&*tx, call.author(), note, now).await.map_err(super::delete::raced)?;
    let told =
        |keys: &mut dyn Iterator<Item = &EncryptionKey>| keys.map(|key| message::of(&tenant.slug, key)).collect();
    let answer = RotateEncryptionKeysResponse {
        published_keys: told(&mut prepared.published()),
        withdrawn_keys: told(&mut prepared.withdrawn()),
    };
    errand.commit(tx, answer, now).await
}
