//! `list`, where nothing else is asked than whose, which of them, and in which order.

use clap::Args;
use tonic::Status;

use crate::arguments::{Choice, InTenant};
use crate::error::CliError;
use crate::output::{Output, View};
use crate::{name, pages};

/// Whose things to list.
#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: InTenant,
    #[command(flatten)]
    choice: Choice,
}

/// One page of a tenant's things, as every `List` of the contract asks for it (AIP-132).
pub(crate) struct Asked {
    pub(crate) parent: String,
    pub(crate) page_size: i32,
    pub(crate) page_token: String,
    pub(crate) filter: String,
    pub(crate) order_by: String,
}

impl List {
    /// All of them, page after page. `page` answers with the things on that page and the token of the next.
    pub(crate) async fn show<T: View>(
        self,
        output: Output,
        page: impl AsyncFn(Asked) -> Result<(Vec<T>, String), Status>,
    ) -> Result<String, CliError> {
        let parent = name::tenant(&self.of.tenant);
        let all = pages::all(async |page_token| {
            let Choice { filter, order_by } = self.choice.clone();
            page(Asked { parent: parent.clone(), page_size: pages::SIZE, page_token, filter, order_by }).await
        });
        Ok(output.many(&all.await?))
    }
}
