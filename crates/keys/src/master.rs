//! Master keys: the few keys of the configuration under which every tenant's own key is sealed.

mod confirm;

use std::fmt;

use aws_lc_rs::hmac;
use chancery_domain::{
    audit_chain::AuditKey,
    fault::Fault,
    id::{KeyId, MasterKeyId, TenantId},
    ports::{platform::MasterKeyCheck, store::SealedKek},
    random::{self, Random},
    secret::Digest,
};
use zeroize::Zeroizing;

pub use self::confirm::{Unusable, confirm};
use crate::{
    envelope::{self, Root, bound_to},
    kek::TenantKek,
    seal::TenantSealer,
};

/// The master keys of this process. The first one seals; all of them open.
pub struct MasterKeys(Vec<Master>);

struct Master {
    id: MasterKeyId,
    root: Root,
}

/// Why a list of master keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    /// The list is empty.
    #[error("at least one master key is needed")]
    Missing,
    /// Two keys have the same name.
    #[error("there are two master keys named {0}")]
    Repeated(MasterKeyId),
}

impl MasterKeys {
    /// Takes the keys as the configuration lists them: 256 random bits each.
    pub fn new(keys: Vec<(MasterKeyId, [u8; 32])>) -> Result<Self, MasterKeyError> {
        let mut masters: Vec<Master> = Vec::with_capacity(keys.len());
        for (id, secret) in keys {
            let secret = Zeroizing::new(secret);
            if masters.iter().any(|known| known.id == id) {
                return Err(MasterKeyError::Repeated(id));
            }
            masters.push(Master { id, root: Root::new(b"chancery master key", secret.as_slice()) });
        }
        if masters.is_empty() { Err(MasterKeyError::Missing) } else { Ok(Self(masters)) }
    }

    /// The check value of the key that seals, to be written down on its first use.
    pub fn check(&self, random: &dyn Random) -> Result<MasterKeyCheck, Fault> {
        let master = self.sealing()?;
        let key = master.root.derive("check")?;
        let sealed = envelope::seal(&key, &master.checked(), &random::bytes::<16>(random))?;
        Ok(MasterKeyCheck { id: master.id.clone(), sealed })
    }

    /// The name of the key that seals.
    pub fn sealing_id(&self) -> Result<&MasterKeyId, Fault> {
        Ok(&self.sealing()?.id)
    }

    /// The names of all keys, the one that seals first.
    pub fn ids(&self) -> impl Iterator<Item = &MasterKeyId> {
        self.0.iter().map(|master| &master.id)
    }

    /// Whether there is a key of that name.
    #[must_use]
    pub fn holds(&self, id: &MasterKeyId) -> bool {
        self.find(id).is_some()
    }

    /// Makes the key of a new tenant.
    pub fn new_kek(&self, tenant: TenantId, random: &dyn Random) -> Result<(TenantKek, SealedKek), Fault> {
        let secret = Zeroizing::new(random::bytes::<32>(random));
        let sealed = self.sealing()?.seal_kek(tenant, secret.as_slice())?;
        Ok((TenantKek::new(secret.as_slice()), sealed))
    }

    /// Opens the key of a tenant. A row that was moved from another tenant does not open.
    pub fn open_kek(&self, tenant: TenantId, kek: &SealedKek) -> Result<TenantKek, Fault> {
        let master = self
            .find(&kek.master_key)
            .ok_or_else(|| Fault::bug("a tenant's key is sealed under a master key that is not configured"))?;
        let secret = master.open_kek(tenant, kek)?.ok_or_else(|| Fault::bug("a tenant's key does not open"))?;
        Ok(TenantKek::new(&secret))
    }

    /// Seals the key of a tenant anew, under the first master key. `None` when it does not open here.
    pub fn reseal_kek(&self, tenant: TenantId, kek: &SealedKek) -> Result<Option<SealedKek>, Fault> {
        let Some(master) = self.find(&kek.master_key) else { return Ok(None) };
        let Some(secret) = master.open_kek(tenant, kek)? else { return Ok(None) };
        let sealing = self.sealing()?;
        let resealed = sealing.seal_kek(tenant, &secret)?;
        // What replaces the only copy is opened once before it does.
        match sealing.open_kek(tenant, &resealed)? {
            Some(opened) if *opened == *secret => Ok(Some(resealed)),
            Some(_) | None => Err(Fault::bug("a tenant's key that was sealed anew does not open")),
        }
    }

    /// A sealer for what belongs to the platform and to no tenant, such as the page tokens of the admin API. It is
    /// derived from the first key alone: what it seals is short-lived and may be lost when that key changes.
    pub fn platform_sealer(&self) -> Result<TenantSealer, Fault> {
        let secret = self.sealing()?.root.derive("platform-sealer")?;
        Ok(TenantSealer::new(&TenantKek::new(secret.as_slice())))
    }

    /// A keyed digest: who has the database alone cannot tell by trial what was digested. For short-lived values, as
    /// it changes with the first key.
    pub fn fingerprint(&self, purpose: &str, bytes: &[u8]) -> Result<Digest, Fault> {
        let secret = self.sealing()?.root.derive("platform-fingerprint")?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice());
        let tag = hmac::sign(&key, &bound_to(purpose, &[bytes]));
        let digest = tag.as_ref().try_into().map_err(|_| Fault::bug("a digest has another length"))?;
        Ok(Digest::from_bytes(digest))
    }

    /// Seals the private part of a key that signs checkpoints, under the key that seals, whose name it gives.
    pub(crate) fn seal_audit_key(
        &self,
        id: &KeyId,
        public: &[u8; 32],
        seed: &[u8],
    ) -> Result<(MasterKeyId, Vec<u8>), Fault> {
        let master = self.sealing()?;
        let sealed = envelope::seal(&master.root.derive("audit-key")?, &audit_key(id, public), seed)?;
        Ok((master.id.clone(), sealed))
    }

    /// Opens it. `None` when its master key is not here, or when the row is not as it was written.
    pub(crate) fn open_audit_key(&self, key: &AuditKey) -> Option<Zeroizing<Vec<u8>>> {
        let root = self.find(&key.master_key)?.root.derive("audit-key").ok()?;
        envelope::open(&root, &audit_key(&key.id, &key.public), &key.sealed)
    }

    fn sealing(&self) -> Result<&Master, Fault> {
        self.0.first().ok_or_else(|| Fault::bug("there is no master key"))
    }

    fn find(&self, id: &MasterKeyId) -> Option<&Master> {
        self.0.iter().find(|master| master.id == *id)
    }

    fn knows(&self, check: &MasterKeyCheck) -> bool {
        self.find(&check.id).is_some_and(|master| {
            let key = master.root.derive("check");
            key.is_ok_and(|key| envelope::open(&key, &master.checked(), &check.sealed).is_some())
        })
    }
}

/// What the private part of an audit key is bound to: its whole row.
fn audit_key(id: &KeyId, public: &[u8; 32]) -> Vec<u8> {
    bound_to("audit-key", &[id.as_str().as_bytes(), public])
}

impl Master {
    fn checked(&self) -> Vec<u8> {
        bound_to("master-key-check", &[self.id.as_str().as_bytes()])
    }

    fn bound(&self, tenant: TenantId) -> Vec<u8> {
        bound_to("tenant-key", &[tenant.uuid().as_bytes(), self.id.as_str().as_bytes()])
    }

    fn seal_kek(&self, tenant: TenantId, secret: &[u8]) -> Result<SealedKek, Fault> {
        let sealed = envelope::seal(&self.root.derive("tenant-key")?, &self.bound(tenant), secret)?;
        Ok(SealedKek { master_key: self.id.clone(), sealed })
    }

    fn open_kek(&self, tenant: TenantId, kek: &SealedKek) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        Ok(envelope::open(&self.root.derive("tenant-key")?, &self.bound(tenant), &kek.sealed))
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|master| &master.id)).finish()
    }
}
