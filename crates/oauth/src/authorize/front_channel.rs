//! What leaves through the browser beside a code, or instead of one (OpenID Connect Core sections 3.2.2.5 and 3.3.2.5).

use std::time::Duration;

use chancery_domain::{client::Client, code::Code, grant::Grant, secret::OpaqueToken, view::TenantView};

use super::Checked;
use crate::{
    Context,
    error::OAuthError,
    token::front::{self, Wanted},
};

/// How much longer a grant lasts than the one access token that began it.
const MARGIN: Duration = Duration::from_secs(60);

/// The grant that begins with an access token for the browser; a code beside it goes on with the same one. So whoever
/// uses that code twice ends this token too.
pub(super) fn grant(view: &TenantView, client: &Client, given: &Code) -> Grant {
    Grant {
        id: given.grant,
        client: given.client,
        user: given.user,
        session: given.session,
        scopes: given.scopes.clone(),
        resources: given.resources.clone(),
        authenticated_at: given.authenticated_at,
        amr: given.amr.clone(),
        acr: given.acr,
        claims: given.claims.clone(),
        created_at: given.issued_at,
        expires_at: given.issued_at + MARGIN + view.longest_access_token_ttl(client),
        revoked: None,
    }
}

/// The parameters of the answer behind `code`: what a token response would say, then `id_token`.
pub(super) async fn parameters(
    cx: &Context,
    view: &TenantView,
    checked: &Checked,
    grant: &Grant,
    code: Option<&OpaqueToken>,
) -> Result<Vec<(&'static str, String)>, OAuthError> {
    let request = &checked.request;
    let wanted = Wanted {
        response_type: request.response_type,
        code: code.map(OpaqueToken::expose),
        state: request.state.as_deref(),
        nonce: request.nonce.clone(),
    };
    let tokens = front::mint(cx, view, &checked.client, grant, wanted).await?;
    let mut parameters = Vec::new();
    if let Some(access) = tokens.access {
        parameters.extend([
            ("access_token", access.token),
            ("token_type", "Bearer".to_owned()),
            ("expires_in", access.ttl.as_secs().to_string()),
        ]);
        if !access.scopes.is_empty() {
            parameters.push(("scope", access.scopes.to_string()));
        }
    }
    parameters.extend(tokens.id.map(|id_token| ("id_token", id_token)));
    Ok(parameters)
}
