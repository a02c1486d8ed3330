//! `chancery apply`: shows what it would do and asks, or is told `--yes`; then does it, one tenant's failure stopping no
//! other. What was shown is what is done: where a tenant has changed since, it is refused.

use std::collections::HashMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;

use chancery_proto::v1::{
    ApplyTenantDocumentRequest, TenantDocumentPlan, tenant_document_service_client::TenantDocumentServiceClient,
};
use clap::Args;
use tonic::Status;

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
type Shown = Arc<HashMap<String, (String, String)>>;

impl Apply {
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let files = files::all(&self.files.files)?;
        let paint = self.colours.paint();
        if self.dry_run {
            let outcomes = self.apply(api, &files, Shown::default(), true).await;
            return tell::end(&outcomes, Did::Told, paint, output);
        }
        let mut shown = HashMap::new();
        if !self.yes {
            if !io::stdin().is_terminal() {
                let rule = "nobody is there to ask: say --yes, or --dry-run to see what would happen";
                return Err(CliError::Usage(rule.to_owned()));
            }
            let planned = plan::plan(api, &files, self.prune, self.parallel).await;
            let is_idle = |outcome: &Outcome| outcome.told.as_ref().is_ok_and(Vec::is_empty);
            if planned.iter().all(is_idle) || !asked(&tell::for_people(&planned, Did::Told, paint))? {
                return tell::end(&planned, Did::Told, paint, output);
            }
            // A tenant that is to be made has no etag to be held against: it must still be absent.
            let of = |outcome: Outcome| {
                let etag = if tell::makes_tenant(&outcome) { String::new() } else { outcome.etag };
                (outcome.name, (etag, outcome.hash))
            };
            shown = planned.into_iter().map(of).collect();
        }
        let outcomes = self.apply(api, &files, Arc::new(shown), false).await;
        tell::end(&outcomes, Did::Made, paint, output)
    }

    async fn apply(&self, api: &Api, files: &[PathBuf], shown: Shown, validate_only: bool) -> Vec<Outcome> {
        let (client, prune, yes) = (api.documents(), self.prune, self.yes);
        let ask = move |loaded: Loaded| {
            let (client, shown) = (client.clone(), Arc::clone(&shown));
            async move {
                let mut document = loaded.document;
                let name = document.tenant.as_ref().map(|tenant| tenant.name.as_str()).unwrap_or_default();
                let mut preview_hash = String::new();
                if let Some((etag, hash)) = shown.get(name) {
                    if !etag.is_empty() {
                        document.etag.clone_from(etag);
                    }
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
        fleet::run(files, self.parallel, ask).await
    }
}

/// Applies one document.
async fn one(
    client: &TenantDocumentServiceClient<Line>,
    request: &ApplyTenantDocumentRequest,
) -> Result<TenantDocumentPlan, Status> {
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
