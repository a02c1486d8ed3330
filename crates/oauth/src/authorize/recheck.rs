//! A request that comes back from the browser.

use chancery_domain::{client::Client, view::TenantView};

use super::{AuthorizationRequest, Checked, Refusal, check_tenant, client, redirect_uri, return_path::ReturnPath};
use crate::{
    Context,
    error::{ErrorCode, OAuthError},
    resources, scopes,
};

/// Checks a request that comes back from the browser: the seal says that it passed [`check`](super::check()) once;
/// client and tenant may have changed since, and nobody finishes a request that is too old.
pub async fn recheck(cx: &Context, view: &TenantView, request: AuthorizationRequest) -> Result<Checked, Refusal> {
    check_tenant(view)?;
    let client = client::find(cx, view, &request.client_id).await?;
    redirect_uri::recheck(&client, &request.redirect_uri)?;
    if cx.clock.now().since(request.asked_at) > AuthorizationRequest::LIFE {
        return Err(OAuthError::invalid_request("the request is too old; begin again at the application").into());
    }
    match may_have(view, &client, &request) {
        Ok(()) => Ok(Checked { request, client }),
        Err(error) => Err(ReturnPath::of(view, &request).refuse(error)),
    }
}

/// Whether the client may still have what it asks for.
fn may_have(view: &TenantView, client: &Client, request: &AuthorizationRequest) -> Result<(), OAuthError> {
    let registered = client.metadata.may_ask_for(request.response_type);
    if !registered || !view.tenant.response_types().any(|offered| offered == request.response_type) {
        let hint = "response_type must be one that this provider offers";
        return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, hint));
    }
    scopes::check(view, client, &request.wanted())?;
    resources::check(view, client, &request.resources, &request.scopes)
}
