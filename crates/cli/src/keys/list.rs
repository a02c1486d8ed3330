//! `chancery keys list`

use chancery_proto::v1::ListKeysRequest;
use clap::Args;

use crate::arguments::{Choice, InTenant};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::{name, pages};

/// Whose keys to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: InTenant,
    #[command(flatten)]
    choice: Choice,
}

impl List {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let keys = pages::all(async |page_token| {
            let parent = name::tenant(&self.of.tenant);
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListKeysRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.keys().list_keys(request).await?.into_inner();
            Ok((page.keys, page.next_page_token))
        });
        Ok(output.many(&keys.await?))
    }
}
