//! `ListKeys`.

use chancery_domain::key::Key;
use chancery_proto::v1::{ListKeysRequest, ListKeysResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// Keys of a tenant, newest first, those that are out of use as well.
pub(super) async fn list(cx: &Context, call: &Call, request: ListKeysRequest) -> Result<ListKeysResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let rows = reached.read();
    let (mut keys, policy) = (rows.keys().all().await?, rows.keys().policy().await?);
    keys.sort_by_key(position);
    let page = asked.cut(keys, position);
    let keys = page.rows.iter().map(|key| message::of(&reached.tenant.slug, key, &policy)).collect();
    Ok(ListKeysResponse { keys, next_page_token: asked.token(page.next)? })
}

/// Ascending where age descends.
fn position(key: &Key) -> String {
    format!("{:020} {}", i64::MAX - key.created_at.millis(), key.id)
}
