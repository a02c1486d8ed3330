//! `WatchAuditEvents`: a chain as it grows.
//!
//! A chain has no gaps and never changes behind its end, so its reader needs nothing but the last event: what lies behind
//! that is told in order, each once, however often the stream breaks. The event is named by its hash too, because its
//! place is another one's in a chain that was put back, or begun anew.

use std::time::Duration;

use chancery_audit::genesis;
use chancery_domain::{
    audit_chain::{AuditHead, SealedEvent},
    fault::Fault,
    ports::{audit::AuditQuery, jose::Sealer},
};
use chancery_proto::v1::{WatchAuditEventsRequest, WatchAuditEventsResponse};
use tokio::time::Instant;

use super::{Chain, message, reader::Reader};
use crate::{
    call::Call,
    context::Context,
    page::{self, Asked},
    service::Answers,
    status::{Reason, Refusal},
    tell::{self, Ended, Tell},
};

/// How many events are read at a time.
const PART: u32 = 100;
/// How often the chain is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Tells a chain as it grows. Who may not see it is refused before the stream begins, and so is a token that is another
/// caller's, another chain's, or of an event that is not there.
pub(super) async fn watch(
    cx: &Context,
    call: &Call,
    request: &WatchAuditEventsRequest,
) -> Result<Answers<WatchAuditEventsResponse>, Refusal> {
    let chain = Chain::of_parent(cx, call, &request.parent).await?;
    let asked = page::asked(cx, call, request)?;
    let place = match asked.after() {
        Some(token) => named(cx, &chain, token).await?,
        None => end(cx, &chain).await?,
    };
    let watch = Watch { reader: Reader::of(cx, call, chain)?, asked, place };
    Ok(tell::answers(cx, call, |tell| watch.tell(tell)))
}

/// The place before the first event.
fn beginning(chain: &Chain) -> AuditHead {
    AuditHead { position: 0, hash: genesis(chain.tenant) }
}

async fn end(cx: &Context, chain: &Chain) -> Result<AuditHead, Fault> {
    let head = cx.platform.read().audits().head(chain.tenant).await?;
    Ok(head.unwrap_or_else(|| beginning(chain)))
}

/// The place that a token names, if the same event is there as then.
async fn named(cx: &Context, chain: &Chain, token: &str) -> Result<AuditHead, Refusal> {
    let position = token.split(' ').next().and_then(|position| position.parse().ok());
    let there = match position {
        None => None,
        Some(0) => Some(beginning(chain)),
        Some(position) => chain.event(cx, position).await?.as_ref().map(place),
    };
    there.filter(|there| name(there) == token).ok_or_else(|| {
        let message =
            "the event of this token is not in the chain any more: list the events, then watch without a token";
        Refusal::new(Reason::WatchPositionTooOld, message)
    })
}

/// What a token holds.
fn name(place: &AuditHead) -> String {
    format!("{} {}", place.position, place.hash)
}

fn place(event: &SealedEvent) -> AuditHead {
    AuditHead { position: event.position, hash: event.hash }
}

struct Watch<S> {
    reader: Reader,
    asked: Asked<S>,
    /// Everything up to there was told.
    place: AuditHead,
}

impl<S: Sealer> Watch<S> {
    /// Tells until the stream has lived long enough, or the server stops: who hears no more has a token with every answer.
    async fn tell(mut self, tell: Tell<WatchAuditEventsResponse>) -> Result<(), Ended> {
        match self.follow(&tell).await {
            Err(Ended::Stopping) => Ok(()),
            ended => ended,
        }
    }

    async fn follow(&mut self, tell: &Tell<WatchAuditEventsResponse>) -> Result<(), Ended> {
        let (began, limits) = (Instant::now(), self.reader.cx.watch);
        tell.say(self.answer(None)?).await?;
        let mut spoke = began;
        while began.elapsed() < limits.life {
            self.reader.stays().await?;
            let query = AuditQuery { after: self.place.position, limit: PART, ..AuditQuery::default() };
            let events = self.reader.cx.platform.read().audits().events(self.reader.chain.tenant, query).await?;
            if events.is_empty() {
                if spoke.elapsed() >= limits.heartbeat {
                    tell.say(self.answer(None)?).await?;
                    spoke = Instant::now();
                }
                tell.pause(LOOK).await?;
            }
            for event in events {
                self.reader.stays().await?;
                self.place = place(&event);
                tell.say(self.answer(Some(event))?).await?;
                spoke = Instant::now();
            }
        }
        Ok(())
    }

    fn answer(&self, event: Option<SealedEvent>) -> Result<WatchAuditEventsResponse, Refusal> {
        let resume_token = self.asked.token(Some(name(&self.place)))?;
        let audit_event = event.map(|event| message::event(&self.reader.chain, event));
        Ok(WatchAuditEventsResponse { audit_event, resume_token })
    }
}
