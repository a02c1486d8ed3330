//! Where the parameters of a request come from: from the browser itself, from what the client pushed before
//! (RFC 9126 section 4), or from an object that the client signed (RFC 9101, OpenID Connect Core section 6).
//!
//! Whatever the source, every check after it is the same. A pushed or signed request is all that counts: what the browser
//! sends beside it is ignored, except that it may not contradict who asks.

use chancery_domain::{client::Client, pushed_request::PushedRequest, secret::Digest, view::TenantView};

use super::{AuthorizationRequest, Refusal, asking::Asking, object, redirect_uri, return_path::ReturnPath};
use crate::{
    Context,
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
    pushed,
};

/// The parameters that count, and how they came.
pub(super) struct Source<'a> {
    parameters: Given<'a>,
    way: Way,
    /// Whether the client signed them.
    signed: bool,
}

/// By whom they came.
#[derive(Clone, Copy)]
enum Way {
    /// By the browser.
    Browser,
    /// By the client itself, which pushes them now.
    Client,
    /// By the browser, as a reference to what the client pushed.
    Pushed(Digest),
}

enum Given<'a> {
    AsSent(&'a Parameters),
    Instead(Parameters),
}

impl<'a> Source<'a> {
    /// The source that a browser's request names.
    pub(super) async fn of(
        cx: &Context,
        view: &TenantView,
        client: &Client,
        sent: &'a Parameters,
    ) -> Result<Self, Refusal> {
        let named = sent.optional("request_uri").map_err(|error| refused(view, client, sent, error))?;
        if let Some(reference) = named.and_then(PushedRequest::reference) {
            let (pushed, reference) = pushed::load(cx, view, client, reference).await?;
            // Whether it had to be signed was decided when it was pushed.
            let way = Way::Pushed(reference.digest());
            return Ok(Self { parameters: Given::Instead(pushed), way, signed: true });
        }
        match object::open(cx, view, client, sent).await {
            Ok(Some(object)) => Ok(Self { parameters: Given::Instead(object), way: Way::Browser, signed: true }),
            Ok(None) => Ok(Self { parameters: Given::AsSent(sent), way: Way::Browser, signed: false }),
            Err(error) => Err(refused(view, client, sent, error)),
        }
    }

    /// The source of a request that is pushed now.
    pub(super) async fn of_push(
        cx: &Context,
        view: &TenantView,
        client: &Client,
        sent: Parameters,
    ) -> Result<Self, OAuthError> {
        let object = object::open(cx, view, client, &sent).await?;
        let signed = object.is_some();
        Ok(Self { parameters: Given::Instead(object.unwrap_or(sent)), way: Way::Client, signed })
    }

    pub(super) const fn parameters(&self) -> &Parameters {
        match &self.parameters {
            Given::AsSent(sent) => sent,
            Given::Instead(instead) => instead,
        }
    }

    /// The parameters of a request that is pushed, for keeping.
    pub(super) fn into_parameters(self) -> Parameters {
        match self.parameters {
            Given::AsSent(sent) => Parameters::of_pairs(sent.pairs()),
            Given::Instead(instead) => instead,
        }
    }

    /// The digest of the reference, which is used up when the request is answered.
    const fn pushed(&self) -> Option<[u8; 32]> {
        match &self.way {
            Way::Browser | Way::Client => None,
            Way::Pushed(digest) => Some(*digest.bytes()),
        }
    }

    fn check(&self, view: &TenantView, client: &Client) -> Result<(), OAuthError> {
        let (own, everybodys) = (&client.metadata.requests, &view.tenant.settings);
        match self.way {
            Way::Browser if own.require_pushed || everybodys.require_pushed_authorization_requests => {
                Err(OAuthError::invalid_request("the request must be pushed to the provider first"))
            }
            Way::Browser | Way::Client | Way::Pushed(_) if own.require_object && !self.signed => {
                Err(OAuthError::invalid_request("the request must be signed by the application"))
            }
            Way::Browser | Way::Client | Way::Pushed(_) => Ok(()),
        }
    }
}

/// Whether a request may come like this: the client or its tenant may want all of them pushed (RFC 9126 section 5), and
/// the client all of them signed (RFC 9101 section 10.5).
pub(super) fn check(asking: &Asking<'_>, request: &mut AuthorizationRequest) -> Result<(), OAuthError> {
    request.pushed = asking.source.pushed();
    asking.source.check(asking.view, asking.client)
}

/// A request object that is not good: the client hears of it where the browser's own parameters name a place that it
/// registered; nothing in the object is believed.
fn refused(view: &TenantView, client: &Client, sent: &Parameters, error: OAuthError) -> Refusal {
    let Ok(target) = redirect_uri::check(client, sent) else { return Refusal::Page(error) };
    match ReturnPath::assign(view, client, target, sent) {
        Ok(back) => back.refuse(error),
        Err(refusal) => refusal,
    }
}

/// What a client that registered request objects elsewhere hears of all others (OpenID Connect Core section 6.2).
pub(super) const fn unregistered() -> OAuthError {
    OAuthError::new(ErrorCode::RequestUriNotSupported, "request_uri is not one that the application registered")
}
