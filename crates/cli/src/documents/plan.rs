//! `chancery plan`

use chancery_proto::v1::{
    PlanTenantDocumentRequest, TenantDocument, TenantDocumentPlan,
    tenant_document_service_client::TenantDocumentServiceClient,
};
use clap::Args;
use tonic::Status;

use super::files::{self, Files, Loaded};
use super::fleet::{self, Answer, Outcome};
use super::tell::{self, Colours, Did};
use crate::connection::{Api, Line};
use crate::error::CliError;
use crate::output::Output;

/// Documents to compare with what there is.
#[derive(Args, Debug)]
pub struct Plan {
    #[command(flatten)]
    files: Files,
    /// Delete what a tenant has and its document does not
    #[arg(long)]
    prune: bool,
    /// How many tenants at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    parallel: usize,
    #[command(flatten)]
    colours: Colours,
}

impl Plan {
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let loaded = files::load(&self.files.files)?;
        let outcomes = plan(api, loaded, self.prune, self.parallel).await;
        tell::end(&outcomes, Did::Told, self.colours.paint(), output)
    }
}

/// What applying these documents would do.
pub(super) async fn plan(api: &Api, loaded: Vec<Loaded>, prune: bool, parallel: usize) -> Vec<Outcome> {
    let client = api.documents();
    let ask = move |document: TenantDocument| {
        let client = client.clone();
        async move {
            let plan = one(&client, document, prune).await?;
            Ok(Answer { etag: plan.etag, hash: plan.preview_hash, changes: plan.changes })
        }
    };
    fleet::run(loaded, parallel, ask).await
}

/// What applying one document would do.
pub(super) async fn one(
    client: &TenantDocumentServiceClient<Line>,
    document: TenantDocument,
    prune: bool,
) -> Result<TenantDocumentPlan, Status> {
    let request = PlanTenantDocumentRequest { tenant_document: Some(document), prune, allow_missing: true };
    let call = || {
        let (mut client, request) = (client.clone(), request.clone());
        async move { client.plan_tenant_document(request).await }
    };
    Ok(fleet::patiently(call).await?.into_inner())
}
