//! `WatchAuditEvents`: a chain as it grows.
//!
//! A chain has no gaps and never changes behind its end, so its reader needs nothing but the place of the last event:
//! what lies behind that is told in order, each once, however often the stream breaks.

use std::time::Duration;

use chancery_domain::{fault::Fault, ports::audit::AuditQuery};
use chancery_proto::v1::{AuditEvent, WatchAuditEventsRequest, WatchAuditEventsResponse};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Chain, message};
use crate::{call::Call, context::Context, page, service::Answers, status::Refusal};

/// How many events are read at a time.
const PART: u32 = 100;
/// How often the chain is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Tells a chain as it grows.
pub(super) async fn watch(
    cx: &Context,
    call: &Call,
    request: &WatchAuditEventsRequest,
) -> Result<Answers<WatchAuditEventsResponse>, Refusal> {
    // A token of another caller or chain is refused before the stream begins, and so is who may not see the chain.
    let chain = Chain::of_parent(cx, call, &request.parent).await?;
    page::asked(cx, call, request)?;
    let seat = cx.seats.take(call.caller.principal(), cx.watch.per_caller)?;
    let (tell, told) = mpsc::channel(1);
    let (cx, call, request) = (cx.clone(), call.clone(), request.clone());
    tokio::spawn(async move {
        let _seat = seat;
        if let Err(refusal) = follow(&cx, &call, chain, &request, &tell).await {
            // Nobody may be left to hear it.
            let _ = tell.send_timeout(Err(refusal.into_status(&call.trace)), cx.watch.unread).await;
        }
    });
    Ok(Box::pin(ReceiverStream::new(told)))
}

type Tell = mpsc::Sender<Result<WatchAuditEventsResponse, Status>>;

async fn follow(
    cx: &Context,
    call: &Call,
    mut chain: Chain,
    request: &WatchAuditEventsRequest,
    tell: &Tell,
) -> Result<(), Refusal> {
    let asked = page::asked(cx, call, request)?;
    let limits = cx.watch;
    let answer = |audit_event: Option<AuditEvent>, after: u64| {
        let resume_token = asked.token(Some(after.to_string()))?;
        Ok::<_, Refusal>(WatchAuditEventsResponse { audit_event, resume_token })
    };
    let mut after = match asked.after() {
        Some(position) => position.parse().map_err(|_| Fault::bug("a resume token holds no place"))?,
        None => cx.platform.read().audits().head(chain.tenant).await?.map_or(0, |head| head.position),
    };
    let began = Instant::now();
    let (mut told, mut checked) = (began, began);
    if !send(tell, answer(None, after)?, limits.unread).await {
        return Ok(());
    }
    while began.elapsed() < limits.life && !tell.is_closed() {
        if checked.elapsed() >= limits.recheck {
            chain = chain.again(cx, call).await?;
            checked = Instant::now();
        }
        let query = AuditQuery { after, limit: PART, ..AuditQuery::default() };
        let events = cx.platform.read().audits().events(chain.tenant, query).await?;
        if events.is_empty() {
            if told.elapsed() >= limits.heartbeat {
                told = Instant::now();
                if !send(tell, answer(None, after)?, limits.unread).await {
                    return Ok(());
                }
            }
            tokio::select! {
                () = tell.closed() => {}
                () = sleep(LOOK) => {}
            }
        }
        for event in events {
            // Who reads slowly is looked at all the same.
            if checked.elapsed() >= limits.recheck {
                break;
            }
            after = event.position;
            told = Instant::now();
            if !send(tell, answer(Some(message::event(&chain, event)), after)?, limits.unread).await {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Whether somebody read it in time.
async fn send(tell: &Tell, answer: WatchAuditEventsResponse, unread: Duration) -> bool {
    tell.send_timeout(Ok(answer), unread).await.is_ok()
}
