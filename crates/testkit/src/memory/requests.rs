//! Remembered requests in memory: the platform's own, and each tenant's.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::TenantId,
    ports::store::{Remembered, Requests},
    time::Timestamp,
};

use super::{Fenced, locked};

/// Tenant, caller, method and the request's own id.
pub(super) type Place = (Option<TenantId>, String, String, String);

impl Fenced {
    fn place(&self, caller: &str, method: &str, request_id: &str) -> Place {
        (self.tenant, caller.to_owned(), method.to_owned(), request_id.to_owned())
    }
}

#[async_trait]
impl Requests for Fenced {
    async fn recall(&self, caller: &str, method: &str, request_id: &str) -> Result<Option<Remembered>, Fault> {
        Ok(locked(&self.rows).requests.get(&self.place(caller, method, request_id)).cloned())
    }

    async fn remember(
        &self,
        caller: &str,
        method: &str,
        request_id: &str,
        answer: &Remembered,
        _until: Timestamp,
    ) -> Result<(), WriteError> {
        let mut rows = locked(&self.rows);
        match rows.requests.insert(self.place(caller, method, request_id), answer.clone()) {
            None => Ok(()),
            // Of no noun in particular: the transaction is thrown away.
            Some(_) => Err(WriteError::Taken(Noun::Tenant)),
        }
    }
}
