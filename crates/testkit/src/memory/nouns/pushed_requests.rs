//! Pushed authorization requests in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::ClientUid,
    ports::pushed_requests::{PushedRequestReads, PushedRequests},
    pushed_request::PushedRequest,
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

#[async_trait]
impl PushedRequestReads for Fenced {
    async fn find(&self, digest: &Digest) -> Result<Option<PushedRequest>, Fault> {
        self.nouns(|rows| rows.pushed_requests.get(digest.bytes()).cloned())
    }
}

#[async_trait]
impl PushedRequests for Fenced {
    async fn waiting(&self, client: ClientUid, now: Timestamp, most: u32) -> Result<u32, Fault> {
        let waits = |request: &&PushedRequest| request.is_good_for(client, now);
        self.nouns(|rows| {
            let waiting = rows.pushed_requests.values().filter(waits).count();
            u32::try_from(waiting).unwrap_or(u32::MAX).min(most)
        })
    }

    async fn insert(&self, request: &PushedRequest) -> Result<(), WriteError> {
        self.nouns(|rows| rows.pushed_requests.insert(*request.digest.bytes(), request.clone()))?;
        Ok(())
    }

    async fn use_up(&self, digest: &Digest, client: ClientUid, now: Timestamp) -> Result<bool, Fault> {
        let gone = PushedRequest {
            digest: *digest,
            client,
            sealed: Vec::new(),
            pushed_at: now,
            expires_at: now,
            used_at: None,
        };
        self.nouns(|rows| {
            let there = rows.pushed_requests.entry(*digest.bytes()).or_insert(gone);
            let first = there.used_at.is_none() && there.client == client;
            if first {
                (there.used_at, there.sealed) = (Some(now), Vec::new());
            }
            first
        })
    }
}
