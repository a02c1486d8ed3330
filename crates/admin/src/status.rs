//! How a refusal looks on the wire: the only place that builds a `google.rpc.Status` (AIP-193).
//!
//! Each carries exactly one `ErrorInfo`, and what else helps: `BadRequest` for fields, `PreconditionFailure` for
//! states, `ResourceInfo` for what was missing, `RetryInfo` where waiting helps. What went wrong inside is logged here,
//! once, and never told.

pub(crate) mod reason;

use std::{collections::HashMap, time::Duration};

use chancery_domain::fault::{Fault, FaultKind, Malformed, WriteError};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

pub(crate) use reason::Reason;

/// The `domain` of every `ErrorInfo`.
pub(crate) const DOMAIN: &str = "chancery.admin";

/// How long a caller should wait before trying again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Why a call is not carried out.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Parts>);

#[derive(Debug)]
struct Parts {
    reason: Reason,
    message: String,
    metadata: HashMap<String, String>,
    details: ErrorDetails,
    fault: Option<Fault>,
}

impl Refusal {
    /// A refusal for that reason; the message is for people.
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            reason,
            message: message.into(),
            metadata: HashMap::new(),
            details: ErrorDetails::new(),
            fault: None,
        }))
    }

    /// A field of the request breaks its rule. The rule follows the field's path in a sentence.
    pub(crate) fn field(path: impl Into<String>, rule: impl Into<String>) -> Self {
        Self::field_because(Reason::FieldInvalid, path, rule)
    }

    /// The same, for a reason of its own.
    pub(crate) fn field_because(reason: Reason, path: impl Into<String>, rule: impl Into<String>) -> Self {
        let (path, rule) = (path.into(), rule.into());
        let mut refusal = Self::new(reason, format!("{path} {rule}"));
        refusal.0.details.add_bad_request_violation(path.clone(), rule);
        refusal.with("field", path)
    }

    /// Several fields of the request break their rules; each comes with its path and rule, and there is at least one.
    pub(crate) fn fields(wrong: Vec<(String, &str)>) -> Self {
        let mut wrong = wrong.into_iter();
        let Some((path, rule)) = wrong.next() else { return Self::field("", "must be well formed") };
        let mut refusal = Self::field(path, rule);
        for (path, rule) in wrong {
            refusal.0.details.add_bad_request_violation(path, rule);
        }
        refusal
    }

    /// The text in that field does not have the form that it needs.
    pub(crate) fn malformed(path: impl Into<String>, malformed: &Malformed) -> Self {
        Self::field(path, malformed.rule)
    }

    /// There is no such resource, or the caller may not know of it: the two look the same.
    pub(crate) fn not_found(reason: Reason, kind: &str, name: &str) -> Self {
        let mut refusal = Self::new(reason, format!("there is no {name}"));
        refusal.0.details.set_resource_info(format!("{DOMAIN}/{kind}"), name, "", "not found");
        refusal.with("name", name)
    }

    /// The state of a resource does not allow it.
    pub(crate) fn precondition(reason: Reason, name: &str, description: &str) -> Self {
        let mut refusal = Self::new(reason, format!("{name} {description}"));
        refusal.0.details.add_precondition_failure_violation(reason.text(), name, description);
        refusal.with("name", name)
    }

    /// The resource was changed since the caller read it. `current` is the etag that it has now, where we know it.
    pub(crate) fn stale(current: Option<&str>) -> Self {
        let refusal = Self::new(Reason::EtagMismatch, "changed by somebody else in the meantime");
        match current {
            Some(etag) => refusal.with("current_etag", etag),
            None => refusal,
        }
    }

    /// The same about fields that lie elsewhere in the request: paths that began with `from` begin with `to`.
    pub(crate) fn moved(mut self, from: &str, to: &str) -> Self {
        let move_path = |path: &str| {
            let rest = path.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            rest.map(|rest| format!("{to}{rest}"))
        };
        if let Some(moved) = self.0.metadata.get("field").and_then(|path| move_path(path)) {
            if let Some(rest) = self.0.message.strip_prefix(from) {
                self.0.message = format!("{to}{rest}");
            }
            self.0.metadata.insert("field".to_owned(), moved);
        }
        if let Some(wrong) = self.0.details.bad_request().cloned() {
            let moved = wrong.field_violations.into_iter().map(|mut one| {
                one.field = move_path(&one.field).unwrap_or(one.field);
                one
            });
            self.0.details.set_bad_request(moved.collect::<Vec<_>>());
        }
        self
    }

    /// Whether somebody else changed the row between our reading and our writing it.
    pub(crate) fn is_lost_race(&self) -> bool {
        self.0.reason == Reason::EtagMismatch && !self.0.metadata.contains_key("current_etag")
    }

    /// Whether for certain nothing was done. Where we failed, nobody can tell: what was to be done stands all the same if
    /// only the word that it was committed was lost.
    pub(crate) fn left_nothing(&self) -> bool {
        self.0.fault.is_none() && !matches!(self.0.reason.code(), Code::Unavailable | Code::Internal)
    }

    /// Why it is refused.
    pub(crate) const fn reason(&self) -> Reason {
        self.0.reason
    }

    /// The same for people.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// The same, with a dynamic part of its message for programs.
    pub(crate) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// The same, naming what it is about where that is not yet said.
    pub(crate) fn about(mut self, kind: &str, name: &str) -> Self {
        if self.0.reason.code() == Code::AlreadyExists {
            self.0.details.set_resource_info(format!("{DOMAIN}/{kind}"), name, "", "exists already");
            self.0.metadata.insert("name".to_owned(), name.to_owned());
        }
        self
    }

    /// The same, saying that waiting helps.
    pub(crate) fn retriable(mut self) -> Self {
        self.0.details.set_retry_info(Some(RETRY_AFTER));
        self
    }

    /// The same, keeping what went wrong for the log.
    pub(crate) fn caused_by(mut self, fault: Fault) -> Self {
        self.0.fault = Some(fault);
        self
    }

    /// The status. A fault of ours is logged, under the trace that the caller is told.
    pub(crate) fn into_status(self, trace: &str) -> Status {
        let Parts { reason, message, mut metadata, mut details, fault } = *self.0;
        if let Some(fault) = fault {
            tracing::error!(trace.id = trace, error = %fault, "call failed");
            metadata.insert("trace_id".to_owned(), trace.to_owned());
        }
        details.set_error_info(reason.text(), DOMAIN, metadata);
        Status::with_error_details(reason.code(), message, details)
    }
}

/// The status of a call that the gRPC layer itself refused, given ours for its code; `None` where it may stay.
pub(crate) fn of_transport(code: Code, trace: &str) -> Option<Status> {
    let ours = [
        (
            Code::OutOfRange,
            Reason::MessageTooLarge,
            "the message is larger than this call reads: 1 MiB, and 8 MiB of a document",
        ),
        (Code::Internal, Reason::MessageMalformed, "the message does not have the form of its type"),
        (Code::Unimplemented, Reason::MethodUnknown, "there is no such call, or not in that encoding"),
    ];
    let (_, reason, message) = ours.into_iter().find(|(theirs, _, _)| *theirs == code)?;
    Some(Refusal::new(reason, message).into_status(trace))
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        let refusal = match fault.kind() {
            FaultKind::Unavailable => {
                Self::new(Reason::StoreUnavailable, "the store does not answer; try again").retriable()
            }
            FaultKind::Broken => Self::new(Reason::Internal, "something went wrong on our side"),
        };
        refusal.caused_by(fault)
    }
}

impl From<WriteError> for Refusal {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Taken(noun) => {
                Self::new(Reason::exists(noun), format!("this {} exists already", noun.label().replace('_', " ")))
            }
            WriteError::Stale => Self::stale(None),
            WriteError::Fault(fault) => fault.into(),
        }
    }
}

#[cfg(test)]
mod tests;
