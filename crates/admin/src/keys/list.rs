//! `ListKeys`.

use chancery_domain::key::Key;
use chancery_proto::v1::{ListKeysRequest, ListKeysResponse};

use super::message;
use crate::{call::Call, context::Context, name, page, reach, status::Refusal};

/// The keys of a tenant that are asked for, newest first unless asked otherwise, those that are out of use as well.
pub(super) async fn list(cx: &Context, call: &Call, request: ListKeysRequest) -> Result<ListKeysResponse, Refusal> {
    let reached = reach::readable(cx, call, &name::tenant("parent", &request.parent)?).await?;
    let asked = page::asked(cx, call, &request)?;
    let rows = reached.read();
    let query = asked.query(&request.filter, &request.order_by)?;
    let (keys, policy) = (rows.keys().all().await?, rows.keys().policy().await?);
    let page = query.of(keys, Key::field, position);
    let keys = page.rows.iter().map(|key| message::of(&reached.tenant.slug, key, &policy)).collect();
    Ok(ListKeysResponse { keys, next_page_token: asked.token(page.next)? })
}

/// Ascending where age descends.
fn position(key: &Key) -> String {
    format!("{:020} {}", i64::MAX - key.created_at.millis(), key.id)
}
