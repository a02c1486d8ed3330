//! Keys in SoftHSM, which Debian has as `softhsm2`.

mod login;
mod sessions;
mod signing;
mod softhsm;
