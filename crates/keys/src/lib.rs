//! The life of a signing key; the only room that touches JOSE and key material.
//!
//! A key is made, or read from elsewhere, and sealed ([`generate`], [`import`], [`seal`]), published ([`jwk`]), put to work ([`ring`]) and let go in the
//! order of the key timing. *When* it moves is decided by a pure function ([`plan`]); the move itself is prepared
//! outside any transaction and written in one that is guarded by versions ([`rotate`], [`found`], [`policy`]), so that
//! any number of workers and operators may try at once. [`promise`] records how long what a key signs may live, [`alarm`]
//! is for the bad day, and [`adopt`] takes in keys that operators bring. Clients' own keys are read by [`client_keys`], to
//! verify what they sign and to encrypt for them, and their certificates by [`client_certificates`]; the keys that they encrypt to have another life ([`encryption`]). What
//! all of it is sealed under changes by re-wrapping ([`rewrap`]).
//!
//! This room must never learn of HTTP, gRPC or tables. To add an algorithm: a variant of
//! `domain::vocabulary::Algorithm`, and the compiler names the matches, in [`generate`], [`jwk`] and the signing half of
//! the JWS. To hold keys in another place: an implementation of [`custodian::Custodian`].

use std::sync::Arc;

use chancery_domain::{
    fault::Fault,
    id::{SignerName, TenantId},
    key::Key,
    key_policy::Margins,
    key_spec::KeySpec,
    ports::{platform::PlatformStore, store::Store},
    random::Random,
    time::{Clock, Timestamp},
};

pub mod adopt;
pub mod alarm;
pub mod audit;
mod carry;
pub mod client_certificates;
pub mod client_keys;
pub mod custodian;
pub mod encryption;
mod envelope;
pub mod found;
pub mod generate;
pub mod hmac;
pub mod import;
mod jwe;
pub mod jwk;
mod jws;
pub mod kek;
pub mod master;
pub mod measure;
pub mod plan;
pub mod policy;
mod private_part;
pub mod promise;
mod pseudonym;
pub mod rewrap;
pub mod ring;
pub mod rotate;
pub mod seal;
pub mod size;
pub mod step;
pub mod timetable;

use custodian::Custodians;
use generate::{KeyPair, KeyPairPool};
use kek::TenantKek;
use master::MasterKeys;
use private_part::PrivatePart;

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
    /// Who else holds private keys.
    pub custodians: Custodians,
    /// What the deployment allows for replicas that lag and clocks that disagree.
    pub margins: Margins,
}

impl Context {
    /// Over the rows of one store: nobody else holds private keys, and the margins are the standard ones.
    pub fn over<S: Store + PlatformStore + Clone + 'static>(
        store: &S,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        masters: MasterKeys,
    ) -> Self {
        Self {
            store: Arc::new(store.clone()),
            platform: Arc::new(store.clone()),
            clock,
            pool: Arc::new(KeyPairPool::start(Arc::clone(&random))),
            random,
            masters: Arc::new(masters),
            custodians: Custodians::default(),
            margins: Margins::STANDARD,
        }
    }

    /// The time to move keys by: asked of the database itself, so that a wrong clock on one machine neither rotates
    /// early nor removes anything.
    pub async fn database_time(&self) -> Result<Timestamp, Fault> {
        self.platform.read().now().await
    }

    /// A new key pair for a tenant: made here, or by the custodian of that name, who keeps the private part.
    pub async fn pair(
        &self,
        tenant: TenantId,
        spec: KeySpec,
        custodian: Option<&SignerName>,
    ) -> Result<KeyPair, Fault> {
        match custodian {
            None => self.pool.pair(spec).await,
            Some(name) => {
                KeyPair::make_at(self.custodians.needed(name)?.as_ref(), spec, tenant, self.random.as_ref()).await
            }
        }
    }

    /// Lets go of the private part of a key, as it was before it left the row or when it was never written: what a
    /// custodian holds of it is destroyed. There is nothing to do for a key that was in its row.
    pub async fn release(&self, kek: &TenantKek, tenant: TenantId, key: &Key) -> Result<(), Fault> {
        if key.private.is_none() {
            return Ok(());
        }
        match kek.open_private(tenant, key)? {
            PrivatePart::Here(_) => Ok(()),
            PrivatePart::Held { custodian, reference } => self.custodians.needed(&custodian)?.destroy(&reference).await,
        }
    }
}
