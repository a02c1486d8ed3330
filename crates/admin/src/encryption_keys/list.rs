//! `ListEncryptionKeys`.

use chancery_domain::encryption_key::EncryptionKey;
use chancery_proto::v1::{ListEncryptionKeysRequest, ListEncryptionKeysResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Encryption keys of a tenant, by their ids unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListEncryptionKeysRequest,
) -> Result<ListEncryptionKeysResponse, Refusal> {
    let tenant = name::tenant("parent", &request.parent)?;
    let reached = reach::readable(cx, call, &tenant).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let keys = reached.read().encryption_keys().all().await?;
    let page = query.of(keys, EncryptionKey::field, |key| key.id.to_string());
    let encryption_keys = page.rows.iter().map(|key| message::of(&tenant, key)).collect();
    Ok(ListEncryptionKeysResponse { encryption_keys, next_page_token: asked.token(page.next)? })
}
