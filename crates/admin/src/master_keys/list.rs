//! `ListMasterKeys`.

use std::collections::BTreeMap;

use chancery_domain::{id::MasterKeyId, ports::platform::MasterKeyCheck, query::Value, rewrap::MasterKeyField};
use chancery_proto::v1::{ListMasterKeysRequest, ListMasterKeysResponse};

use super::message;
use crate::{call::Call, context::Context, page, status::Refusal};

/// What is known of a master key.
#[derive(Default)]
struct Known {
    place: Option<usize>,
    in_use: bool,
    tenants: u64,
}

/// Master keys that this server has or that anything is sealed under, by id unless asked otherwise.
pub(super) async fn list(
    cx: &Context,
    call: &Call,
    request: ListMasterKeysRequest,
) -> Result<ListMasterKeysResponse, Refusal> {
    let asked = page::asked(cx, call, &request)?;
    let query = asked.query(&request.filter, &request.order_by)?;
    let reader = cx.platform.read();
    let mut keys: BTreeMap<MasterKeyId, Known> = BTreeMap::new();
    for (place, id) in cx.keys.masters.ids().enumerate() {
        keys.entry(id.clone()).or_default().place = Some(place);
    }
    for MasterKeyCheck { id, .. } in reader.master_keys().await? {
        keys.entry(id).or_default().in_use = true;
    }
    for count in reader.rewraps().counts().await? {
        keys.entry(count.master_key).or_default().tenants = count.tenants;
    }
    let page = query.of(keys, |(_, known), field| Some(known.value(field)), |(id, _)| id.to_string());
    let message = |(id, known): &(MasterKeyId, Known)| message::master(id, known.place, known.in_use, known.tenants);
    let master_keys = page.rows.iter().map(message).collect();
    Ok(ListMasterKeysResponse { master_keys, next_page_token: asked.token(page.next)? })
}

impl Known {
    fn value(&self, field: MasterKeyField) -> Value {
        Value::flag(match field {
            MasterKeyField::Configured => self.place.is_some(),
            MasterKeyField::Seals => self.place == Some(0),
            MasterKeyField::InUse => self.in_use || self.tenants > 0,
        })
    }
}
