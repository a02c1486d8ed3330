//! A device that cannot show a browser (RFC 8628): its wish, the code that a person types elsewhere, and what becomes of it.

mod user_code;

use std::{net::IpAddr, time::Duration};

use crate::{
    id::{ClientUid, GrantId, SessionId, UserId},
    resource::ResourceSet,
    scope::ScopeSet,
    secret::Digest,
    time::Timestamp,
};

pub use self::user_code::{CodeLength, UserCode};

/// A device's wish as stored: what it asks for, found by either of its codes.
#[derive(Clone, Debug)]
pub struct DeviceAuthorization {
    /// Digest of the device code.
    pub digest: Digest,
    /// Digest of the user code.
    pub user_code: Digest,
    /// Who asks.
    pub client: ClientUid,
    /// What is asked for.
    pub scopes: ScopeSet,
    /// The resources that the request named (RFC 8707); empty where it named none.
    pub resources: ResourceSet,
    /// Where the device asked from, to be shown to whoever decides.
    pub place: IpAddr,
    /// How long the device waits between two questions.
    pub interval: Duration,
    /// What has become of it.
    pub state: DeviceState,
    /// When it was asked.
    pub created_at: Timestamp,
    /// When both codes are too old.
    pub expires_at: Timestamp,
}

/// What becomes of a wish. It waits, then somebody decides once, and what was allowed is taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// Nobody has decided.
    Pending,
    /// Somebody has allowed it.
    Approved(Approval),
    /// Somebody has refused it.
    Denied,
    /// The device has its tokens.
    Redeemed,
}

/// Who allowed it, and what makes that good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The grant that the tokens will hang on.
    pub grant: GrantId,
    /// Who.
    pub user: UserId,
    /// In which session.
    pub session: SessionId,
    /// When they proved who they are.
    pub authenticated_at: Timestamp,
    /// How they proved it (RFC 8176).
    pub amr: Vec<String>,
}

impl DeviceAuthorization {
    /// How long the codes live.
    pub const LIFE: Duration = Duration::from_secs(600);

    /// How long a device waits between two questions, to begin with.
    pub const INTERVAL: Duration = Duration::from_secs(5);

    /// By how much longer after each question that came too early (RFC 8628 section 3.5).
    pub const SLOW_DOWN: Duration = Duration::from_secs(5);

    /// Whether its codes are still good.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether it waits for a decision.
    #[must_use]
    pub fn waits(&self, now: Timestamp) -> bool {
        self.state == DeviceState::Pending && self.is_live(now)
    }
}

impl DeviceState {
    /// The spelling at rest.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved(_) => "approved",
            Self::Denied => "denied",
            Self::Redeemed => "redeemed",
        }
    }
}
