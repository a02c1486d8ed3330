//! `ExportAuditEvents`: a chain as lines, in parts that are made as they are read.

use chancery_audit::{checkpoint_line, end_line, event_line};
use chancery_domain::{
    audit_chain::{AuditCheckpoint, SealedEvent},
    fault::Fault,
    ports::audit::AuditQuery,
};
use chancery_keys::audit;
use chancery_proto::v1::{ExportAuditEventsRequest, ExportAuditEventsResponse};

use super::{Chain, reader::Reader};
use crate::{
    call::Call,
    context::Context,
    service::Answers,
    status::Refusal,
    tell::{self, Ended, Tell},
};

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
    let reader = Reader::of(cx, call, chain)?;
    Ok(tell::answers(cx, call, |tell| write(reader, after, tell)))
}

async fn write(mut reader: Reader, mut after: u64, tell: Tell<ExportAuditEventsResponse>) -> Result<(), Ended> {
    let signed = audit::checkpoint(&reader.cx.keys, reader.chain.tenant).await?;
    let signed = signed.ok_or_else(|| reader.chain.has_no_event(1))?;
    let end = signed.position;
    if after > end {
        return Err(Refusal::field("after_position", "must not lie behind the last event").into());
    }
    if after == end {
        // Signed to its end, although nothing is new: so the next one can go on behind this one.
        say(&tell, vec![checkpoint_line(&signed)]).await?;
    }
    while after < end {
        reader.stays().await?;
        let query = AuditQuery { after, until: Some(end), limit: PART, ..AuditQuery::default() };
        let events = reader.cx.platform.read().audits().events(reader.chain.tenant, query).await?;
        // Where nothing is left of what was signed, the checkpoints are still told, so that it shows.
        let last = events.last().map_or(end, |event| event.position);
        let checkpoints = checkpoints(&reader, after + 1, last).await?;
        say(&tell, lines(&events, &checkpoints)).await?;
        after = last;
    }
    say(&tell, vec![end_line(end)]).await
}

async fn say(tell: &Tell<ExportAuditEventsResponse>, lines: Vec<String>) -> Result<(), Ended> {
    tell.say(ExportAuditEventsResponse { lines }).await
}

/// The checkpoints of that stretch.
async fn checkpoints(reader: &Reader, from: u64, last: u64) -> Result<Vec<AuditCheckpoint>, Fault> {
    let found = reader.cx.platform.read().audits().checkpoints(reader.chain.tenant, from, PART).await?;
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
