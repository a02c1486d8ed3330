//! `ExportAuditEvents`: a chain as lines, in parts that are made as they are read.

use std::time::Duration;

use chancery_audit::{checkpoint_line, end_line, event_line};
use chancery_domain::{
    audit_chain::{AuditCheckpoint, SealedEvent},
    fault::Fault,
    ports::audit::AuditQuery,
};
use chancery_keys::audit;
use chancery_proto::v1::{ExportAuditEventsRequest, ExportAuditEventsResponse};
use tokio::{sync::mpsc, time::Instant};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::Chain;
use crate::{call::Call, context::Context, service::Answers, status::Refusal};

/// How many events are read at a time, and told in one part.
const PART: u32 = 200;

/// A chain up to its end, signed.
pub(super) async fn export(
    cx: &Context,
    call: &Call,
    request: &ExportAuditEventsRequest,
) -> Result<Answers<ExportAuditEventsResponse>, Refusal> {
    let chain = Chain::of_parent(cx, call, &request.parent).await?;
    let rule = "must be the place of a checkpoint, or 0";
    let after = u64::try_from(request.after_position).map_err(|_| Refusal::field("after_position", rule))?;
    let seat = cx.seats.take(call.caller.principal(), cx.watch.per_caller)?;
    let (tell, told) = mpsc::channel(1);
    let (cx, call) = (cx.clone(), call.clone());
    tokio::spawn(async move {
        let _seat = seat;
        if let Err(refusal) = write(&cx, &call, chain, after, &tell).await {
            // Nobody may be left to hear it.
            let _ = tell.send_timeout(Err(refusal.into_status(&call.trace)), cx.watch.unread).await;
        }
    });
    Ok(Box::pin(ReceiverStream::new(told)))
}

type Tell = mpsc::Sender<Result<ExportAuditEventsResponse, Status>>;

async fn write(cx: &Context, call: &Call, mut chain: Chain, mut after: u64, tell: &Tell) -> Result<(), Refusal> {
    let end = audit::checkpoint(&cx.keys, chain.tenant).await?.ok_or_else(|| chain.has_no_event(1))?.position;
    if after > end {
        return Err(Refusal::field("after_position", "must not lie behind the last event"));
    }
    let (reader, unread) = (cx.platform.read(), cx.watch.unread);
    let mut checked = Instant::now();
    while after < end {
        // Who reads slowly is looked at all the same.
        if checked.elapsed() >= cx.watch.recheck {
            chain = chain.again(cx, call).await?;
            checked = Instant::now();
        }
        let query = AuditQuery { after, until: Some(end), limit: PART, ..AuditQuery::default() };
        let events = reader.audits().events(chain.tenant, query).await?;
        // Where nothing is left of what was signed, the checkpoints are still told, so that it shows.
        let last = events.last().map_or(end, |event| event.position);
        let checkpoints = checkpoints(cx, &chain, after + 1, last).await?;
        if !send(tell, lines(&events, &checkpoints), unread).await {
            return Ok(());
        }
        after = last;
    }
    send(tell, vec![end_line(end)], unread).await;
    Ok(())
}

/// The checkpoints of that stretch.
async fn checkpoints(cx: &Context, chain: &Chain, from: u64, last: u64) -> Result<Vec<AuditCheckpoint>, Fault> {
    let found = cx.platform.read().audits().checkpoints(chain.tenant, from, PART).await?;
    Ok(found.into_iter().filter(|checkpoint| checkpoint.position <= last).collect())
}

/// Events, each followed by the checkpoint that was made there.
fn lines(events: &[SealedEvent], checkpoints: &[AuditCheckpoint]) -> Vec<String> {
    let mut checkpoints = checkpoints.iter().peekable();
    let mut lines = Vec::with_capacity(events.len() + checkpoints.len());
    for event in events {
        while let Some(passed) = checkpoints.next_if(|checkpoint| checkpoint.position < event.position) {
            lines.push(checkpoint_line(passed));
        }
        lines.push(event_line(event));
    }
    lines.extend(checkpoints.map(checkpoint_line));
    lines
}

/// Whether somebody read it in time.
async fn send(tell: &Tell, lines: Vec<String>, unread: Duration) -> bool {
    tell.send_timeout(Ok(ExportAuditEventsResponse { lines }), unread).await.is_ok()
}
