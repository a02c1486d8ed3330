//! Consents in memory.

use async_trait::async_trait;
use chancery_domain::{
    consent::Consent,
    fault::{Fault, WriteError},
    id::{ClientUid, UserId},
    ports::store::{ConsentReads, Consents},
};

use super::super::Fenced;

#[async_trait]
impl ConsentReads for Fenced {
    async fn find(&self, user: UserId, client: ClientUid) -> Result<Option<Consent>, Fault> {
        self.nouns(|rows| rows.consents.get(&(user, client)).cloned())
    }
}

#[async_trait]
impl Consents for Fenced {
    async fn put(&self, consent: &Consent) -> Result<(), WriteError> {
        self.nouns(|rows| rows.consents.insert((consent.user, consent.client), consent.clone()))?;
        Ok(())
    }

    async fn hold(&self, user: UserId, client: ClientUid) -> Result<Option<Consent>, Fault> {
        self.find(user, client).await
    }
}
