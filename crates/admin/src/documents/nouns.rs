//! The nouns whose things documents hold: one file each.

pub(super) mod client;
pub(super) mod scope;
