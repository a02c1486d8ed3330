//! `chancery grants list`

use chancery_proto::v1::{ListGrantsRequest, grant};
use clap::{Args, ValueEnum};

use super::Of;
use crate::arguments::Choice;
use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::pages;

/// Which grants to list.
#[derive(Args, Debug)]
pub struct List {
    /// Id of the tenant
    tenant: TenantId,
    #[command(flatten)]
    of: Of,
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    #[command(flatten)]
    choice: Choice,
}

/// A state of grants.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum State {
    /// Tokens can hang on it
    Live,
    /// It was taken back
    Revoked,
    /// Its time is over
    Expired,
}

impl From<State> for grant::State {
    fn from(state: State) -> Self {
        match state {
            State::Live => Self::Live,
            State::Revoked => Self::Revoked,
            State::Expired => Self::Expired,
        }
    }
}

impl List {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let (user, client, session) = self.of.names(&self.tenant, api).await?;
        let asked = ListGrantsRequest {
            parent: name::tenant(&self.tenant),
            page_size: pages::SIZE,
            state: self.state.map_or(grant::State::Unspecified, Into::into).into(),
            user,
            client,
            session,
            filter: self.choice.filter,
            order_by: self.choice.order_by,
            ..ListGrantsRequest::default()
        };
        let grants = pages::all(async |page_token| {
            let request = ListGrantsRequest { page_token, ..asked.clone() };
            let page = api.grants().list_grants(request).await?.into_inner();
            Ok((page.grants, page.next_page_token))
        });
        Ok(output.many(&grants.await?))
    }
}
