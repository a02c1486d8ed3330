//! What to think of when a field changes: for each message that documents hold a table with a row for each field that can
//! be set.

mod claim_mapping;
mod client;
mod key_policy;
mod resource;
mod scope;
mod tenant;
mod trusted_issuer;

pub(super) use self::{
    claim_mapping::CLAIM_MAPPING, client::CLIENT, key_policy::KEY_POLICY, resource::RESOURCE, scope::SCOPE,
    tenant::TENANT, trusted_issuer::TRUSTED_ISSUER,
};

#[cfg(test)]
mod tests;
