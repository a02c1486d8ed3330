//! `chancery apply`: shows what it would do and asks, or is told `--yes`; then does it, one tenant's failure stopping no
//! other. What was shown is what is done: where a tenant has changed since, it is refused.

use std::collections::HashMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Arc;

use chancery_proto::v1::{
    ApplyTenantDocumentRequest, TenantDocument, TenantDocumentPlan,
    tenant_document_service_client::TenantDocumentServiceClient,
};
use clap::Args;
use tonic::Status;
use uuid::Uuid;

use super::files::{self, Files, Loaded};
use super::fleet::{self, Answer, Outcome};
use super::plan;
use super::tell::{self, Colours, Did};
use crate::connection::{Api, Line};
use crate::error::CliError;
use crate::output::Output;
use crate::preview;

/// Documents to apply.
#[derive(Args, Debug)]
pub struct Apply {
    #[command(flatten)]
    files: Files,
    /// Delete what a tenant has and its document does not
    #[arg(long)]
    prune: bool,
    /// Say what would happen, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// How many tenants at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    parallel: usize,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    colours: Colours,
}

/// What was shown of each tenant: the etag that it had, and the hash of its plan.
type Shown = HashMap<String, (String, String)>;

impl Apply {
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let loaded = files::load(&self.files.files)?;
        let paint = self.colours.paint();
        if self.dry_run {
            let outcomes = self.apply(api, loaded, Shown::new(), true).await;
            return tell::end(&outcomes, Did::Told, paint, output);
        }
        if self.yes {
            let outcomes = self.apply(api, loaded, Shown::new(), false).await;
            return tell::end(&outcomes, Did::Made, paint, output);
        }
        if !io::stdin().is_terminal() {
            let rule = "nobody is there to ask: say --yes, or --dry-run to see what would happen";
            return Err(CliError::Usage(rule.to_owned()));
        }
        let planned = plan::plan(api, loaded.clone(), self.prune, self.parallel).await;
        let has_changes = |outcome: &Outcome| outcome.told.as_ref().is_ok_and(|changes| !changes.is_empty());
        if !planned.iter().any(has_changes) || !asked(&tell::for_people(&planned, Did::Told, paint))? {
            return tell::end(&planned, Did::Told, paint, output);
        }
        let (loaded, shown) = agreed(loaded, planned);
        let outcomes = self.apply(api, loaded, shown, false).await;
        tell::end(&outcomes, Did::Made, paint, output)
    }

    async fn apply(&self, api: &Api, loaded: Vec<Loaded>, shown: Shown, validate_only: bool) -> Vec<Outcome> {
        let (client, prune, yes, shown) = (api.documents(), self.prune, self.yes, Arc::new(shown));
        let ask = move |mut document: TenantDocument| {
            let (client, shown) = (client.clone(), Arc::clone(&shown));
            async move {
                let name = document.tenant.as_ref().map(|tenant| tenant.name.clone()).unwrap_or_default();
                let mut preview_hash = String::new();
                if let Some((etag, hash)) = shown.get(&name) {
                    document.etag.clone_from(etag);
                    preview_hash.clone_from(hash);
                }
                let mut request = ApplyTenantDocumentRequest {
                    tenant_document: Some(document),
                    prune,
                    allow_missing: true,
                    validate_only,
                    request_id: String::new(),
                    preview_hash,
                };
                let plan = match one(&client, &request).await {
                    // Whoever says --yes takes what the plan shows as it is.
                    Err(status) if yes && preview::is_required(&status) => {
                        let document = request.tenant_document.clone().unwrap_or_default();
                        request.preview_hash = plan::one(&client, document, prune).await?.preview_hash;
                        one(&client, &request).await?
                    }
                    plan => plan?,
                };
                Ok(Answer { etag: plan.etag, hash: plan.preview_hash, changes: plan.changes })
            }
        };
        fleet::run(loaded, self.parallel, ask).await
    }
}

/// What may be done after this was planned and shown: of what could not be planned nothing was shown, so it stays undone.
fn agreed(mut loaded: Vec<Loaded>, planned: Vec<Outcome>) -> (Vec<Loaded>, Shown) {
    let mut shown = Shown::new();
    for (one, outcome) in loaded.iter_mut().zip(planned) {
        // A tenant that is to be made has no etag to be held against: it must still be absent.
        let etag = if tell::makes_tenant(&outcome) { String::new() } else { outcome.etag };
        match outcome.told {
            Ok(_) => drop(shown.insert(outcome.name, (etag, outcome.hash))),
            Err(wrong) => one.read = Err(wrong),
        }
    }
    (loaded, shown)
}

/// The name of a call. One that is held against an etag has one: where its answer was lost, the same call again would come
/// too late, so it is told the answer. Any other is simply made again, and finds nothing left to do.
fn request_id(document: Option<&TenantDocument>) -> String {
    let is_guarded = document.is_some_and(|document| !document.etag.is_empty());
    if is_guarded { Uuid::new_v4().to_string() } else { String::new() }
}

/// Applies one document.
async fn one(
    client: &TenantDocumentServiceClient<Line>,
    request: &ApplyTenantDocumentRequest,
) -> Result<TenantDocumentPlan, Status> {
    let request_id = request_id(request.tenant_document.as_ref());
    let request = ApplyTenantDocumentRequest { request_id, ..request.clone() };
    let call = || {
        let (mut client, request) = (client.clone(), request.clone());
        async move { client.apply_tenant_document(request).await }
    };
    Ok(fleet::patiently(call).await?.into_inner().plan.unwrap_or_default())
}

/// Shows what would be done and asks whether to do it.
fn asked(planned: &str) -> Result<bool, CliError> {
    let said = |cause| CliError::Io { what: "cannot ask".to_owned(), cause };
    let mut out = io::stdout().lock();
    write!(out, "{planned}\nDo this? [y/N] ").and_then(|()| out.flush()).map_err(said)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(said)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_call_that_is_held_against_an_etag_has_a_name_of_its_own() {
        let guarded = TenantDocument { etag: "W/1".into(), ..TenantDocument::default() };
        assert_ne!(request_id(Some(&guarded)), request_id(Some(&guarded)));
        assert!(!request_id(Some(&guarded)).is_empty());
        assert_eq!(request_id(Some(&TenantDocument::default())), "");
    }

    #[test]
    fn what_was_not_shown_is_not_done() {
        let texts = ["tenant: {name: acme}", "tenant: {name: blue}", "tenant: {name: coral, profil: oidc}"];
        let loaded: Vec<_> = texts.iter().flat_map(|text| files::documents(Path::new("fleet.yaml"), text)).collect();
        let outcome = |name: &str, told| {
            let (etag, hash) = (format!("etag of {name}"), format!("hash of {name}"));
            Outcome { name: format!("tenants/{name}"), etag, hash, told }
        };
        let away = vec!["the server is away".to_owned()];
        let typo = loaded[2].read.as_ref().err().cloned().expect("a typo");
        let planned =
            vec![outcome("acme", Ok(vec![])), outcome("blue", Err(away.clone())), outcome("coral", Err(typo.clone()))];
        let (agreed, shown) = agreed(loaded, planned);
        let undone: Vec<_> = agreed.into_iter().map(|one| one.read.err()).collect();
        assert_eq!(undone, [None, Some(away), Some(typo)]);
        let held = ("etag of acme".to_owned(), "hash of acme".to_owned());
        assert_eq!(shown, Shown::from([("tenants/acme".to_owned(), held)]));
    }
}
