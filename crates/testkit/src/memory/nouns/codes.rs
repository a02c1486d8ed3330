//! Authorization codes in memory.

use async_trait::async_trait;
use chancery_domain::{
    client::Client,
    code::Code,
    fault::{Fault, WriteError},
    ports::store::{CodeReads, Codes},
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

#[async_trait]
impl CodeReads for Fenced {
    async fn find(&self, digest: &Digest) -> Result<Option<Code>, Fault> {
        let serves = self.serves();
        self.nouns(|rows| {
            let code = rows.codes.get(digest.bytes()).filter(|_| serves)?;
            rows.clients.get(&code.client).is_none_or(Client::is_enabled).then(|| code.clone())
        })
    }
}

#[async_trait]
impl Codes for Fenced {
    async fn insert(&self, code: &Code) -> Result<(), WriteError> {
        self.nouns(|rows| rows.codes.insert(*code.digest.bytes(), code.clone()))?;
        Ok(())
    }

    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| match rows.codes.get_mut(digest.bytes()) {
            Some(code) if code.redeemed_at.is_none() && now < code.expires_at => {
                code.redeemed_at = Some(now);
                true
            }
            Some(_) | None => false,
        })
    }
}
