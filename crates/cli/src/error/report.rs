//! A failure as it is told: message, code, reason, and what is wrong with which field (AIP-193).

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value, json};
use tonic::Status;
use tonic_types::StatusExt;

use super::{CliError, advice, code, way};
use crate::output::printable;

/// What there is to tell about a failure.
#[derive(Debug, Default)]
pub(super) struct Report {
    message: String,
    /// The gRPC code. Empty when no server was asked.
    code: &'static str,
    /// The reason out of `ErrorInfo`.
    reason: String,
    /// The variable parts of the message out of `ErrorInfo`.
    metadata: BTreeMap<String, String>,
    /// Fields and what is wrong with them.
    fields: Vec<(String, String)>,
    /// Things whose state forbids it, and why.
    conditions: Vec<(String, String)>,
    /// After how long it is worth to try again, in seconds.
    retry_after: Option<f64>,
    /// What to do about it. Empty where the message says it.
    advice: String,
}

impl Report {
    pub(super) fn of(error: &CliError) -> Self {
        match error {
            CliError::Usage(_)
            | CliError::NoCredential(_)
            | CliError::Io { .. }
            | CliError::Told { .. }
            | CliError::SignIn { .. } => Self { message: error.to_string(), ..Self::default() },
            CliError::Foreign { .. } => {
                Self { message: error.to_string(), advice: advice::FOREIGN.to_owned(), ..Self::default() }
            }
            CliError::Refused(status) => Self::of_status(status),
            CliError::HalfDone { done, then } => {
                let then = Self::of(then);
                Self { message: format!("{done}; {}", then.message), ..then }
            }
        }
    }

    fn of_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let reason = info.map(|info| info.reason.clone()).unwrap_or_default();
        let metadata = info.map(|info| info.metadata.clone().into_iter().collect()).unwrap_or_default();
        let fields = details.bad_request().map(|bad| bad.field_violations.as_slice()).unwrap_or_default();
        let conditions = details.precondition_failure().map(|it| it.violations.as_slice()).unwrap_or_default();
        Self {
            message: message(status),
            code: code::name(status.code()),
            fields: fields.iter().map(|it| (it.field.clone(), it.description.clone())).collect(),
            conditions: conditions.iter().map(|it| (it.subject.clone(), it.description.clone())).collect(),
            retry_after: details.retry_info().and_then(|retry| retry.retry_delay).map(|delay| delay.as_secs_f64()),
            advice: advice::about(status.code(), &reason, &metadata),
            reason,
            metadata,
        }
    }

    pub(super) fn for_people(&self) -> String {
        let mut text = format!("error: {}\n", printable(&self.message));
        let mut line = |label: &str, value: &str| {
            if !value.is_empty() {
                let _ = writeln!(text, "  {label:<7} {}", printable(value));
            }
        };
        line("code", self.code);
        line("reason", &self.reason);
        if let Some(from) = self.metadata.get("earliest_time") {
            line("from", from);
        }
        // The message of one field that is wrong says it all.
        for (field, why) in self.fields.iter().filter(|(field, why)| self.message != format!("{field} {why}")) {
            line("field", &format!("{field}: {why}"));
        }
        for (subject, why) in &self.conditions {
            line("state", &format!("{subject}: {why}"));
        }
        if let Some(seconds) = self.retry_after {
            line("retry", &format!("after {seconds}s"));
        }
        line("try", &self.advice);
        text
    }

    pub(super) fn for_scripts(&self) -> Value {
        let mut error = json!({ "message": self.message });
        let mut add = |key: &str, value: Value| error[key] = value;
        if !self.code.is_empty() {
            add("code", self.code.into());
        }
        if !self.reason.is_empty() {
            add("reason", self.reason.as_str().into());
        }
        if !self.metadata.is_empty() {
            add("metadata", json!(self.metadata));
        }
        let list = |pairs: &[(String, String)], key: &str| -> Value {
            pairs.iter().map(|(what, why)| json!({ key: what, "description": why })).collect()
        };
        if !self.fields.is_empty() {
            add("fieldViolations", list(&self.fields, "field"));
        }
        if !self.conditions.is_empty() {
            add("preconditionViolations", list(&self.conditions, "subject"));
        }
        if let Some(seconds) = self.retry_after {
            add("retryDelay", format!("{seconds}s").into());
        }
        if !self.advice.is_empty() {
            add("advice", self.advice.as_str().into());
        }
        json!({ "error": error })
    }
}

/// The message, and for a failure on the way to the server its whole chain of causes.
fn message(status: &Status) -> String {
    match way::causes(status) {
        Some(causes) => format!("cannot reach the admin API: {causes}"),
        None => status.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;
    use tonic_types::ErrorDetails;

    use super::*;

    fn refused() -> CliError {
        let mut details = ErrorDetails::with_bad_request_violation("client.redirect_uris[0]", "must be absolute");
        details.set_error_info(
            "FIELD_INVALID",
            "chancery.admin.v1",
            [("field".to_owned(), "redirect_uris".to_owned())],
        );
        details.add_precondition_failure_violation("TENANT_SUSPENDED", "tenants/acme", "is suspended");
        details.set_retry_info(Some(std::time::Duration::from_secs(5)));
        Status::with_error_details(Code::InvalidArgument, "the client is\u{1b}[2J malformed", details).into()
    }

    #[test]
    fn people_read_lines_without_control_characters() {
        let expected = "error: the client is\\u{1b}[2J malformed\n  code    INVALID_ARGUMENT\n  reason  FIELD_INVALID\n  \
                        field   client.redirect_uris[0]: must be absolute\n  state   tenants/acme: is suspended\n  \
                        retry   after 5s\n";
        assert_eq!(Report::of(&refused()).for_people(), expected);
    }

    #[test]
    fn scripts_read_an_object() {
        let half = CliError::HalfDone { done: "the client is there".to_owned(), then: Box::new(refused()) };
        let expected = json!({"error": {
            "message": "the client is there; the client is\u{1b}[2J malformed",
            "code": "INVALID_ARGUMENT",
            "reason": "FIELD_INVALID",
            "metadata": {"field": "redirect_uris"},
            "fieldViolations": [{"field": "client.redirect_uris[0]", "description": "must be absolute"}],
            "preconditionViolations": [{"subject": "tenants/acme", "description": "is suspended"}],
            "retryDelay": "5s",
        }});
        assert_eq!(Report::of(&half).for_scripts(), expected);
    }

    #[test]
    fn a_failure_on_the_way_tells_its_causes() {
        let cause = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let mut status = Status::unavailable("away");
        status.set_source(std::sync::Arc::new(cause));
        assert_eq!(Report::of(&status.into()).message, "cannot reach the admin API: connection refused");
    }

    #[test]
    fn people_read_what_to_do() {
        let text = Report::of(&Status::not_found("no tenants/acme").into()).for_people();
        assert!(text.starts_with("error: no tenants/acme\n  code    NOT_FOUND\n  try     see with `list`"), "{text}");
    }

    #[test]
    fn what_the_message_says_is_not_said_again() {
        let details = ErrorDetails::with_bad_request_violation("name", "must hold a well-formed id");
        let text = "name must hold a well-formed id";
        let refused = Status::with_error_details(Code::InvalidArgument, text, details).into();
        assert_eq!(Report::of(&refused).for_people(), format!("error: {text}\n  code    INVALID_ARGUMENT\n"));
    }

    #[test]
    fn another_server_than_the_admin_api_is_told_as_such() {
        let cause = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let error = CliError::Foreign { why: cause.to_string() };
        let text = Report::of(&error).for_people();
        assert!(
            text.contains("does not speak the admin API, or went away in the middle (broken pipe)")
                && text.contains("admin port"),
            "{text}"
        );
        assert_eq!(error.exit(), crate::Exit::Unavailable);
    }

    #[test]
    fn what_no_server_said_has_no_code() {
        let report = Report::of(&CliError::Usage("no admin key".to_owned()));
        assert_eq!(report.for_people(), "error: no admin key\n");
        assert_eq!(report.for_scripts(), json!({"error": {"message": "no admin key"}}));
    }
}
