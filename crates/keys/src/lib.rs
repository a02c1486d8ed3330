//! The life of a signing key; the only room that touches JOSE and key material.
//!
//! A key is made and sealed ([`generate`], [`seal`]), published ([`jwk`]), put to work ([`ring`]) and let go in the
//! order of the key timing. *When* it moves is decided by a pure function ([`plan`]); the move itself is prepared
//! outside any transaction and written in one that is guarded by versions ([`rotate`], [`found`], [`policy`]), so that
//! any number of workers and operators may try at once.
//!
//! This room must never learn of HTTP, gRPC or tables. To add an algorithm: a variant of
//! `domain::vocabulary::Algorithm`, and the compiler names the four matches, in [`generate`], [`jwk`] and the signing
//! and verifying halves of the JWS.

use std::sync::Arc;

use chancery_domain::{
    ports::{platform::PlatformStore, store::Store},
    random::Random,
    time::Clock,
};

mod carry;
mod envelope;
pub mod found;
pub mod generate;
pub mod hmac;
pub mod jwk;
mod jws;
pub mod kek;
pub mod master;
pub mod plan;
pub mod policy;
pub mod ring;
pub mod rotate;
pub mod seal;
pub mod step;

use generate::KeyPairPool;
use master::MasterKeys;

/// What the use-cases of this room work with.
#[derive(Clone)]
pub struct Context {
    /// The rows of tenants.
    pub store: Arc<dyn Store>,
    /// The rows over tenants.
    pub platform: Arc<dyn PlatformStore>,
    /// The time of the database.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// What tenants' keys are sealed under.
    pub masters: Arc<MasterKeys>,
    /// Key pairs, ready before they are asked for.
    pub pool: Arc<KeyPairPool>,
}
