//! Password links in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::{Fault, WriteError},
    id::UserId,
    password_link::PasswordLink,
    ports::password_links::{PasswordLinkReads, PasswordLinks},
    secret::Digest,
    time::Timestamp,
};

use super::super::Fenced;

#[async_trait]
impl PasswordLinkReads for Fenced {
    async fn find(&self, digest: &Digest) -> Result<Option<PasswordLink>, Fault> {
        self.nouns(|rows| rows.password_links.values().find(|link| link.digest == *digest).cloned())
    }
}

#[async_trait]
impl PasswordLinks for Fenced {
    async fn put(&self, link: &PasswordLink) -> Result<(), WriteError> {
        self.nouns(|rows| rows.password_links.insert(link.user, link.clone()))?;
        Ok(())
    }

    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        self.nouns(|rows| {
            let before = rows.password_links.len();
            rows.password_links.retain(|_, link| link.digest != *digest || !link.is_live(now));
            rows.password_links.len() < before
        })
    }

    async fn withdraw(&self, user: UserId) -> Result<(), Fault> {
        self.nouns(|rows| rows.password_links.remove(&user))?;
        Ok(())
    }
}
