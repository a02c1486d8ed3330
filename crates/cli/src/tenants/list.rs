//! `chancery tenants list`

use chancery_proto::v1::ListTenantsRequest;
use clap::Args;

use crate::arguments::Choice;
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::pages;

/// Which tenants to list.
#[derive(Args, Debug)]
pub struct List {
    /// List deleted tenants as well
    #[arg(long)]
    deleted: bool,
    #[command(flatten)]
    choice: Choice,
}

impl List {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let tenants = pages::all(async |page_token| {
            let Choice { filter, order_by } = self.choice.clone();
            let show_deleted = self.deleted;
            let request = ListTenantsRequest { page_size: pages::SIZE, page_token, show_deleted, filter, order_by };
            let page = api.tenants().list_tenants(request).await?.into_inner();
            Ok((page.tenants, page.next_page_token))
        });
        Ok(output.many(&tenants.await?))
    }
}
