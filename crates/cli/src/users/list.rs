//! `chancery users list`

use chancery_proto::v1::ListUsersRequest;
use clap::Args;

use super::which;
use crate::arguments::{Choice, InTenant};
use crate::connection::Api;
use crate::error::CliError;
use crate::output::Output;
use crate::{name, pages};

/// Whose users to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: InTenant,
    /// Only the one who signs in with this username or e-mail address
    #[arg(long, value_name = "LOGIN", conflicts_with = "filter")]
    login: Option<String>,
    #[command(flatten)]
    choice: Choice,
}

impl List {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let Choice { filter, order_by } = self.choice;
        let filter = self.login.as_deref().map_or(filter, which::filter);
        let users = pages::all(async |page_token| {
            let parent = name::tenant(&self.of.tenant);
            let request = ListUsersRequest {
                parent,
                page_size: pages::SIZE,
                page_token,
                filter: filter.clone(),
                order_by: order_by.clone(),
            };
            let page = api.users().list_users(request).await?.into_inner();
            Ok((page.users, page.next_page_token))
        });
        Ok(output.many(&users.await?))
    }
}
