//! Approvals: a call that the deployment lets nobody make alone waits here for somebody else to allow it.

mod fields;

use std::time::Duration;

pub use self::fields::ApprovalField;
use crate::{
    admin_key::AdminReach,
    fault::IllegalMove,
    id::ApprovalId,
    permission::{Permission, PermissionSet},
    principal::Principal,
    secret::Digest,
    time::Timestamp,
    version::Version,
};

/// An approval as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Which one it is.
    pub id: ApprovalId,
    /// Where the call acts: whoever approves must hold the permission there.
    pub place: AdminReach,
    /// The call, by its path.
    pub method: String,
    /// The permission that the call asks for.
    pub permission: Permission,
    /// What the call gives to others: whoever approves must hold that there as well.
    pub gives: PermissionSet,
    /// What is in the request, without secrets, for whoever approves.
    pub summary: String,
    /// Digest of the whole request.
    pub request: Digest,
    /// Who wants to make the call.
    pub asked_by: Principal,
    /// Where it is in its life; moves by methods only.
    state: ApprovalState,
    /// Guards it.
    pub version: Version,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it is over, whatever it has come to.
    pub expires_at: Timestamp,
}

/// Where an approval is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalState {
    /// Nobody has looked at it.
    Pending,
    /// The call may be made, once.
    Approved(Decision),
    /// The call may not be made.
    Rejected(Decision),
    /// The call was made.
    Spent(Decision),
}

/// Who decided, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: Principal,
    /// When.
    pub at: Timestamp,
}

impl ApprovalState {
    /// The name of the state.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved(_) => "approved",
            Self::Rejected(_) => "rejected",
            Self::Spent(_) => "spent",
        }
    }

    /// Who decided, once somebody has.
    #[must_use]
    pub const fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Pending => None,
            Self::Approved(decision) | Self::Rejected(decision) | Self::Spent(decision) => Some(decision),
        }
    }
}

/// A call that waits for approval.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where it acts.
    pub place: AdminReach,
    /// Its path.
    pub method: String,
    /// The permission that it asks for.
    pub permission: Permission,
    /// What it gives to others.
    pub gives: PermissionSet,
    /// What is in the request, without secrets.
    pub summary: String,
    /// Digest of the whole request.
    pub request: Digest,
    /// Who wants to make it.
    pub by: Principal,
}

impl Approval {
    /// How long there is to approve and to make the call.
    pub const LIFE: Duration = Duration::from_secs(3600);
    /// How many of one caller's may be there at a time.
    pub const MOST: usize = 100;

    /// A new one, which nobody has looked at.
    #[must_use]
    pub fn ask(id: ApprovalId, asked: Asked, now: Timestamp) -> Self {
        let Asked { place, method, permission, gives, summary, request, by } = asked;
        Self {
            id,
            place,
            method,
            permission,
            gives,
            summary,
            request,
            asked_by: by,
            state: ApprovalState::Pending,
            version: Version::FIRST,
            created_at: now,
            expires_at: now + Self::LIFE,
        }
    }

    /// An approval as its row tells it.
    #[must_use]
    pub fn stored_as(self, state: ApprovalState, version: Version) -> Self {
        Self { state, version, ..self }
    }

    /// The same, over at that time: an hour was another when the row was written.
    #[must_use]
    pub fn over_at(self, expires_at: Timestamp) -> Self {
        Self { expires_at, ..self }
    }

    /// Where it is in its life.
    #[must_use]
    pub const fn state(&self) -> &ApprovalState {
        &self.state
    }

    /// Whether it counts still.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Somebody allows the call.
    pub fn approve(self, by: Principal, at: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            ApprovalState::Pending => Ok(Self { state: ApprovalState::Approved(Decision { by, at }), ..self }),
            ApprovalState::Approved(_) | ApprovalState::Rejected(_) | ApprovalState::Spent(_) => {
                Err(self.illegal("approved"))
            }
        }
    }

    /// Somebody refuses the call, or it is taken back.
    pub fn reject(self, by: Principal, at: Timestamp) -> Result<Self, IllegalMove> {
        match self.state {
            ApprovalState::Pending | ApprovalState::Approved(_) => {
                Ok(Self { state: ApprovalState::Rejected(Decision { by, at }), ..self })
            }
            ApprovalState::Rejected(_) | ApprovalState::Spent(_) => Err(self.illegal("rejected")),
        }
    }

    /// The call is being made.
    pub fn spend(self) -> Result<Self, IllegalMove> {
        match self.state {
            ApprovalState::Approved(decision) => Ok(Self { state: ApprovalState::Spent(decision), ..self }),
            ApprovalState::Pending | ApprovalState::Rejected(_) | ApprovalState::Spent(_) => Err(self.illegal("spent")),
        }
    }

    /// The call was not carried out: it may be made again.
    pub fn give_back(self) -> Result<Self, IllegalMove> {
        match self.state {
            ApprovalState::Spent(decision) => Ok(Self { state: ApprovalState::Approved(decision), ..self }),
            ApprovalState::Pending | ApprovalState::Approved(_) | ApprovalState::Rejected(_) => {
                Err(self.illegal("approved"))
            }
        }
    }

    const fn illegal(&self, to: &'static str) -> IllegalMove {
        IllegalMove { from: self.state.label(), to }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_approval_is_spent_once() {
        let now = Timestamp::from_seconds(5);
        let [ada, bob] = ["clients/ada", "clients/bob"].map(|text| text.parse::<Principal>().expect("a principal"));
        let asked = Asked {
            place: AdminReach::Platform,
            method: "/x".into(),
            permission: Permission::TenantsDelete,
            gives: PermissionSet::EMPTY,
            summary: String::new(),
            request: Digest::of("test", b"x"),
            by: ada,
        };
        let pending = Approval::ask(ApprovalId::from_uuid(Uuid::nil()), asked, now);
        assert!(pending.clone().spend().is_err() && pending.clone().give_back().is_err());
        let approved = pending.clone().approve(bob.clone(), now).expect("approves");
        assert!(approved.clone().approve(bob.clone(), now).is_err());
        let spent = approved.clone().spend().expect("spends");
        assert!(spent.clone().spend().is_err() && spent.clone().reject(bob.clone(), now).is_err());
        assert_eq!(spent.give_back(), Ok(approved.clone()), "whoever approved is still known");
        let rejected = approved.reject(bob.clone(), now).expect("rejects");
        assert!(rejected.clone().spend().is_err() && rejected.approve(bob, now).is_err());
        assert!(pending.is_live(now) && !pending.is_live(now + Approval::LIFE));
    }
}
