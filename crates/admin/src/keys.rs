//! Signing keys and the policy that they follow: one file for each call.

mod alarm;
mod change_message;
pub(crate) mod compromise;
mod compromise_algorithm;
pub(crate) mod compromise_tenant;
mod get;
mod get_policy;
mod get_timeline;
mod import;
mod list;
mod message;
pub(crate) mod policy_message;
pub(crate) mod policy_refused;
mod rotate;
mod rule_message;
mod taint;
pub(crate) mod update_policy;

use chancery_proto::v1::{
    CompromiseAlgorithmRequest, CompromiseAlgorithmResponse, CompromiseKeyRequest, CompromiseTenantKeysRequest,
    GetKeyPolicyRequest, GetKeyRequest, GetKeyTimelineRequest, ImportKeyRequest, Key, KeyAlarm, KeyPolicy, KeyTimeline,
    ListKeysRequest, ListKeysResponse, RotateKeysRequest, RotateKeysResponse, TaintKeyRequest, UpdateKeyPolicyRequest,
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
        get_key_timeline(GetKeyTimelineRequest) -> KeyTimeline = get_timeline::get_timeline;
        import_key(ImportKeyRequest) -> Key = import::import;
        taint_key(TaintKeyRequest) -> KeyAlarm = taint::taint;
        compromise_key(CompromiseKeyRequest) -> KeyAlarm = compromise::compromise;
        compromise_tenant_keys(CompromiseTenantKeysRequest) -> KeyAlarm = compromise_tenant::compromise_tenant;
        [CompromiseAlgorithmStream] compromise_algorithm(CompromiseAlgorithmRequest)
            -> CompromiseAlgorithmResponse = compromise_algorithm::compromise_algorithm;
    }
}

/// What an update of a policy may change.
pub(crate) const FIELDS: &[Field<KeyPolicy>] = mask::fields! {
    KeyPolicy {
        open: algorithms, default_algorithm, period, cron, time_zone, jitter_percent, announce, retain, max_age,
            verifier_cache, longest_token_life, rules, rsa_bits;
        fixed: ;
        output: name, margins, next_rotation_time, next_rotation_times, interim_algorithm, signing_algorithms,
            token_life, key_changes, etag;
    }
};
