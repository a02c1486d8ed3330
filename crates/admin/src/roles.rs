//! Roles: those that are built in, and those that tenants make.

pub(crate) mod meant;
