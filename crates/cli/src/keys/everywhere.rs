//! `chancery keys compromise --everywhere`: an order over every tenant, followed to its end.

use std::io::{self, Write};

use chancery_proto::v1::{
    CompromiseAlgorithmRequest, CompromiseAlgorithmResponse, Preview,
    compromise_algorithm_response::Failure,
    preview::{Effect, effect::Kind},
};
use tonic::{Response, Status};

use crate::connection::Api;
use crate::error::CliError;
use crate::output::{Output, printable};
use crate::preview::{self, Ask, Sure};

/// Gives the order, tells on standard error how far it is, and answers with its end. Tenants that failed are a failure.
/// A server that wants to be shown what would go gets the hash of a trial.
pub(super) async fn run(
    mut request: CompromiseAlgorithmRequest,
    sure: &Sure,
    api: &Api,
    output: Output,
) -> Result<String, CliError> {
    let answers = match api.keys().compromise_algorithm(request.clone()).await {
        Err(status) if preview::is_required(&status) => {
            let mut begun = None;
            let preview = async {
                let trial = CompromiseAlgorithmRequest { validate_only: true, ..request.clone() };
                let last = last(api, trial).await?;
                begun = last.made_before;
                Ok(Response::new(foreseen(&last)))
            };
            request.preview_hash = sure.of(false, Ask::Always, preview).await?;
            request.made_before = begun.or(request.made_before);
            api.keys().compromise_algorithm(request).await?
        }
        answers => answers?,
    };
    let mut answers = answers.into_inner();
    let mut last = CompromiseAlgorithmResponse::default();
    let mut failures = Vec::new();
    loop {
        match answers.message().await {
            Ok(Some(mut told)) => {
                failures.append(&mut told.failures);
                // Nobody may be looking.
                let _ = writeln!(io::stderr(), "{}", line(&told));
                last = told;
            }
            Ok(None) if last.done => return finished(&last, &failures, output),
            Ok(None) => return Err(cut_off(&last, Status::cancelled("the order was cut off"))),
            Err(status) => return Err(cut_off(&last, status)),
        }
    }
}

/// The end of a trial.
async fn last(api: &Api, trial: CompromiseAlgorithmRequest) -> Result<CompromiseAlgorithmResponse, Status> {
    let mut answers = api.keys().compromise_algorithm(trial).await?.into_inner();
    while let Some(told) = answers.message().await? {
        if told.done {
            return Ok(told);
        }
    }
    Err(Status::cancelled("the trial was cut off"))
}

fn foreseen(last: &CompromiseAlgorithmResponse) -> Preview {
    let count = last.keys_compromised.into();
    let keys = Effect { kind: Kind::Keys.into(), count, ..Effect::default() };
    let name = format!("{} of {} tenants", last.tenants_changed, last.tenants_seen);
    Preview { name, hash: last.preview_hash.clone(), effects: vec![keys], ..Preview::default() }
}

/// How far it is.
fn line(told: &CompromiseAlgorithmResponse) -> String {
    format!(
        "{} tenants seen: {} keys of {} given up, {} tenants failed",
        told.tenants_seen, told.keys_compromised, told.tenants_changed, told.tenants_failed
    )
}

fn finished(last: &CompromiseAlgorithmResponse, failures: &[Failure], output: Output) -> Result<String, CliError> {
    if failures.is_empty() {
        return Ok(output.one(last));
    }
    let told = |one: &Failure| format!("{} ({}): {}", printable(&one.tenant), one.reason, printable(&one.message));
    let named: Vec<String> = failures.iter().map(told).collect();
    Err(CliError::HalfDone {
        done: line(last),
        then: Box::new(CliError::Usage(format!("these are as they were: {}", named.join("; ")))),
    })
}

/// What to do when the end was not heard of.
fn cut_off(last: &CompromiseAlgorithmResponse, status: Status) -> CliError {
    let again = last.made_before.map(|time| format!("; to go on, add --made-before {time}")).unwrap_or_default();
    CliError::HalfDone { done: format!("{}{again}", line(last)), then: Box::new(status.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> CompromiseAlgorithmResponse {
        CompromiseAlgorithmResponse {
            made_before: Some(prost_types::Timestamp { seconds: 1_772_366_400, nanos: 0 }),
            tenants_seen: 40,
            tenants_changed: 39,
            keys_compromised: 41,
            tenants_failed: 1,
            ..Default::default()
        }
    }

    #[test]
    fn who_is_cut_off_hears_how_to_go_on() {
        let failure = cut_off(&told(), Status::unavailable("gone")).to_string();
        assert!(failure.contains("--made-before 2026-03-01T12:00:00Z"), "{failure}");
        assert!(failure.starts_with("40 tenants seen: 41 keys of 39 given up"), "{failure}");
    }

    #[test]
    fn tenants_that_failed_are_a_failure() {
        let failed = Failure { tenant: "tenants/acme".into(), reason: "LAST_KEY".into(), message: "none".into() };
        let failure = finished(&told(), &[failed], Output::Json).expect_err("a failure").to_string();
        assert!(failure.contains("tenants/acme (LAST_KEY): none"), "{failure}");
        assert!(finished(&told(), &[], Output::Json).expect("done").contains("\"keysCompromised\": 41"));
    }
}
