//! What a request brings, read once: after these, nobody looks at a raw path, header or body.

pub(crate) mod asked;
pub(crate) mod bearer;
pub(crate) mod cookies;
pub(crate) mod credentials;
pub(crate) mod dpop;
pub(crate) mod form;
pub(crate) mod json;
pub(crate) mod same_origin;
pub(crate) mod source;
pub(crate) mod tenant;
pub(crate) mod visit;
