//! Compact JWS (RFC 7515 section 7.1), as RFC 8725 asks one to write and to read it.

pub(crate) mod hot_key;
pub(crate) mod json;
pub(crate) mod sign;
pub(crate) mod verify;
