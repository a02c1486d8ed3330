//! Whether a process has every master key that is in use. Without one, tenants could not sign; with another value under
//! its name, new tenants would be lost to everybody else. So a process that lacks one does not start, and nothing is
//! ever made in the place of what is missing.

use std::{collections::BTreeMap, fmt};

use chancery_domain::{
    fault::Fault,
    id::MasterKeyId,
    ports::{
        platform::{MasterKeyCheck, PlatformReader, PlatformStore},
        rewrap::SealedCount,
    },
};

use super::MasterKeys;

/// How many tenants' keys are tried where there is no check value: any of them could be damaged.
const SAMPLES: u32 = 8;

/// A master key that is in use and that this process does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// Its name.
    pub id: MasterKeyId,
    /// How many tenants' keys are sealed under it.
    pub tenants: u64,
    /// Whether there is a key of that name here, but with another value.
    pub differs: bool,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, tenants, differs } = self;
        let fault = if *differs { "has another value here" } else { "is missing" };
        let noun = if *tenants == 1 { "tenant" } else { "tenants" };
        write!(f, "master key {id} {fault} (it seals the keys of {tenants} {noun})")
    }
}

/// The master keys that are in use and unusable here, by name. A process must not start unless there are none.
pub async fn confirm(platform: &dyn PlatformStore, masters: &MasterKeys) -> Result<Vec<Unusable>, Fault> {
    let reader = platform.read();
    let (checks, counts) = (reader.master_keys().await?, reader.rewraps().counts().await?);
    let mut unusable = masters.unusable(&checks, &counts);
    for count in &counts {
        let is_checked = checks.iter().any(|check| check.id == count.master_key);
        if !is_checked && masters.holds(&count.master_key) && !masters.opens_any(&*reader, &count.master_key).await? {
            unusable.push(Unusable { id: count.master_key.clone(), tenants: count.tenants, differs: true });
        }
    }
    unusable.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(unusable)
}

impl MasterKeys {
    /// Compares with every check value, and with what tenants' keys are sealed under. By name.
    #[must_use]
    pub fn unusable(&self, checks: &[MasterKeyCheck], counts: &[SealedCount]) -> Vec<Unusable> {
        let mut wrong = BTreeMap::new();
        for check in checks.iter().filter(|check| !self.knows(check)) {
            wrong.insert(&check.id, 0);
        }
        for count in counts {
            if !self.holds(&count.master_key) || wrong.contains_key(&count.master_key) {
                wrong.insert(&count.master_key, count.tenants);
            }
        }
        let unusable =
            |(id, tenants): (&MasterKeyId, u64)| Unusable { id: id.clone(), tenants, differs: self.holds(id) };
        wrong.into_iter().map(unusable).collect()
    }

    /// Whether a key proves itself on what it has sealed, for want of a check value. Where nothing is left to try it on,
    /// nothing speaks against it.
    async fn opens_any(&self, reader: &dyn PlatformReader, id: &MasterKeyId) -> Result<bool, Fault> {
        let samples = reader.rewraps().sealed_under(id, SAMPLES).await?;
        Ok(samples.is_empty() || samples.iter().any(|(tenant, kek)| self.open_kek(*tenant, kek).is_ok()))
    }
}
