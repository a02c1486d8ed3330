//! Taking in keys that operators bring from elsewhere: to sign with, announced like every other, or to verify for a while
//! what another provider signed.

use chancery_domain::{
    audit::Author,
    fault::{Fault, WriteError},
    id::{KeyId, TenantId},
    key::{Key, Origin, PublicKey},
    ports::store::TenantRows,
    time::Timestamp,
    vocabulary::Algorithm,
};

use crate::{
    Context,
    carry::{Applied, Draft, Work},
    import::{Imported, ImportedKey},
    kek::TenantKek,
    plan::Rules,
    step::KeyStep,
};

/// For how long at most a foreign key may verify here, in seconds: what it signed was not meant to live for years.
const LONGEST_VERIFIER: std::time::Duration = std::time::Duration::from_secs(400 * 86_400);

/// What an imported key is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sign from the next rotation on, in place of the standby key that there is.
    Standby {
        /// Verifiers know it already, because it stood in the JWK Set of this issuer before the tenant came here.
        known: bool,
    },
    /// Verify until then what another provider signed, and never sign here. A private part is thrown away.
    Verifier {
        /// When it leaves the JWK Set.
        until: Timestamp,
    },
}

/// Why a key is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// The tenant has this very key already, or had it once.
    #[error("the tenant has this key already{}", match .0 { Some(id) => format!(", as {id}"), None => String::new() })]
    Twice(Option<KeyId>),
    /// The tenant has another key of that id.
    #[error("the tenant has another key of the id {0}")]
    IdTaken(KeyId),
    /// The key policy does not name the algorithm.
    #[error("the key policy does not name {0}: add it to the algorithms first, or take the key in to verify only")]
    NoSuchAlgorithm(Algorithm),
    /// There is no private part.
    #[error("a public key cannot sign: give the private key, or take it in to verify only")]
    CannotSign,
    /// The time is over, or too far away.
    #[error("a key can verify until a time between now and 400 days ahead")]
    Until,
    /// Somebody else has moved the keys or changed the policy in the meantime.
    #[error("changed by somebody else in the meantime")]
    Changed,
    /// We failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// An import that is ready to be written, or to be thrown away.
#[derive(Clone, Debug)]
pub struct PreparedImport {
    work: Work,
    note: Option<String>,
    key: Key,
}

impl PreparedImport {
    /// The key as it would be.
    #[must_use]
    pub const fn key(&self) -> &Key {
        &self.key
    }
}

/// Looks whether the key can be taken in, and seals it. Nothing is written. `id` is the `kid` that it shall have; the one
/// that its tokens carry already, where it has any.
pub async fn prepare(
    cx: &Context,
    tenant: TenantId,
    imported: Imported,
    id: Option<KeyId>,
    role: Role,
    note: Option<String>,
) -> Result<PreparedImport, AdoptError> {
    let reader = cx.store.read(tenant);
    let (policy, keys) = (reader.keys().policy().await?, reader.keys().all().await?);
    let now = cx.database_time().await?;
    let rules = Rules::of(policy, cx.margins, tenant, now)?;
    let algorithm = imported.algorithm();
    if let Some(there) = keys.iter().find(|key| key.thumbprint.as_deref() == Some(imported.thumbprint())) {
        return Err(AdoptError::Twice(Some(there.id.clone())));
    }
    let id = id.unwrap_or_else(|| KeyId::generate(cx.random.as_ref()));
    if reader.keys().find(&id).await?.is_some() {
        return Err(AdoptError::IdTaken(id));
    }
    let steps = steps(&rules, &keys, algorithm, role, now)?;
    let kek = cx.masters.open_kek(tenant, &reader.keys().kek().await?)?;
    let row = row(cx, &kek, tenant, imported, id, now)?;
    if matches!(role, Role::Standby { .. }) && row.private.is_none() {
        return Err(AdoptError::CannotSign);
    }
    let brings = steps.last().cloned().unwrap_or(KeyStep::ImportStandby(algorithm, now));
    let key =
        brings.taken(row.clone(), &rules, now).map_err(|illegal| Fault::broken("an import is not lawful", illegal))?;
    Ok(PreparedImport { work: Work::bringing(Draft { tenant, rules, keys, steps }, row), note, key })
}

/// The steps, of which the last brings the key.
fn steps(
    rules: &Rules,
    keys: &[Key],
    algorithm: Algorithm,
    role: Role,
    now: Timestamp,
) -> Result<Vec<KeyStep>, AdoptError> {
    match role {
        Role::Verifier { until } if until > now && until <= now + LONGEST_VERIFIER => {
            Ok(vec![KeyStep::ImportVerifier(algorithm, until)])
        }
        Role::Verifier { .. } => Err(AdoptError::Until),
        Role::Standby { .. } if !rules.policy.algorithms.contains(&algorithm) => {
            Err(AdoptError::NoSuchAlgorithm(algorithm))
        }
        Role::Standby { known } => {
            let announced = if known { now - rules.policy.announce_of(algorithm) } else { now };
            let standby = keys.iter().find(|key| key.algorithm == algorithm && key.is_standby());
            let withdraw = standby.map(|key| KeyStep::Withdraw(key.id.clone()));
            Ok(withdraw.into_iter().chain([KeyStep::ImportStandby(algorithm, announced)]).collect())
        }
    }
}

/// The row of the key, known to nobody yet.
fn row(
    cx: &Context,
    kek: &TenantKek,
    tenant: TenantId,
    imported: Imported,
    id: KeyId,
    now: Timestamp,
) -> Result<Key, Fault> {
    let thumbprint = imported.thumbprint().to_owned();
    match imported.into_key() {
        ImportedKey::Pair(pair) => {
            let mut key = pair.named(id).into_key(kek, tenant, cx.random.as_ref(), now)?;
            key.origin = Origin::Imported;
            Ok(key)
        }
        ImportedKey::Public(public) => {
            let (algorithm, jwk) = (public.algorithm, public.jwk(id.clone())?);
            let seal = kek.seal_public(tenant, &id, algorithm, &jwk)?;
            let public = PublicKey { id, algorithm, jwk, thumbprint: Some(thumbprint), seal };
            Ok(Key::generated(public, None, Origin::Imported, now))
        }
    }
}

/// Writes what was prepared within the caller's transaction, with its audit events.
pub async fn write(
    rows: &dyn TenantRows,
    prepared: &PreparedImport,
    by: impl Into<Author> + Send,
    now: Timestamp,
) -> Result<Applied, AdoptError> {
    Ok(prepared.work.write(rows, &by.into(), prepared.note.as_deref(), now).await?)
}

impl From<WriteError> for AdoptError {
    fn from(error: WriteError) -> Self {
        match error {
            // Looked for before; so it came in the meantime, or is one that was purged long ago.
            WriteError::Taken(_) => Self::Twice(None),
            WriteError::Stale => Self::Changed,
            WriteError::Fault(fault) => Self::Fault(fault),
        }
    }
}
