//! Counting what a dangerous call would end, before it does.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    id::{ClientUid, UserId},
    time::Timestamp,
};

/// No count goes further: what is more is told as more than this.
pub const COUNTED_AT_MOST: u64 = 10_000;
/// How many are named of those that are counted.
pub const SAMPLES: usize = 5;

/// What would go or be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The tenant with all that it has.
    Tenant,
    /// A client: what it was given.
    Client(ClientUid),
    /// A user: where they are signed in, and what they gave.
    User(UserId),
}

/// The moments that decide whether something still holds.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// Now.
    pub now: Timestamp,
    /// Sessions that were not used since are over.
    pub idle_since: Timestamp,
}

/// So many, and some of them by the last part of their names. One more than [`COUNTED_AT_MOST`] says that there may be
/// any number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// The first of them, in the order of their ids.
    pub samples: Vec<String>,
}

/// What holds now and would not any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// All clients of a tenant; of a user those that they gave something to.
    pub clients: Tally,
    /// All users of a tenant; of a client those who gave it something.
    pub users: Tally,
    /// Sessions that hold.
    pub sessions: u64,
    /// Grants that hold.
    pub grants: u64,
    /// Refresh families from which a token can be had.
    pub families: u64,
}

/// Counts in one tenant. Each is bounded.
#[async_trait]
pub trait ImpactReads: Send + Sync {
    /// What holds there.
    async fn holding(&self, within: Within, standing: Standing) -> Result<Impact, Fault>;
    /// Sessions that hold, and would not if those were over that were not used since `idle_since`.
    async fn idle_sessions(&self, standing: Standing, idle_since: Timestamp) -> Result<u64, Fault>;
}
