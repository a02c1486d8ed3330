//! `ListMasterKeys`.

use std::collections::BTreeMap;

use chancery_domain::{id::MasterKeyId, ports::platform::MasterKeyCheck};
use chancery_proto::v1::{ListMasterKeysRequest, ListMasterKeysResponse};

use super::message;
use crate::{call::Call, context::Context, status::Refusal};

/// What is known of a master key.
#[derive(Default)]
struct Known {
    place: Option<usize>,
    in_use: bool,
    tenants: u64,
}

/// Master keys that this server has or that anything is sealed under, by id.
pub(super) async fn list(
    cx: &Context,
    _call: &Call,
    _request: ListMasterKeysRequest,
) -> Result<ListMasterKeysResponse, Refusal> {
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
    let master_keys = keys.iter().map(|(id, known)| message::master(id, known.place, known.in_use, known.tenants));
    Ok(ListMasterKeysResponse { master_keys: master_keys.collect() })
}
