//! The pushed authorization request endpoint (RFC 9126): a client says by itself what it will ask, and gets a reference
//! that the browser carries in its place.
//!
//! Everything that the authorization endpoint checks is checked here, by the same list, so that the client hears of it
//! at once. The authorization endpoint checks it again: client and tenant may have changed since.

use chancery_domain::{
    client::Client,
    confirmation::Confirmation,
    fault::Fault,
    ports::jose::Purpose,
    pushed_request::PushedRequest,
    secret::{OpaqueToken, TokenKind},
    view::TenantView,
};
use serde::Serialize;

use crate::{
    Context,
    authorize::{self, Refusal},
    client_auth::{self, Credentials},
    dpop, endpoints,
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};

/// What is about the push itself and not part of what is asked.
const NOT_ASKED: [&str; 4] = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// What the client gets for its request (RFC 9126 section 2.2).
#[derive(Serialize)]
pub struct Pushed {
    request_uri: String,
    /// In seconds.
    expires_in: u64,
}

/// Takes a request in. It is durable when this returns.
pub async fn push(
    cx: &Context,
    view: &TenantView,
    credentials: &Credentials,
    parameters: &Parameters,
) -> Result<Pushed, OAuthError> {
    let client = client_auth::authenticate(cx, view, credentials).await?;
    if parameters.optional("request_uri")?.is_some() {
        return Err(OAuthError::invalid_request("request_uri does not belong into a pushed request"));
    }
    let asked = asked(&client, parameters);
    let proof = dpop::of_client(cx, view, &client, credentials.dpop(), endpoints::PUSHED_AUTHORIZATION).await?;
    let checked = authorize::check_pushed(cx, view, &client, asked).await;
    let mut asked = checked.map_err(told)?;
    if let Some(proof) = &proof {
        asked = bound(asked, proof)?;
        proof.spend(cx, view, &client).await?;
    }
    let reference = OpaqueToken::generate(TokenKind::PushedRequest, &*cx.random);
    let request = sealed(cx, view, &client, &reference, &asked)?;
    insert(cx, view, &request).await?;
    Ok(Pushed { request_uri: PushedRequest::uri(&reference), expires_in: PushedRequest::LIFE.as_secs() })
}

/// What is asked, by the client that proved itself.
fn asked(client: &Client, parameters: &Parameters) -> Parameters {
    let own = parameters.pairs().filter(|(name, _)| !NOT_ASKED.contains(name));
    Parameters::of_pairs(std::iter::once(("client_id", client.id.as_str())).chain(own))
}

/// The code will be bound to the key of the proof (RFC 9449 section 10.1): what is asked may name that key and no other.
fn bound(asked: Parameters, proof: &dpop::Proof) -> Result<Parameters, OAuthError> {
    let Confirmation::Jkt(key) = proof.confirmation();
    let key = key.to_string();
    match asked.optional("dpop_jkt")? {
        Some(named) if named == key => Ok(asked),
        Some(_) => Err(OAuthError::invalid_request("dpop_jkt must be the thumbprint of the DPoP proof's key")),
        None => Ok(Parameters::of_pairs(asked.pairs().chain(std::iter::once(("dpop_jkt", key.as_str()))))),
    }
}

/// There is no browser yet: whatever an application would hear by way of it, it hears at once.
fn told(refusal: Refusal) -> OAuthError {
    match refusal {
        Refusal::Page(error) => error,
        Refusal::Answer(answer) => answer.into_error(),
    }
}

/// Sealed under the reference itself, which only the client is told.
fn sealed(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    reference: &OpaqueToken,
    asked: &Parameters,
) -> Result<PushedRequest, Fault> {
    let pairs: Vec<_> = asked.pairs().collect();
    let plain = serde_json::to_vec(&pairs).map_err(|error| Fault::broken("a request could not be written", error))?;
    let now = cx.clock.now();
    Ok(PushedRequest {
        digest: reference.digest(),
        client: client.uid,
        // Exposed to seal with it.
        sealed: view.sealer.seal_under(reference.expose(), Purpose::PushedRequest, &plain)?,
        pushed_at: now,
        expires_at: now + PushedRequest::LIFE,
        used_at: None,
    })
}

/// Writes it, unless too many of the client's wait already.
async fn insert(cx: &Context, view: &TenantView, request: &PushedRequest) -> Result<(), OAuthError> {
    let most = PushedRequest::MOST_WAITING;
    let tx = cx.store.begin(view.tenant.id).await?;
    if tx.pushed_requests().waiting(request.client, request.pushed_at, most).await? >= most {
        return Err(OAuthError::TooMany { retry_after: PushedRequest::LIFE });
    }
    tx.pushed_requests().insert(request).await?;
    tx.commit().await?;
    Ok(())
}

/// The request behind a `request_uri` of ours, for the browser of the client that pushed it (RFC 9126 section 4). Looking
/// does not use it up: pages are loaded again, and ahead of time.
pub(crate) async fn load(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    reference: Option<OpaqueToken>,
) -> Result<(Parameters, OpaqueToken), OAuthError> {
    let reference = reference.ok_or_else(nothing_there)?;
    let found = cx.store.read(view.tenant.id).pushed_requests().find(&reference.digest()).await?;
    let found = found.filter(|request| request.is_good_for(client.uid, cx.clock.now())).ok_or_else(nothing_there)?;
    // Exposed to open with it.
    let plain = view.sealer.open_under(reference.expose(), Purpose::PushedRequest, &found.sealed);
    let pairs: Option<Vec<(String, String)>> = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
    let pairs = pairs.ok_or_else(|| Fault::bug("a pushed request does not open in its row"))?;
    Ok((Parameters::of_pairs(pairs), reference))
}

/// Unknown, another client's, expired and used up are one.
pub(crate) const fn nothing_there() -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequestUri, "the request is not there, or not any more; begin again")
}
