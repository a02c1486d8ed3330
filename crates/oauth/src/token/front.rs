//! Tokens that the authorization endpoint gives (OpenID Connect Core sections 3.2.2.10 and 3.3.2.11). There is never a
//! refresh token among them.

use std::time::Duration;

use chancery_domain::{
    client::Client,
    grant::Grant,
    resource::ResourceSet,
    scope::{ScopeSet, ScopeValue},
    view::TenantView,
    vocabulary::ResponseType,
};

use super::{
    Call,
    granted::Granted,
    issue::{self, Beside},
    mapped::Mapped,
};
use crate::{
    Context,
    error::OAuthError,
    resources::{self, Audience},
    scopes,
};

/// What is wanted.
pub(crate) struct Wanted<'a> {
    pub(crate) response_type: ResponseType,
    /// The code that goes out beside the tokens.
    pub(crate) code: Option<&'a str>,
    /// The `state` of the request, which goes out beside them too.
    pub(crate) state: Option<&'a str>,
    pub(crate) nonce: Option<String>,
}

/// Signed tokens that nobody has seen yet.
pub(crate) struct FrontTokens {
    pub(crate) access: Option<FrontAccessToken>,
    pub(crate) id: Option<String>,
}

/// An access token with what is told beside it.
pub(crate) struct FrontAccessToken {
    pub(crate) token: String,
    pub(crate) ttl: Duration,
    pub(crate) scopes: ScopeSet,
}

/// Signs what is wanted. Where neither an access token nor a code goes with it, the ID token tells what the scopes open,
/// because nothing else can (OpenID Connect Core section 5.4).
pub(crate) async fn mint(
    cx: &Context,
    view: &TenantView,
    client: &Client,
    grant: &Grant,
    wanted: Wanted<'_>,
) -> Result<FrontTokens, OAuthError> {
    let call = Call::begin(cx, view, client)?;
    let narrowed = resources::narrow(view, client, &grant.resources, grant.scopes.clone(), ResourceSet::default())?;
    let mut granted = Granted::by_user(grant, narrowed, wanted.nonce);
    if let (ResponseType::IdToken, Some(authentication)) = (wanted.response_type, &mut granted.authentication) {
        for name in scopes::opened(view, grant.scopes.iter().map(ScopeValue::as_str)) {
            authentication.claims.entry(name.to_owned()).or_default();
        }
        authentication.claims.remove("sub");
    }
    let audience = Audience::of(view, &granted.resources, &granted.scopes);
    let mapped = Mapped::of(&call, &granted).await?;
    let access = if wanted.response_type.has_access_token() {
        Some(issue::access_token(&call, &granted, &audience, &mapped).await?)
    } else {
        None
    };
    let id = match &granted.authentication {
        Some(authentication) if wanted.response_type.has_id_token() => {
            let beside = Beside { access_token: access.as_deref(), code: wanted.code, state: wanted.state };
            Some(issue::id_token(&call, authentication, beside, &mapped).await?)
        }
        Some(_) | None => None,
    };
    let ttl = granted.access_ttl(&call, &audience);
    let access = access.map(|token| FrontAccessToken { token, ttl, scopes: granted.scopes });
    Ok(FrontTokens { access, id })
}
