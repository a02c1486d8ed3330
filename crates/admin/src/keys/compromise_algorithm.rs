//! `CompromiseAlgorithm`: an order over every tenant, told as it goes.
//!
//! Each tenant is a transaction of its own, so that an order that is cut off has done what it has told. Repeating it
//! with the same `made_before` finds the keys that are left and nothing else: those that took over have signed only
//! since then.

use chancery_domain::{
    id::{KeyId, TenantId},
    page::PageRequest,
    secret::{Digest, base64url},
    tenant::Tenant,
};
use chancery_keys::{
    alarm::{self as keys, Alarm, AlarmError, Severity, Target},
    step::KeyStep,
};
use chancery_proto::v1::{
    CompromiseAlgorithmRequest, CompromiseAlgorithmResponse, compromise_algorithm_response::Failure,
};

use super::alarm;
use crate::{
    call::Call,
    context::Context,
    name,
    previews::{self, Danger, Deed, Foreseen},
    service::Answers,
    span,
    status::Refusal,
    tell::{self, Ended, Tell},
};

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
    if !request.validate_only && request.preview_hash.is_empty() {
        let how = "this deployment wants to be shown the hash of a trial of this order: make it with validate_only first, \
                   and send its preview_hash and made_before";
        previews::unseen(cx, Danger::CompromiseKey.label(), how)?;
    }
    let bare = CompromiseAlgorithmRequest {
        made_before: Some(span::moment(made_before)),
        validate_only: false,
        preview_hash: String::new(),
        ..request.clone()
    };
    let order = Everywhere {
        cx: cx.clone(),
        call: call.clone(),
        deed: Deed::of("CompromiseAlgorithm", &bare),
        hash: request.preview_hash.clone(),
        alarm: Alarm {
            severity: Severity::Compromised,
            target: Target::Signed { algorithm: Some(algorithm), made_before, with_standby: request.include_standby },
            unannounced: request.allow_unannounced,
        },
        reason: alarm::reason(&request.reason)?,
        trial: request.validate_only,
    };
    let begun = CompromiseAlgorithmResponse { made_before: Some(span::moment(made_before)), ..Default::default() };
    Ok(tell::answers(cx, call, |tell| order.carry_out(begun, tell)))
}

struct Everywhere {
    cx: Context,
    call: Call,
    deed: Deed,
    /// Of the trial that it goes by, or nothing.
    hash: String,
    alarm: Alarm,
    reason: String,
    trial: bool,
}

impl Everywhere {
    /// Goes through the tenants until the last, or until nobody listens any more. An order that goes by a trial begins with
    /// another one, of which nobody hears.
    async fn carry_out(
        self,
        begun: CompromiseAlgorithmResponse,
        tell: Tell<CompromiseAlgorithmResponse>,
    ) -> Result<(), Ended> {
        if !self.trial && !self.hash.is_empty() {
            let gone = self.page_by_page(true, begun.clone(), None).await?;
            previews::hold(&self.cx, &self.call, &self.deed, &foreseen(&gone), &self.hash)?;
        }
        self.page_by_page(self.trial, begun, Some(&tell)).await.map(drop)
    }

    /// The keys that were given up, or would be, in one text.
    async fn page_by_page(
        &self,
        trial: bool,
        begun: CompromiseAlgorithmResponse,
        tell: Option<&Tell<CompromiseAlgorithmResponse>>,
    ) -> Result<Vec<u8>, Ended> {
        let mut progress = begun;
        let mut gone = Vec::new();
        let mut after = None;
        while !progress.done {
            // Deleted tenants too: they can come back.
            let page = self.cx.platform.read().tenants().list(PageRequest { after, size: PAGE }.into(), true).await?;
            for tenant in page.rows {
                if tell.is_some_and(|tell| !tell.is_heard()) {
                    return Err(Ended::Unheard);
                }
                for key in self.tenant(trial, &tenant, &mut progress).await {
                    gone.extend_from_slice(format!("{} {key}\n", tenant.id).as_bytes());
                }
            }
            progress.done = page.next.is_none();
            if progress.done && trial {
                progress.preview_hash = previews::hash(&self.cx, &self.call, &self.deed, &foreseen(&gone))?;
            }
            after = page.next;
            let failures = std::mem::take(&mut progress.failures);
            if let Some(tell) = tell {
                tell.say(CompromiseAlgorithmResponse { failures, ..progress.clone() }).await?;
            }
        }
        Ok(gone)
    }

    /// One tenant, counted; the keys that were given up.
    async fn tenant(&self, trial: bool, tenant: &Tenant, progress: &mut CompromiseAlgorithmResponse) -> Vec<KeyId> {
        progress.tenants_seen += 1;
        match self.keys_of(trial, tenant.id).await {
            Ok(gone) => {
                progress.tenants_changed += i32::from(!gone.is_empty());
                progress.keys_compromised += i32::try_from(gone.len()).unwrap_or(i32::MAX);
                gone
            }
            Err(error) => {
                progress.tenants_failed += 1;
                let name = name::of_tenant(&tenant.slug);
                let refusal = alarm::refused(&name, error);
                // Logged with its cause as well, where the fault is ours.
                let (reason, message) = (refusal.reason().text().to_owned(), refusal.message().to_owned());
                refusal.into_status(&self.call.trace);
                progress.failures.push(Failure { tenant: name, reason, message });
                Vec::new()
            }
        }
    }

    /// The keys of the tenant that were given up, or would be.
    async fn keys_of(&self, trial: bool, tenant: TenantId) -> Result<Vec<KeyId>, AlarmError> {
        let mut tries = 1;
        loop {
            let prepared = keys::prepare(&self.cx.keys, tenant, &self.alarm, self.reason.clone()).await?;
            if prepared.is_empty() {
                return Ok(Vec::new());
            }
            let applied = if trial {
                prepared.settle(&self.cx.keys, None).await;
                Ok(prepared.preview(self.cx.clock.now()))
            } else {
                keys::apply(&self.cx.keys, &prepared, self.call.author()).await
            };
            match applied {
                Err(AlarmError::Changed) if tries < alarm::TRIES => tries += 1,
                applied => {
                    let taken = applied?.taken;
                    let gone = taken.iter().filter(|(step, _)| matches!(step, KeyStep::Compromise(_)));
                    return Ok(gone.filter_map(|(step, _)| step.moves().cloned()).collect());
                }
            }
        }
    }
}

fn foreseen(gone: &[u8]) -> Foreseen {
    let version = base64url(Digest::of("compromised-everywhere", gone).bytes());
    Foreseen { about: "tenants/-".to_owned(), version, effects: Vec::new() }
}
