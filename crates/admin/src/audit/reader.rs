//! Whoever stays with a chain: to watch it, or to export it.

use tokio::time::Instant;

use super::Chain;
use crate::{
    call::Call,
    context::Context,
    status::{Reason, Refusal},
    tell::Ended,
    watch::Seat,
};

/// Somebody with a stream, and the chain that they read.
pub(super) struct Reader {
    pub(super) cx: Context,
    pub(super) chain: Chain,
    /// The call that the stream answers.
    call: Call,
    /// When it was last looked at whether they may.
    checked: Instant,
    /// Kept as long as the stream runs.
    _seat: Seat,
}

impl Reader {
    /// The caller, if they may have one more stream.
    pub(super) fn of(cx: &Context, call: &Call, chain: Chain) -> Result<Self, Refusal> {
        let seat = cx.seats.take(call.caller.principal(), cx.watch.per_caller)?;
        Ok(Self { cx: cx.clone(), chain, call: call.clone(), checked: Instant::now(), _seat: seat })
    }

    /// Returns if the stream may go on: the server does not stop, and the caller would be let in now and may see this chain
    /// still. To be asked before each answer, so that who reads slowly is looked at all the same.
    pub(super) async fn stays(&mut self) -> Result<(), Ended> {
        if self.cx.stop.is_cancelled() {
            return Err(Ended::Stopping);
        }
        if self.checked.elapsed() >= self.cx.watch.recheck {
            let call = Call { caller: self.call.caller.again(&self.cx).await?, ..self.call.clone() };
            let now = Chain::of(&self.cx, &call, self.chain.slug.clone()).await?;
            // One that was made anew under the name of one that is gone has a chain of its own.
            if now.tenant != self.chain.tenant {
                return Err(Refusal::new(Reason::TenantNotFound, "the tenant is gone").into());
            }
            self.checked = Instant::now();
        }
        Ok(())
    }
}
