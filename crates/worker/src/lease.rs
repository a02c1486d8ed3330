//! Leases: of all processes on one store, one runs a task at a time.
//!
//! A lease only saves work. Should two processes run a task together all the same, because one was frozen and woke up
//! after its lease had ended, the guards in the store let one of them succeed.

use std::sync::Arc;

use chancery_domain::{fault::Fault, lease::LeaseClaim, ports::platform::PlatformStore, time::Clock};

/// One task's lease, as this process claims it.
pub(crate) struct Lease {
    pub(crate) platform: Arc<dyn PlatformStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) claim: LeaseClaim,
}

impl Lease {
    /// Takes the lease. `false` when another process has it.
    pub(crate) async fn take(&self) -> Result<bool, Fault> {
        let tx = self.platform.begin().await?;
        let taken = tx.lease(&self.claim, self.clock.now()).await?;
        if taken {
            tx.commit().await?;
        }
        Ok(taken)
    }

    /// Gives it back, so that the next process need not wait for its end.
    pub(crate) async fn give_back(&self) -> Result<(), Fault> {
        let tx = self.platform.begin().await?;
        tx.release(&self.claim).await?;
        tx.commit().await
    }
}
