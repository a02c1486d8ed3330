//! The frame around what a call does in a tenant: it is done once where the request names itself, and the answer is
//! remembered in the transaction of what it tells.

use std::future::Future;

use chancery_domain::{ports::store::TenantTx, time::Timestamp};
use prost::Message;

use crate::{
    reach::Reached,
    request_id::{Ledger, Nameable, Named, once},
    status::Refusal,
};

/// Something to do in a tenant, for a request that may name itself.
pub(crate) struct Errand<'a> {
    /// The tenant, as the call reaches it.
    pub(crate) reached: Reached<'a>,
    /// The name of the request, where it has one.
    named: Option<Named>,
}

impl<'a> Errand<'a> {
    /// For that request.
    pub(crate) fn of(reached: Reached<'a>, request: &impl Nameable) -> Result<Self, Refusal> {
        let named = Named::of(reached.cx, reached.call, request)?;
        Ok(Self { reached, named })
    }

    /// The name of the request, where it has one.
    pub(crate) const fn named(&self) -> Option<&Named> {
        self.named.as_ref()
    }

    /// Does the work, unless it was done before: then it is answered as it was.
    pub(crate) async fn once<A: Message + Default>(
        &self,
        work: impl Future<Output = Result<A, Refusal>> + Send,
    ) -> Result<A, Refusal> {
        once(self.named.as_ref(), Ledger::Tenant(&self.reached), work).await
    }

    /// Ends the work: remembers the answer, commits, and gives the answer back.
    pub(crate) async fn commit<A: Message>(
        &self,
        tx: Box<dyn TenantTx>,
        answer: A,
        now: Timestamp,
    ) -> Result<A, Refusal> {
        if let Some(named) = &self.named {
            named.remember(tx.requests(), &answer, now).await?;
        }
        tx.commit().await?;
        Ok(answer)
    }
}
