//! `CompromiseAlgorithm`: an order over every tenant, told as it goes.
//!
//! Each tenant is a transaction of its own, so that an order that is cut off has done what it has told. Repeating it
//! with the same `made_before` finds the keys that are left and nothing else: those that took over have signed only
//! since then.

use chancery_domain::{audit::Author, id::TenantId, page::PageRequest, tenant::Tenant, time::Timestamp};
use chancery_keys::{
    alarm::{self as keys, Alarm, AlarmError, Severity, Target},
    step::KeyStep,
};
use chancery_proto::v1::{
    CompromiseAlgorithmRequest, CompromiseAlgorithmResponse, compromise_algorithm_response::Failure,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::alarm;
use crate::{call::Call, context::Context, name, service::Answers, span, status::Refusal};

/// How many tenants are read at a time, and told of in one answer.
const PAGE: u32 = 20;

/// Gives every key of an algorithm up that has signed, in every tenant.
#[expect(clippy::unused_async, reason = "streams begin alike, and others read whom they concern before")]
pub(super) async fn compromise_algorithm(
    cx: &Context,
    call: &Call,
    request: &CompromiseAlgorithmRequest,
) -> Result<Answers<CompromiseAlgorithmResponse>, Refusal> {
    let algorithm = request.algorithm.parse();
    let algorithm = algorithm.map_err(|malformed| Refusal::malformed("algorithm", &malformed))?;
    let now = cx.clock.now();
    let made_before = request.made_before.map_or(Ok(now), |sent| span::read("made_before", sent))?;
    if made_before > now {
        return Err(Refusal::field("made_before", "must not lie ahead"));
    }
    let order = Everywhere {
        cx: cx.clone(),
        author: call.author(),
        trace: call.trace.to_string(),
        alarm: Alarm {
            severity: Severity::Compromised,
            target: Target::Signed { algorithm: Some(algorithm), made_before, with_standby: request.include_standby },
            unannounced: request.allow_unannounced,
        },
        reason: alarm::reason(&request.reason)?,
        trial: request.validate_only,
    };
    // One answer waits to be read; the next page of tenants waits for that.
    let (tell, told) = mpsc::channel(1);
    tokio::spawn(order.carry_out(tell, made_before));
    Ok(Box::pin(ReceiverStream::new(told)))
}

struct Everywhere {
    cx: Context,
    author: Author,
    trace: String,
    alarm: Alarm,
    reason: String,
    trial: bool,
}

type Tell = mpsc::Sender<Result<CompromiseAlgorithmResponse, Status>>;

impl Everywhere {
    /// Goes through the tenants until the last, or until nobody listens any more.
    async fn carry_out(self, tell: Tell, made_before: Timestamp) {
        let begun = CompromiseAlgorithmResponse { made_before: Some(span::moment(made_before)), ..Default::default() };
        if let Err(refusal) = self.page_by_page(&tell, begun).await {
            // Nobody may be left to hear it.
            let _ = tell.send(Err(refusal.into_status(&self.trace))).await;
        }
    }

    async fn page_by_page(&self, tell: &Tell, begun: CompromiseAlgorithmResponse) -> Result<(), Refusal> {
        let mut progress = begun;
        let mut after = None;
        while !progress.done {
            // Deleted tenants too: they can come back.
            let page = self.cx.platform.read().tenants().list(PageRequest { after, size: PAGE }.into(), true).await?;
            for tenant in page.rows {
                if tell.is_closed() {
                    return Ok(());
                }
                self.tenant(&tenant, &mut progress).await;
            }
            progress.done = page.next.is_none();
            after = page.next;
            let failures = std::mem::take(&mut progress.failures);
            if tell.send(Ok(CompromiseAlgorithmResponse { failures, ..progress.clone() })).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// One tenant, counted.
    async fn tenant(&self, tenant: &Tenant, progress: &mut CompromiseAlgorithmResponse) {
        progress.tenants_seen += 1;
        match self.keys_of(tenant.id).await {
            Ok(0) => {}
            Ok(gone) => {
                progress.tenants_changed += 1;
                progress.keys_compromised += gone;
            }
            Err(error) => {
                progress.tenants_failed += 1;
                let name = name::of_tenant(&tenant.slug);
                let refusal = alarm::refused(&name, error);
                // Logged with its cause as well, where the fault is ours.
                let (reason, message) = (refusal.reason().text().to_owned(), refusal.message().to_owned());
                refusal.into_status(&self.trace);
                progress.failures.push(Failure { tenant: name, reason, message });
            }
        }
    }

    /// How many keys of the tenant were given up, or would be.
    async fn keys_of(&self, tenant: TenantId) -> Result<i32, AlarmError> {
        let mut tries = 1;
        loop {
            let prepared = keys::prepare(&self.cx.keys, tenant, &self.alarm, self.reason.clone()).await?;
            if prepared.is_empty() {
                return Ok(0);
            }
            let applied = if self.trial {
                prepared.settle(&self.cx.keys, None).await;
                Ok(prepared.preview(self.cx.clock.now()))
            } else {
                keys::apply(&self.cx.keys, &prepared, self.author.clone()).await
            };
            match applied {
                Err(AlarmError::Changed) if tries < alarm::TRIES => tries += 1,
                applied => {
                    let gone = applied?.taken.iter().filter(|(step, _)| matches!(step, KeyStep::Compromise(_))).count();
                    return Ok(i32::try_from(gone).unwrap_or(i32::MAX));
                }
            }
        }
    }
}
