//! The token endpoint (RFC 6749 section 3.2, OAuth 2.1 section 3.2, OpenID Connect Core section 3.1.3).
//!
//! The pipeline owns every phase that all grants share; a grant fills in two: who granted what, which it finds out by
//! reading, and the settlement, which is its one transaction. Tokens are signed between the two, never while a
//! transaction is open; when the settlement loses a race, they are thrown away.
//!
//! The trap: a refusal that must be remembered (a code or a refresh token used twice) commits its revocation before it
//! refuses, else the rollback would forgive the thief. See `replay`.

mod binding;
mod claims;
pub(crate) mod front;
mod granted;
mod grants;
mod issue;
mod mapped;
mod replay;
mod request;
mod response;

use chancery_domain::{
    client::Client, confirmation::Confirmation, fault::Fault, time::Timestamp, view::TenantView, vocabulary::GrantType,
};
pub(crate) use response::Exposed;
pub use response::TokenResponse;

use crate::{
    Context,
    client_auth::{self, Credentials},
    dpop,
    error::{ErrorCode, OAuthError},
    in_use,
    parameters::Parameters,
    token::request::TokenRequest,
};

/// Gives tokens for what the request presents. What it gives is durable when it returns.
pub async fn exchange(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
) -> Result<TokenResponse, OAuthError> {
    let client = client_auth::authenticate(cx, view, credentials).await?;
    let grant_type = request::grant_type(parameters)?;
    // What is not offered is as if it were not known, whatever else is sent.
    check_may_use(view, &client, grant_type)?;
    let request = TokenRequest::parse(grant_type, parameters)?;
    let call = Call::begin(cx, view, &client)?;
    let proof = dpop::at_token_endpoint(cx, view, &client, credentials.dpop()).await?;
    let certificate = client_auth::binding(view, &client, credentials)?;
    let call = call.showing(certificate, proof.as_ref().map(dpop::Proof::confirmation));
    let (granted, settlement) = request.authorize(&call).await?;
    if let Some(proof) = &proof {
        proof.spend(cx, view, &client).await?;
    }
    let tokens = issue::tokens(&call, &granted).await?;
    let refresh_token = settlement.settle(&call).await?;
    in_use::note(cx, view, &client, call.now);
    Ok(TokenResponse::new(&call, granted, tokens, refresh_token))
}

/// Whether the tenant offers the grant type, and the client registered it.
pub(crate) fn check_may_use(view: &TenantView, client: &Client, grant_type: GrantType) -> Result<(), OAuthError> {
    if !view.tenant.offers(grant_type) {
        return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, "there is no such grant_type here"));
    }
    if client.grant_types.contains(&grant_type) {
        Ok(())
    } else {
        Err(OAuthError::new(ErrorCode::UnauthorizedClient, "the client may not use this grant_type"))
    }
}

/// One call of an authenticated client.
#[derive(Clone, Copy)]
struct Call<'a> {
    cx: &'a Context,
    view: &'a TenantView,
    client: &'a Client,
    /// The certificate that the client's tokens are bound to.
    certificate: Option<Confirmation>,
    /// The key of the proof that came with the request.
    proof: Option<Confirmation>,
    now: Timestamp,
}

impl<'a> Call<'a> {
    /// A call at this moment, bound to nothing yet, if the view is fresh enough to sign with.
    fn begin(cx: &'a Context, view: &'a TenantView, client: &'a Client) -> Result<Self, Fault> {
        let now = cx.clock.now();
        if view.may_sign(now) {
            Ok(Self { cx, view, client, certificate: None, proof: None, now })
        } else {
            Err(Fault::unavailable("nothing is signed", "the view of the tenant is too old"))
        }
    }

    /// The same by a client that shows what it has, beside all else.
    fn showing(self, certificate: Option<Confirmation>, proof: Option<Confirmation>) -> Self {
        Self { certificate, proof, ..self }
    }

    /// What its tokens are bound to: the certificate goes before the proof.
    fn confirmation(&self) -> Option<Confirmation> {
        self.certificate.or(self.proof)
    }
}
