//! The UserInfo endpoint (OpenID Connect Core section 5.3).

use std::{fmt, sync::Arc};

use chancery_domain::{
    certificate::ClientCertificate,
    claim_mapping::{ClaimMapping, ClaimTarget},
    client::Client,
    confirmation::Confirmation,
    fault::Fault,
    grant::Grant,
    ports::client_jose::Content,
    time::Timestamp,
    user::User,
    view::TenantView,
    vocabulary::TokenType,
};
use serde_json::{Map, Value};

use crate::{
    Context,
    access_token::{AccessToken, Standing},
    client_auth,
    dpop::{Proof, Sent, Target},
    encrypted::{self, Unreadable},
    endpoints,
    error::OAuthError,
    named, scopes, subject,
};

pub use crate::encrypted::NO_KEY;

/// Why a bearer token opens nothing (RFC 6750 section 3.1). That there was none is the door's to say.
#[derive(Debug, thiserror::Error)]
pub enum BearerError {
    /// `invalid_token`: not one of this tenant's, expired, taken back, or its user is gone.
    #[error("the access token is not good")]
    InvalidToken,
    /// `insufficient_scope`: good, and without `openid`.
    #[error("the access token does not have the scope openid")]
    InsufficientScope,
    /// `invalid_token`: bound to a key, and presented as if it were not, or the other way round (RFC 9449 section 7.2).
    #[error("the access token is not presented in the way that it is bound")]
    Misused {
        /// The scheme that it is for.
        scheme: Scheme,
    },
    /// `invalid_dpop_proof` and its sisters: the proof that comes with it is not good.
    #[error(transparent)]
    Proof(OAuthError),
    /// The answer is to be encrypted, and the client has no key to encrypt to.
    #[error("{}", NO_KEY)]
    NoKey,
    /// We are at fault.
    #[error(transparent)]
    Ours(#[from] Fault),
}

/// What is told of a user, in the form that the client registered.
#[derive(Debug)]
pub enum Told {
    /// As JSON.
    Claims(Map<String, Value>),
    /// As a JWT: signed, encrypted, or both (OpenID Connect Core section 5.3.2).
    Jwt(String),
}

/// An access token as it is presented.
#[derive(Clone, Copy)]
pub struct Presented<'a> {
    /// The token.
    pub token: &'a str,
    /// The scheme that it comes with.
    pub scheme: Scheme,
    /// The method of the request.
    pub method: &'a str,
    /// What came in the `DPoP` headers.
    pub dpop: &'a Sent,
    /// The certificate of the connection.
    pub certificate: Option<&'a ClientCertificate>,
}

impl<'a> Presented<'a> {
    /// A token by itself.
    #[must_use]
    pub const fn bearer(token: &'a str) -> Self {
        Self { token, scheme: Scheme::Bearer, method: "GET", dpop: &Sent::Nothing, certificate: None }
    }
}

/// Never shows the token.
impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("scheme", &self.scheme).finish_non_exhaustive()
    }
}

/// How an access token is presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// By itself (RFC 6750 section 2).
    Bearer,
    /// With a proof of the key that it is bound to (RFC 9449 section 7.1).
    Dpop,
}

/// What [`claims`] tells, as the client of the token wants to hear it.
pub async fn told(cx: &Context, view: &TenantView, presented: Presented<'_>) -> Result<Told, BearerError> {
    let (client, claims) = known(cx, view, presented).await?;
    let tokens = &client.metadata.tokens;
    let signed = match tokens.userinfo_signing {
        Some(registered) => {
            if !view.may_sign(cx.clock.now()) {
                return Err(Fault::unavailable("nothing is signed", "the view of the tenant is too old").into());
            }
            let claims = for_client(view, &client, claims.clone())?;
            Some(view.signer.sign(view.signing_with(Some(registered)), TokenType::UserInfo, &claims).await?)
        }
        None => None,
    };
    match (tokens.userinfo_encryption, signed) {
        (None, None) => Ok(Told::Claims(claims)),
        (None, Some(signed)) => Ok(Told::Jwt(signed)),
        (Some(how), Some(signed)) => {
            Ok(Told::Jwt(encrypted::encrypt(cx, view, &client, how, Content::Jwt(&signed)).await?))
        }
        (Some(how), None) => {
            let claims = for_client(view, &client, claims)?;
            Ok(Told::Jwt(encrypted::encrypt(cx, view, &client, how, Content::Claims(&claims)).await?))
        }
    }
}

/// The claims of a JWT: whoever reads it later sees who says so, and to whom.
fn for_client(view: &TenantView, client: &Client, mut claims: Map<String, Value>) -> Result<Vec<u8>, Fault> {
    claims.insert("iss".to_owned(), view.issuer.as_str().into());
    claims.insert("aud".to_owned(), client.id.as_str().into());
    serde_json::to_vec(&claims).map_err(|error| Fault::broken("claims cannot be written", error))
}

/// What the scopes of an access token open about its user, and what its request named: always `sub`, and never a null or
/// an empty text. Whoever asks shows nothing but the token.
pub async fn claims(cx: &Context, view: &TenantView, access_token: &str) -> Result<Map<String, Value>, BearerError> {
    known(cx, view, Presented::bearer(access_token)).await.map(|(_, claims)| claims)
}

async fn known(
    cx: &Context,
    view: &TenantView,
    presented: Presented<'_>,
) -> Result<(Arc<Client>, Map<String, Value>), BearerError> {
    let now = cx.clock.now();
    let token = AccessToken::read(view, presented.token, now).ok_or(BearerError::InvalidToken)?;
    let ours = view.tenant.is_active() && token.is_meant_for_us(view);
    let proof = if ours { proof(view, presented, token.confirmation.as_ref(), now)? } else { None };
    let standing = if ours { token.standing(cx, view, now).await? } else { None };
    let Standing { client, grant } = standing.ok_or(BearerError::InvalidToken)?;
    if let Some(proof) = proof {
        proof.spend(cx, view, &client).await.map_err(|refused| BearerError::Proof(refused.into()))?;
    }
    let is_openid = token.scopes().any(|scope| scope == "openid");
    let Some(grant) = grant.filter(|_| is_openid) else { return Err(BearerError::InsufficientScope) };
    let user = user(cx, view, &grant).await?.ok_or(BearerError::InvalidToken)?;
    let opened = scopes::opened(view, token.scopes()).into_iter();
    let mut claims: Map<_, _> = opened.filter_map(|name| Some((name.to_owned(), user.claim(name)?))).collect();
    if client.uid == grant.client {
        // Who exchanged a token for another's asked for nothing of this by name.
        claims.extend(named::claims(view, &client, &grant.claims.userinfo, &user));
    }
    claims.extend(mapped(view, &client, &token, &user));
    claims.insert("sub".to_owned(), subject::of(view, &client, user.id)?.into());
    Ok((client, claims))
}

/// The proof that a bound token comes with, for its own key; none for a token that is bound to nothing. Neither is taken in
/// place of the other, and what is bound to nothing proves nothing by a proof beside it.
fn proof(
    view: &TenantView,
    presented: Presented<'_>,
    bound: Option<&Confirmation>,
    now: Timestamp,
) -> Result<Option<Proof>, BearerError> {
    match (bound, presented.scheme) {
        (None, Scheme::Bearer) if !presented.dpop.is_there() => Ok(None),
        (None, Scheme::Bearer | Scheme::Dpop) | (Some(Confirmation::X5t(_)), Scheme::Dpop) => {
            Err(BearerError::Misused { scheme: Scheme::Bearer })
        }
        (Some(Confirmation::X5t(_)), Scheme::Bearer) => {
            let shown = client_auth::is_bound_to(view, bound, presented.certificate) && !presented.dpop.is_there();
            if shown { Ok(None) } else { Err(BearerError::InvalidToken) }
        }
        (Some(Confirmation::Jkt(_)), Scheme::Bearer) => Err(BearerError::Misused { scheme: Scheme::Dpop }),
        (Some(bound @ Confirmation::Jkt(_)), Scheme::Dpop) => {
            let (method, access_token) = (presented.method, Some(presented.token));
            let target = Target { method, endpoint: endpoints::USERINFO, access_token };
            let proof = Proof::read(view, presented.dpop, target, now);
            let proof = proof.map_err(|refused| BearerError::Proof(refused.into()))?;
            if proof.confirmation() == *bound { Ok(Some(proof)) } else { Err(BearerError::InvalidToken) }
        }
    }
}

/// The user that the token is about.
async fn user(cx: &Context, view: &TenantView, grant: &Grant) -> Result<Option<User>, Fault> {
    let rows = cx.store.read(view.tenant.id);
    Ok(rows.users().find(grant.user).await?.filter(User::is_enabled))
}

/// What the tenant's claim mappings say of the user; where a scope opens a claim of the same name, in its place.
fn mapped(view: &TenantView, client: &Client, token: &AccessToken, user: &User) -> Map<String, Value> {
    let has_scope = |scope: &str| token.scopes().any(|own| own == scope);
    ClaimMapping::claims(view.claim_mappings.applying(ClaimTarget::Userinfo, client.uid, has_scope), Some(user))
}

impl From<Unreadable> for BearerError {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::NoKey => Self::NoKey,
            Unreadable::Ours(fault) => Self::Ours(fault),
        }
    }
}
