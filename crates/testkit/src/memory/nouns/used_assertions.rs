//! Used assertions in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::used_assertions::UsedAssertions,
    time::Timestamp,
    used_assertion::{Novelty, UsedAssertion},
};

use super::super::Fenced;

#[async_trait]
impl UsedAssertions for Fenced {
    async fn spend(&self, assertion: &UsedAssertion, now: Timestamp) -> Result<Novelty, Fault> {
        let (least, greatest) = assertion.digest.part();
        let part = (assertion.client, least)..=(assertion.client, greatest);
        self.nouns(|rows| {
            let there = rows.used_assertions.range(part).filter(|(_, expires_at)| now < **expires_at).count();
            if there >= usize::try_from(UsedAssertion::MOST_IN_A_PART).unwrap_or(usize::MAX) {
                return Novelty::TooMany;
            }
            let place = (assertion.client, *assertion.digest.bytes());
            let before = rows.used_assertions.insert(place, assertion.expires_at);
            if before.is_none() { Novelty::New } else { Novelty::Used }
        })
    }
}
