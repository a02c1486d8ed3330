//! `chancery scopes list`

use chancery_proto::v1::ListScopesRequest;
use clap::Args;

use crate::arguments::{Choice, InTenant};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::{name, pages};

/// Whose scopes to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: InTenant,
    #[command(flatten)]
    choice: Choice,
}

impl List {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let scopes = pages::all(async |page_token| {
            let parent = name::tenant(&self.of.tenant);
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListScopesRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.scopes().list_scopes(request).await?.into_inner();
            Ok((page.scopes, page.next_page_token))
        });
        Ok(output.many(&scopes.await?))
    }
}
