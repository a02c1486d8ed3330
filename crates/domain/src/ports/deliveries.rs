//! The outbox: messages that are owed are written where what they tell of is written, and delivered afterwards.

use async_trait::async_trait;

use crate::{
    delivery::Delivery,
    fault::{Fault, WriteError},
    id::TenantId,
    time::Timestamp,
};

/// Writes of messages that a tenant comes to owe. They are not in the change feed, because no view depends on one.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// It is owed once this transaction is committed, and gone only when it was taken or given up.
    async fn insert(&self, delivery: &Delivery) -> Result<(), WriteError>;
}

/// Looks at what all tenants owe.
#[async_trait]
pub trait DeliveryReads: Send + Sync {
    /// Whether anything is to be tried now: one read.
    async fn is_any_due(&self, now: Timestamp) -> Result<bool, Fault>;
}

/// What all tenants owe, for whoever delivers it.
///
/// An attempt is claimed before it is made: it is counted, and the message falls due again when the claim is over, so that
/// a process which dies in between loses nothing. What is written afterwards is guarded by the count, so a process that
/// was frozen and wakes up changes nothing of a later attempt.
#[async_trait]
pub trait DeliveryQueue: Send + Sync {
    /// Claims attempts until that time, those that wait the longest first.
    async fn claim(&self, now: Timestamp, until: Timestamp, wish: &Wish) -> Result<Vec<Owed>, Fault>;
    /// It was taken, or given up: it is owed no longer. `false` when this attempt is not the latest, and nothing was done.
    async fn settle(&self, owed: &Owed) -> Result<bool, Fault>;
    /// It is tried again at that time, because of the error of that code. `false` as above.
    async fn put_off(&self, owed: &Owed, until: Timestamp, error: &str) -> Result<bool, Fault>;
}

/// How much to claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// At most this many attempts.
    pub most: u32,
    /// At most this many for one place.
    pub of_one_place: u32,
    /// At most this many of one tenant, counted after those of its places: names cost nothing, so one tenant can have a
    /// great many places.
    pub of_one_tenant: u32,
    /// Nothing for these places.
    pub not_for: Vec<String>,
    /// Nothing of these tenants.
    pub not_of: Vec<TenantId>,
}

/// A message that a tenant owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The tenant.
    pub tenant: TenantId,
    /// The message, with the claimed attempt counted.
    pub delivery: Delivery,
}

/// Makes what goes over the wire, for one attempt.
#[async_trait]
pub trait MakeDelivery: Send + Sync {
    /// What to send now. A fault is ours: the attempt counts as failed, and the message is tried again.
    async fn make(&self, owed: &Owed) -> Result<Made, Fault>;
}

/// What goes over the wire. Not to be printed: it can hold a token.
pub enum Made {
    /// A form, by POST.
    Form {
        /// Where to: where the client has it now, which may be elsewhere than when the message came to be owed.
        target: String,
        /// Its pairs.
        pairs: Vec<(&'static str, String)>,
    },
    /// Nothing: the message has become pointless, for instance because its tenant or client is gone or no longer asks for
    /// it. It is settled without a word.
    Nothing,
}
