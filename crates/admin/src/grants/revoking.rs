//! Taking back many grants: a bounded number in a transaction, so that none is long.
//!
//! What was taken back stays so when a later transaction fails; the caller tries again, and the rest goes too.

use chancery_domain::{
    audit::AuditEvent,
    grant::RevocationReason,
    ports::{grants::GrantSelection, store::TenantTx},
};
use prost::Message;

use crate::{errand::Errand, status::Refusal};

/// How many grants go in one transaction.
const MOST: u32 = 500;

/// A revocation of many grants.
pub(crate) struct Revoking<'a> {
    /// The revocation, in its tenant.
    pub(crate) errand: &'a Errand<'a>,
    /// Which grants.
    pub(crate) of: GrantSelection,
    /// What the audit says of each transaction that took some back.
    pub(crate) event: AuditEvent,
}

impl Revoking<'_> {
    /// Takes them back, in `first` as far as they fit and in transactions of its own. Codes that would become such grants
    /// go with the first. The answer, made of the number, is remembered with the last.
    pub(crate) async fn run<A: Message>(
        self,
        first: Box<dyn TenantTx>,
        answer: impl Fn(u64) -> A + Send,
    ) -> Result<A, Refusal> {
        let Self { errand, of, event } = self;
        let now = event.at;
        let mut tx = first;
        tx.grant_revocations().forget_codes(&of, now).await?;
        let mut count = 0;
        loop {
            let some = tx.grant_revocations().revoke_some(&of, RevocationReason::ByAdmin, now, MOST).await?;
            if some > 0 {
                tx.audit(event.clone()).await?;
            }
            count += some;
            if some < u64::from(MOST) {
                return errand.commit(tx, answer(count), now).await;
            }
            tx.commit().await?;
            tx = errand.reached.begin().await?;
        }
    }
}

/// A count on the wire.
pub(crate) fn counted(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
