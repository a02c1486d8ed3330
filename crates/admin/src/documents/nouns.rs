//! The nouns whose things documents hold: one file each.

pub(super) mod claim_mapping;
pub(super) mod client;
pub(super) mod resource;
pub(super) mod scope;
pub(super) mod trusted_issuer;
