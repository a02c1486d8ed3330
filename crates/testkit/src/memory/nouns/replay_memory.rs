//! What was used once, in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::replay_memory::{ReplayMemory, ReplayMemoryReads},
    time::Timestamp,
    used_once::{Novelty, UsedOnce},
};

use super::super::Fenced;

#[async_trait]
impl ReplayMemoryReads for Fenced {
    async fn is_used(&self, it: &UsedOnce) -> Result<bool, Fault> {
        self.nouns(|rows| rows.used_once.contains_key(&(it.client, it.kind, *it.digest.bytes())))
    }
}

#[async_trait]
impl ReplayMemory for Fenced {
    async fn spend(&self, it: &UsedOnce, now: Timestamp) -> Result<Novelty, Fault> {
        let (least, greatest) = it.digest.part();
        let part = (it.client, it.kind, least)..=(it.client, it.kind, greatest);
        let most = usize::try_from(it.kind.most_in_a_part()).unwrap_or(usize::MAX);
        self.nouns(|rows| {
            if rows.used_once.range(part).filter(|(_, expires_at)| now < **expires_at).count() >= most {
                return Novelty::TooMany;
            }
            let before = rows.used_once.insert((it.client, it.kind, *it.digest.bytes()), it.expires_at);
            if before.is_none() { Novelty::New } else { Novelty::Used }
        })
    }
}
