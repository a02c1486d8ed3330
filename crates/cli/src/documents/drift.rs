//! `chancery drift`

use std::path::PathBuf;

use chancery_proto::v1::{
    DriftTenantDocumentRequest, TenantDocument, tenant_document_service_client::TenantDocumentServiceClient,
};
use clap::Args;
use tonic::Status;

use super::files;
use super::fleet::{self, Answer, Outcome};
use super::tell::{self, Colours, Did};
use crate::connection::{Api, Line};
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;

/// Tenants to look at.
#[derive(Args, Debug)]
pub struct Drift {
    /// Id of the tenant
    #[arg(required_unless_present = "files")]
    tenant: Option<TenantId>,
    /// A file, or a folder with files: the tenants that they are about; may be repeated
    #[arg(long = "file", short = 'f', value_name = "FILE|DIR", conflicts_with = "tenant")]
    files: Vec<PathBuf>,
    /// How many tenants at a time
    #[arg(long, value_name = "NUMBER", default_value_t = 8)]
    parallel: usize,
    #[command(flatten)]
    colours: Colours,
}

impl Drift {
    pub(crate) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let client = api.documents();
        let outcomes = if let Some(tenant) = &self.tenant {
            let name = name::tenant(tenant);
            let Answer { etag, hash, changes } = ask(client, name.clone()).await?;
            vec![Outcome { name, etag, hash, told: Ok(changes) }]
        } else {
            let ask = move |document: TenantDocument| ask(client.clone(), document.tenant.unwrap_or_default().name);
            fleet::run(files::load(&self.files)?, self.parallel, ask).await
        };
        tell::end(&outcomes, Did::Told, self.colours.paint(), output)
    }
}

async fn ask(client: TenantDocumentServiceClient<Line>, name: String) -> Result<Answer, Status> {
    let call = || {
        let (mut client, name) = (client.clone(), name.clone());
        async move { client.drift_tenant_document(DriftTenantDocumentRequest { name }).await }
    };
    let drift = fleet::patiently(call).await?.into_inner();
    Ok(Answer { etag: String::new(), hash: String::new(), changes: drift.changes })
}
