//! The master keys: the first seals, all open.

use chancery_domain::{
    id::MasterKeyId,
    random::{self, Random},
    secret::{base64url, from_base64url},
};
use chancery_keys::master::MasterKeys;

use super::leaves::Leaves;

/// Reads `[[keys.master]]` entries of `id` and `value` or `value_file`, in their order.
pub(super) fn read(leaves: &mut Leaves) -> Option<MasterKeys> {
    let mut keys = Vec::new();
    let mut whole = true;
    for index in 0.. {
        let path = format!("keys.master.{index}");
        if !leaves.has(&path) {
            break;
        }
        let id = leaves.required_by(&format!("{path}.id"), "each master key needs a name", |text| {
            text.parse::<MasterKeyId>().map_err(|error| error.to_string())
        });
        let value_path = format!("{path}.value");
        let value = leaves
            .required_secret(&value_path, "give the key as value or value_file (`chancery master-key` makes one)");
        let bytes =
            value.and_then(|text| read_master_key(&text).map_err(|what| leaves.fault_at(&value_path, what)).ok());
        match (id, bytes) {
            (Some(id), Some(bytes)) => keys.push((id, bytes)),
            _ => whole = false,
        }
    }
    if keys.is_empty() && whole {
        leaves.missing(
            "keys.master",
            "at least one master key seals the tenants' keys (`chancery master-key` makes one)",
        );
        return None;
    }
    if !whole {
        return None;
    }
    MasterKeys::new(keys).map_err(|error| leaves.fault_at("keys.master.0.id", &error.to_string())).ok()
}

/// Reads the text of a master key.
pub(crate) fn read_master_key(text: &str) -> Result<[u8; 32], &'static str> {
    const RULE: &str = "must be 32 bytes in base64url without padding (43 characters)";
    from_base64url(text).and_then(|bytes| bytes.try_into().ok()).ok_or(RULE)
}

/// The text of a new master key.
pub(crate) fn new_master_key(random: &dyn Random) -> String {
    base64url(&random::bytes::<32>(random))
}
