//! The keys that clients encrypt request objects to, and their life, which is not that of signing keys: the newest is
//! published, the one before leaves the JWK Set at once and goes on opening, and at last it is destroyed.
//!
//! A relying party takes a key out of the set when it needs one, so a new key needs no announcement: whoever has an old
//! copy of the set encrypts to the key of before, which still opens. What is to be done is a pure function of the keys
//! (`plan`); whoever sees that something is due does it, in one transaction that is guarded by versions. The keys lie
//! in their rows, sealed under the tenant's own key; a custodian has none of them.

use std::time::Duration;

use chancery_domain::{
    audit::{Action, Actor, AuditEvent, Author},
    change::Noun,
    encryption_key::{EncryptionKey, EncryptionKind},
    fault::{Fault, WriteError},
    id::{KeyId, TenantId},
    ports::store::TenantRows,
    tenant::Tenant,
    time::Timestamp,
    vocabulary::Algorithm,
};

use crate::{Context, jwk::EncryptionJwk, kek::TenantKek, plan::Rules};

mod opener;
mod plan;

pub use opener::{Opener, published};
pub use plan::Ask;
use plan::Move;

/// A change of a tenant's encryption keys that is ready to be written, or to be thrown away.
#[derive(Debug)]
pub struct Prepared {
    tenant: TenantId,
    steps: Vec<Step>,
}

/// A move with the row that it leaves behind.
#[derive(Debug)]
enum Step {
    Publish(EncryptionKey),
    Withdraw(EncryptionKey),
    Destroy(EncryptionKey),
}

impl Prepared {
    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.steps.is_empty()
    }

    /// The keys that it publishes.
    pub fn published(&self) -> impl Iterator<Item = &EncryptionKey> {
        self.steps.iter().filter_map(|step| match step {
            Step::Publish(key) => Some(key),
            Step::Withdraw(_) | Step::Destroy(_) => None,
        })
    }

    /// The keys that leave the JWK Set and go on opening.
    pub fn withdrawn(&self) -> impl Iterator<Item = &EncryptionKey> {
        self.steps.iter().filter_map(|step| match step {
            Step::Withdraw(key) => Some(key),
            Step::Publish(_) | Step::Destroy(_) => None,
        })
    }

    /// Writes it within the caller's transaction, with its audit events. `Stale` and `Taken`: somebody else was faster.
    pub async fn write(
        &self,
        rows: &dyn TenantRows,
        by: impl Into<Author> + Send,
        note: Option<&str>,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        let by = by.into();
        for step in &self.steps {
            let (key, action) = match step {
                Step::Publish(key) => {
                    rows.encryption_keys().insert(key).await?;
                    (key, Action::Created)
                }
                Step::Withdraw(key) => {
                    rows.encryption_keys().update(key).await?;
                    (key, Action::Withdrawn)
                }
                Step::Destroy(key) => {
                    rows.encryption_keys().delete(&key.id, key.version).await?;
                    (key, Action::Deleted)
                }
            };
            let event = AuditEvent::new(Some(self.tenant), now, by.clone(), action);
            let event = AuditEvent { note: note.map(str::to_owned), ..event };
            rows.audit(event.about(Noun::EncryptionKey, &key.id)).await?;
        }
        Ok(())
    }
}

/// Reads, plans, makes and seals. Nothing is written.
pub async fn prepare(cx: &Context, tenant: &Tenant, ask: &Ask) -> Result<Prepared, Fault> {
    let reader = cx.store.read(tenant.id);
    let keys = reader.encryption_keys().all().await?;
    let now = cx.database_time().await?;
    let moves = plan::plan(tenant.takes_encrypted_requests(), &keys, ask, now);
    let mut steps = Vec::with_capacity(moves.len());
    if !moves.is_empty() {
        let rules = Rules::of(reader.keys().policy().await?, cx.margins, tenant.id, now)?;
        let kek = cx.masters.open_kek(tenant.id, &reader.keys().kek().await?)?;
        for step in moves {
            steps.push(match step {
                Move::Publish(kind) => Step::Publish(make(cx, &kek, tenant.id, kind, &rules, now).await?),
                Move::Withdraw(key) => Step::Withdraw(withdrawn(key, rules.policy.announce, now)?),
                Move::Destroy(key) => Step::Destroy(key),
            });
        }
    }
    Ok(Prepared { tenant: tenant.id, steps })
}

/// Does what is due with a tenant's encryption keys: makes them where the tenant takes encrypted requests and has none,
/// replaces those whose time has come, withdraws them where they are not wanted any more, and destroys what nobody
/// encrypts to any longer. `false` when there was nothing to do, or somebody else did it in this moment.
pub async fn look_after(cx: &Context, tenant: &Tenant, by: impl Into<Author> + Send) -> Result<bool, Fault> {
    let prepared = prepare(cx, tenant, &Ask::Due).await?;
    if prepared.is_nothing() {
        return Ok(false);
    }
    let now = cx.database_time().await?;
    let tx = cx.store.begin(tenant.id).await?;
    match prepared.write(tx.as_ref(), by, None, now).await {
        Ok(()) => {}
        Err(WriteError::Stale | WriteError::Taken(_)) => return Ok(false),
        Err(WriteError::Fault(fault)) => return Err(fault),
    }
    tx.commit().await?;
    tracing::info!(tenant.id = %tenant.id, keys.steps = prepared.steps.len(), "encryption keys looked after");
    Ok(true)
}

/// The keys that a tenant opens with, as they are to be used now: where it takes encrypted requests and has no key to
/// publish, some are made first. A failure to do so is reported and costs nothing but the encryption.
pub async fn ready(cx: &Context, tenant: &Tenant) -> Result<Vec<EncryptionKey>, Fault> {
    if !tenant.takes_encrypted_requests() {
        return Ok(Vec::new());
    }
    let reader = cx.store.read(tenant.id);
    let keys = reader.encryption_keys().all().await?;
    let has = |kind| keys.iter().any(|key| key.kind == kind && key.is_published());
    if EncryptionKind::ALL.into_iter().all(has) {
        return Ok(keys);
    }
    match look_after(cx, tenant, Actor::System).await {
        Ok(_) => reader.encryption_keys().all().await,
        Err(fault) => {
            tracing::error!(tenant.id = %tenant.id, error = %fault, "no encryption keys could be made");
            Ok(keys)
        }
    }
}

fn withdrawn(key: EncryptionKey, least: Duration, now: Timestamp) -> Result<EncryptionKey, Fault> {
    key.withdraw(now, least).map_err(|illegal| Fault::broken("an encryption key cannot be withdrawn", illegal))
}

async fn make(
    cx: &Context,
    kek: &TenantKek,
    tenant: TenantId,
    kind: EncryptionKind,
    rules: &Rules,
    now: Timestamp,
) -> Result<EncryptionKey, Fault> {
    // The pairs are the same numbers that signing has; what they are for says the JWK.
    let pair = cx.pool.pair(match kind {
        EncryptionKind::Rsa => Algorithm::Rs256,
        EncryptionKind::P256 => Algorithm::Es256,
    });
    let (private, numbers) = pair.await?.into_parts();
    let id = KeyId::generate(cx.random.as_ref());
    let jwk = EncryptionJwk::new(id.clone(), kind, numbers).to_json()?;
    let private = kek.seal_decrypting(tenant, &id, kind, &private.bytes())?;
    let seal = kek.seal_encrypting(tenant, &id, kind, &jwk)?;
    Ok(EncryptionKey::published(id, kind, (jwk, seal), private, now, rules.turn_after(now)))
}
