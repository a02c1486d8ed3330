//! What came of a fleet, as it is told; and how the command ends.

use std::fmt::Write;

use chancery_proto::v1::{TenantDocumentPlan, tenant_document_change::Kind};
use serde_json::{Value as Json, json};

use super::diff::{self, Paint};
use super::fleet::Outcome;
pub(super) use crate::arguments::Colours;
use crate::error::{CliError, Exit};
use crate::output::{self, Output};

impl Colours {
    /// Whether to paint what goes to standard output.
    pub(super) fn paint(&self) -> Paint {
        Paint(self.wanted())
    }
}

/// What the command did with the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Did {
    /// It told them.
    Told,
    /// It made them.
    Made,
}

/// The answer, which is a failure to scripts where a tenant failed, or where there are changes and nobody made them.
pub(super) fn end(outcomes: &[Outcome], did: Did, paint: Paint, output: Output) -> Result<String, CliError> {
    let text = match output {
        Output::Table => for_people(outcomes, did, paint),
        Output::Json | Output::Yaml => output.document(&for_scripts(outcomes)),
    };
    let failed = outcomes.iter().any(|outcome| outcome.told.is_err());
    let changes = outcomes.iter().any(|outcome| outcome.told.as_ref().is_ok_and(|changes| !changes.is_empty()));
    match (failed, changes && did == Did::Told) {
        (true, _) => Err(CliError::Told { text, exit: Exit::Failed }),
        (false, true) => Err(CliError::Told { text, exit: Exit::Usage }),
        (false, false) => Ok(text),
    }
}

/// The changes, then what failed, then a line that sums up.
pub(super) fn for_people(outcomes: &[Outcome], did: Did, paint: Paint) -> String {
    // Writing to a string does not fail.
    let mut text = String::new();
    for changes in outcomes.iter().filter_map(|outcome| outcome.told.as_ref().ok()) {
        text.push_str(&diff::lines(changes, paint));
    }
    for line in outcomes.iter().filter_map(|outcome| outcome.told.as_ref().err()).flatten() {
        let _ = writeln!(text, "failed: {}", output::printable(line));
    }
    let number = |wanted: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
    let changed = number(|outcome| outcome.told.as_ref().is_ok_and(|changes| !changes.is_empty()));
    let same = number(|outcome| outcome.told.as_ref().is_ok_and(Vec::is_empty));
    let failed = number(|outcome| outcome.told.is_err());
    let all: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.told.as_ref().ok()).flatten().cloned().collect();
    let verb = match did {
        Did::Told => "differ",
        Did::Made => "changed",
    };
    let _ = writeln!(text, "{changed} {verb} ({}), {same} as they are, {failed} failed", diff::count(&all));
    text
}

fn for_scripts(outcomes: &[Outcome]) -> Json {
    let one = |outcome: &Outcome| match &outcome.told {
        Ok(changes) => {
            let plan = TenantDocumentPlan {
                name: outcome.name.clone(),
                etag: outcome.etag.clone(),
                changes: changes.clone(),
                preview_hash: outcome.hash.clone(),
                preview_expire_time: None,
            };
            output::to_json(&plan)
        }
        Err(lines) => json!({ "name": outcome.name, "errors": lines }),
    };
    outcomes.iter().map(one).collect()
}

/// Whether a plan makes a tenant.
pub(super) fn makes_tenant(outcome: &Outcome) -> bool {
    let is_new =
        |change: &chancery_proto::v1::TenantDocumentChange| change.kind() == Kind::Create && change.r#type == "Tenant";
    outcome.told.as_ref().is_ok_and(|changes| changes.iter().any(is_new))
}
