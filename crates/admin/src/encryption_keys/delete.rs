//! `DeleteEncryptionKey`.

use chancery_domain::fault::WriteError;
use chancery_keys::encryption::{self, Ask};
use chancery_proto::v1::DeleteEncryptionKeyRequest;

use crate::{
    call::Call,
    context::Context,
    name, reach,
    status::{Reason, Refusal},
};

/// Destroys a key; a published one is replaced in the same transaction.
pub(super) async fn delete(cx: &Context, call: &Call, request: DeleteEncryptionKeyRequest) -> Result<(), Refusal> {
    let (slug, id) = name::encryption_key("name", &request.name)?;
    let reached = reach::writable(cx, call, &slug).await?;
    if !reached.read().encryption_keys().all().await?.iter().any(|key| key.id == id) {
        return Err(Refusal::not_found(Reason::EncryptionKeyNotFound, "EncryptionKey", &request.name));
    }
    if request.validate_only {
        return Ok(());
    }
    let prepared = encryption::prepare(&cx.keys, &reached.tenant, &Ask::Destroy(id)).await?;
    let now = cx.keys.database_time().await?;
    let tx = reached.begin().await?;
    prepared.write(&*tx, call.author(), None, now).await.map_err(raced)?;
    Ok(tx.commit().await?)
}

/// Whoever was faster moved the same keys.
pub(super) fn raced(error: WriteError) -> Refusal {
    match error {
        WriteError::Stale | WriteError::Taken(_) => Refusal::new(Reason::KeysetChanged, "another rotation was faster"),
        WriteError::Fault(fault) => fault.into(),
    }
}
