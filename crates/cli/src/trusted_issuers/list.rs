//! `chancery trusted-issuers list`

use chancery_proto::v1::ListTrustedIssuersRequest;
use clap::Args;

use crate::arguments::{Choice, InTenant};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::{name, pages};

/// Whose trusted issuers to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: InTenant,
    #[command(flatten)]
    choice: Choice,
}

impl List {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let issuers = pages::all(async |page_token| {
            let parent = name::tenant(&self.of.tenant);
            let Choice { filter, order_by } = self.choice.clone();
            let request = ListTrustedIssuersRequest { parent, page_size: pages::SIZE, page_token, filter, order_by };
            let page = api.trusted_issuers().list_trusted_issuers(request).await?.into_inner();
            Ok((page.trusted_issuers, page.next_page_token))
        });
        Ok(output.many(&issuers.await?))
    }
}
