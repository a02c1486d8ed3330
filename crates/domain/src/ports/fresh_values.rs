//! The memory of challenges and nonces, as the rooms of one tenant see it.

use async_trait::async_trait;

use crate::{
    fault::Fault,
    fresh_value::{FreshKind, FreshValue, Reuse},
    id::{ClientUid, SessionId},
    time::Timestamp,
};

/// Writes of challenges and nonces. It is the same memory for every replica.
#[async_trait]
pub trait FreshValues: Send + Sync {
    /// Remembers what a client used in a session, at most one of each kind. Gives those that it used in another session
    /// before, which stay as they were: they are forgotten by time, however often they come.
    async fn remember(
        &self,
        client: ClientUid,
        session: SessionId,
        values: &[FreshValue],
        now: Timestamp,
    ) -> Result<Vec<Reuse>, Fault>;
    /// Whether it is time to tell of the client's constant values of that kind (again). Then it is not for a while.
    async fn may_warn(&self, client: ClientUid, kind: FreshKind, now: Timestamp) -> Result<bool, Fault>;
}
