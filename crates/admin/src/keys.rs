//! Signing keys and the policy that they follow: one file for each call.

mod get;
mod get_policy;
mod list;
mod message;
mod policy_message;
mod rotate;
mod update_policy;

use chancery_proto::v1::{
    GetKeyPolicyRequest, GetKeyRequest, Key, KeyPolicy, ListKeysRequest, ListKeysResponse, RotateKeysRequest,
    RotateKeysResponse, UpdateKeyPolicyRequest,
};

use crate::{
    mask::{self, Field},
    service::service,
};

service! {
    /// Answers the calls about keys.
    Keys serves key_service_server::KeyService {
        list_keys(ListKeysRequest) -> ListKeysResponse = list::list;
        get_key(GetKeyRequest) -> Key = get::get;
        get_key_policy(GetKeyPolicyRequest) -> KeyPolicy = get_policy::get_policy;
        update_key_policy(UpdateKeyPolicyRequest) -> KeyPolicy = update_policy::update_policy;
        rotate_keys(RotateKeysRequest) -> RotateKeysResponse = rotate::rotate;
    }
}

/// What an update of a policy may change.
pub(crate) const FIELDS: &[Field<KeyPolicy>] = mask::fields! {
    KeyPolicy {
        open: algorithms, default_algorithm, period, announce, retain, max_age, verifier_cache, longest_token_life;
        fixed: ;
        output: name, margins, jitter_percent, next_rotation_time, etag;
    }
};
