//! Challenges and nonces in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    fresh_value::{FreshKind, FreshValue, Reuse},
    id::{ClientUid, SessionId},
    ports::fresh_values::FreshValues,
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

/// What stands at a place.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    digest: Digest,
    session: SessionId,
    expires_at: Timestamp,
}

#[async_trait]
impl FreshValues for Fenced {
    async fn remember(
        &self,
        client: ClientUid,
        session: SessionId,
        values: &[FreshValue],
        now: Timestamp,
    ) -> Result<Vec<Reuse>, Fault> {
        self.nouns(|rows| {
            let mut reused = Vec::new();
            for FreshValue { kind, digest } in values.iter().copied() {
                let place = (client, kind, FreshValue { kind, digest }.place());
                match rows.fresh_values.get(&place) {
                    Some(there) if there.digest == digest && there.session != session && now < there.expires_at => {
                        reused.push(Reuse { kind, session: there.session });
                    }
                    Some(_) | None => {
                        let expires_at = now + FreshValue::REMEMBERED;
                        rows.fresh_values.insert(place, Kept { digest, session, expires_at });
                    }
                }
            }
            reused
        })
    }

    async fn may_warn(&self, client: ClientUid, kind: FreshKind, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| {
            let quiet = rows.fresh_warnings.get(&(client, kind)).is_some_and(|until| now < *until);
            if !quiet {
                rows.fresh_warnings.insert((client, kind), now + FreshValue::QUIET);
            }
            !quiet
        })
    }
}
