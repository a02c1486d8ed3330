//! Signing keys that are held in a hardware security module, spoken to over PKCS#11 (OASIS, version 2.40 and later).
//!
//! An [`Hsm`] is a [`Custodian`](chancery_keys::custodian::Custodian): it makes keys that cannot be taken out, and
//! signs with them. A module's sessions are not to be shared between threads, so a few threads of its own hold one each
//! (`queue`); what they cannot do with a session any more they do once again with a new one (`desk`).
//!
//! This room must never learn of tenants' rows, HTTP or gRPC. To add an algorithm: the matches in `mechanism`
//! and `making`.

use std::path::PathBuf;

use chancery_domain::{id::SignerName, secret::Secret};

mod desk;
mod fault;
mod hsm;
mod making;
mod mechanism;
mod queue;
mod token;

pub use fault::OpenError;
pub use hsm::Hsm;

/// Where a module is and how one gets in.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What rows of keys call it.
    pub name: SignerName,
    /// The shared library of its vendor.
    pub module: PathBuf,
    /// The label of the token that holds the keys.
    pub token: String,
    /// The PIN of the token's user.
    pub pin: Secret,
}
