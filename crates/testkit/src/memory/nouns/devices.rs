//! The wishes of devices in memory.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    device::{Approval, DeviceAuthorization, DeviceState},
    fault::{Fault, WriteError},
    ports::{
        devices::{DeviceReads, Devices},
        grants::GrantSelection,
    },
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

/// A wish with the time of the device's last question.
#[derive(Clone)]
pub(super) struct Wish {
    it: DeviceAuthorization,
    asked_at: Option<Timestamp>,
}

impl Wish {
    /// Whether it was allowed, and would become such a grant.
    pub(super) fn can_be_redeemed(&self, of: &GrantSelection, now: Timestamp) -> bool {
        match &self.it.state {
            DeviceState::Approved(approval) => {
                self.it.is_live(now) && of.takes(approval.user, self.it.client, approval.session)
            }
            DeviceState::Pending | DeviceState::Denied | DeviceState::Redeemed => false,
        }
    }
}

#[async_trait]
impl DeviceReads for Fenced {
    async fn find(&self, digest: &Digest) -> Result<Option<DeviceAuthorization>, Fault> {
        self.nouns(|rows| rows.devices.get(digest.bytes()).map(|wish| wish.it.clone()))
    }

    async fn find_by_user_code(&self, user_code: &Digest) -> Result<Option<DeviceAuthorization>, Fault> {
        let found = |wish: &&Wish| wish.it.user_code == *user_code;
        self.nouns(|rows| rows.devices.values().find(found).map(|wish| wish.it.clone()))
    }

    async fn waiting(&self, now: Timestamp) -> Result<u64, Fault> {
        self.nouns(|rows| {
            u64::try_from(rows.devices.values().filter(|wish| wish.it.waits(now)).count()).unwrap_or(u64::MAX)
        })
    }
}

#[async_trait]
impl Devices for Fenced {
    async fn insert(&self, wish: &DeviceAuthorization) -> Result<(), WriteError> {
        let fresh = self.nouns(|rows| {
            let fresh = rows.devices.values().all(|other| other.it.user_code != wish.user_code);
            if fresh {
                rows.devices.insert(*wish.digest.bytes(), Wish { it: wish.clone(), asked_at: None });
            }
            fresh
        })?;
        if fresh { Ok(()) } else { Err(WriteError::Taken(Noun::Grant)) }
    }

    async fn ask(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| {
            let Some(wish) = rows.devices.get_mut(digest.bytes()) else { return false };
            let in_time = wish.asked_at.is_none_or(|asked| asked + wish.it.interval <= now);
            wish.asked_at = Some(now);
            if !in_time {
                wish.it.interval += DeviceAuthorization::SLOW_DOWN;
            }
            in_time
        })
    }

    async fn approve(&self, digest: &Digest, approval: &Approval, now: Timestamp) -> Result<bool, Fault> {
        self.moved(digest, DeviceState::Approved(approval.clone()), |wish| wish.waits(now))
    }

    async fn deny(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        self.moved(digest, DeviceState::Denied, |wish| wish.waits(now))
    }

    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let may = |wish: &DeviceAuthorization| matches!(wish.state, DeviceState::Approved(_)) && wish.is_live(now);
        self.moved(digest, DeviceState::Redeemed, may)
    }
}

impl Fenced {
    fn moved(
        &self,
        digest: &Digest,
        to: DeviceState,
        may: impl FnOnce(&DeviceAuthorization) -> bool,
    ) -> Result<bool, Fault> {
        self.nouns(|rows| match rows.devices.get_mut(digest.bytes()) {
            Some(wish) if may(&wish.it) => {
                wish.it.state = to;
                true
            }
            Some(_) | None => false,
        })
    }
}
