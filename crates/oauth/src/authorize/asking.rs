//! What the checks look at.

use chancery_domain::{client::Client, view::TenantView};

use super::source::Source;
use crate::{Context, error::OAuthError, hint::IdTokenHint, parameters::Parameters};

/// One request of one client.
pub(super) struct Asking<'a> {
    pub(super) view: &'a TenantView,
    pub(super) client: &'a Client,
    pub(super) source: &'a Source<'a>,
    pub(super) parameters: &'a Parameters,
    /// What an `id_token_hint` says, if it is one: the only thing that takes more than looking.
    pub(super) hint: Option<IdTokenHint>,
}

impl<'a> Asking<'a> {
    pub(super) async fn of(
        cx: &Context,
        view: &'a TenantView,
        client: &'a Client,
        source: &'a Source<'a>,
    ) -> Result<Self, OAuthError> {
        let parameters = source.parameters();
        let hint = match parameters.optional("id_token_hint") {
            Ok(Some(token)) => IdTokenHint::read(cx, view, token).await?,
            Ok(None) | Err(_) => None,
        };
        Ok(Self { view, client, source, parameters, hint })
    }
}
