//! `ListAuditKeys`.

use chancery_domain::{
    audit_chain::{AuditKey, AuditKeyField},
    query::Value,
};
use chancery_keys::audit;
use chancery_proto::v1::{ListAuditKeysRequest, ListAuditKeysResponse};

use super::{Chain, message};
use crate::{call::Call, context::Context, page, status::Refusal};

/// The public keys that verify checkpoints, oldest first unless asked otherwise.
pub(super) async fn list_keys(
    cx: &Context,
    call: &Call,
    request: ListAuditKeysRequest,
) -> Result<ListAuditKeysResponse, Refusal> {
    Chain::of_parent(cx, call, &request.parent).await?;
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let keys = cx.platform.read().audits().keys().await?.into_iter();
    let keys = keys.map(|key| (audit::is_genuine(&cx.keys, &key) == Some(true), key));
    let page = query.of(keys, |row, field| Some(value(row, field)), |(_, key)| position(key));
    let audit_keys = page.rows.iter().map(|(genuine, key)| message::key(key, *genuine)).collect();
    Ok(ListAuditKeysResponse { audit_keys, next_page_token: asked.token(page.next)? })
}

fn value((genuine, key): &(bool, AuditKey), field: AuditKeyField) -> Value {
    match field {
        AuditKeyField::Genuine => Value::flag(*genuine),
        AuditKeyField::CreateTime => Value::Time(key.created_at),
    }
}

fn position(key: &AuditKey) -> String {
    format!("{:020} {}", key.created_at.millis(), key.id)
}
