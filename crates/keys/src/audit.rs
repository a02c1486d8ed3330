//! Checkpoints of the audit: signed with Ed25519 (RFC 8032) by keys of the deployment's own, which sign nothing else.
//!
//! A key is made when one is first needed, and again when the last one is a year old or is sealed under another master
//! key than the one that seals now. Those from before stay known for ever; only their private part rests.

use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use chancery_audit::signed_bytes;
use chancery_domain::{
    audit::{Action, Actor, AuditEvent},
    audit_chain::{AuditCheckpoint, AuditKey},
    change::Noun,
    fault::{Fault, WriteError},
    id::{KeyId, TenantId},
    random,
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::Context;

/// For how long a key signs.
const LIFE: Duration = Duration::from_secs(365 * 86_400);

/// Signs how far a chain has come, unless its last checkpoint says that already. Gives the checkpoint at the end of the
/// chain; none when nothing is linked to it.
pub async fn checkpoint(cx: &Context, tenant: Option<TenantId>) -> Result<Option<AuditCheckpoint>, Fault> {
    let reader = cx.platform.read();
    let Some(head) = reader.audits().head(tenant).await? else { return Ok(None) };
    if let Some(last) = at(cx, tenant, head.position).await? {
        return Ok(Some(last));
    }
    let signer = signer(cx).await?;
    let at_time = cx.database_time().await?;
    let unsigned = AuditCheckpoint {
        tenant,
        position: head.position,
        hash: head.hash,
        at: at_time,
        key: signer.id,
        signature: Vec::new(),
    };
    let signature = signer.pair.sign(&signed_bytes(&unsigned)).as_ref().to_vec();
    let checkpoint = AuditCheckpoint { signature, ..unsigned };
    let tx = cx.platform.begin().await?;
    match tx.audits().insert_checkpoint(&checkpoint).await {
        Ok(()) => {
            tx.commit().await?;
            Ok(Some(checkpoint))
        }
        // Somebody else signed the same in this moment.
        Err(WriteError::Taken(_) | WriteError::Stale) => {
            drop(tx);
            at(cx, tenant, head.position).await
        }
        Err(WriteError::Fault(fault)) => Err(fault),
    }
}

async fn at(cx: &Context, tenant: Option<TenantId>, position: u64) -> Result<Option<AuditCheckpoint>, Fault> {
    let found = cx.platform.read().audits().checkpoints(tenant, position, 1).await?;
    Ok(found.into_iter().find(|checkpoint| checkpoint.position == position))
}

/// Whether this process can open the private part of a key and finds that it belongs to the public one: then nobody but
/// the deployment made that row. `None` when the master key that it is sealed under is not here.
#[must_use]
pub fn is_genuine(cx: &Context, key: &AuditKey) -> Option<bool> {
    cx.masters.holds(&key.master_key).then(|| open(cx, key).is_some())
}

struct Signer {
    id: KeyId,
    pair: Ed25519KeyPair,
}

/// The newest key that is sealed under the master key that seals here, or a new one.
async fn signer(cx: &Context) -> Result<Signer, Fault> {
    let keys = cx.platform.read().audits().keys().await?;
    let (now, sealing) = (cx.clock.now(), cx.masters.sealing_id()?);
    let usable = |key: &&AuditKey| key.master_key == *sealing && key.created_at + LIFE > now;
    let found =
        keys.iter().rev().filter(usable).find_map(|key| Some(Signer { id: key.id.clone(), pair: open(cx, key)? }));
    match found {
        Some(signer) => Ok(signer),
        None => make(cx, now).await,
    }
}

async fn make(cx: &Context, now: Timestamp) -> Result<Signer, Fault> {
    let seed = Zeroizing::new(random::bytes::<32>(cx.random.as_ref()));
    let pair = pair(&seed[..]).ok_or_else(|| Fault::bug("an audit key could not be made"))?;
    let public = public(&pair).ok_or_else(|| Fault::bug("an audit key has another length"))?;
    let id = KeyId::generate(cx.random.as_ref());
    let (master_key, sealed) = cx.masters.seal_audit_key(&id, &public, &seed[..])?;
    let key = AuditKey { id: id.clone(), public, master_key, sealed, created_at: now };
    let tx = cx.platform.begin().await?;
    tx.audits().insert_key(&key).await.map_err(|error| Fault::broken("a new audit key", error))?;
    tx.audit(AuditEvent::new(None, now, Actor::System, Action::AuditKeyCreated).about(Noun::AuditKey, &id)).await?;
    tx.commit().await?;
    tracing::info!(audit_key.id = %id, "an audit key was made");
    Ok(Signer { id, pair })
}

fn open(cx: &Context, key: &AuditKey) -> Option<Ed25519KeyPair> {
    let seed = cx.masters.open_audit_key(key)?;
    pair(&seed).filter(|pair| public(pair) == Some(key.public))
}

fn pair(seed: &[u8]) -> Option<Ed25519KeyPair> {
    Ed25519KeyPair::from_seed_unchecked(seed).ok()
}

fn public(pair: &Ed25519KeyPair) -> Option<[u8; 32]> {
    pair.public_key().as_ref().try_into().ok()
}
