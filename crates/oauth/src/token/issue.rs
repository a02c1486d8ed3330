//! Minting: claims, then a signature by a key of the tenant, or with a secret where client or tenant asked for that. What
//! the client alone is to read is encrypted behind that.

use std::time::Duration;

use chancery_domain::{
    fault::Fault,
    opaque_access_token,
    ports::client_jose::Content,
    token_id::TokenId,
    view::SignedBy,
    vocabulary::{AccessTokenFormat, TokenType},
};

use super::{
    Call,
    claims::{self, Hashes},
    granted::{Authentication, Granted},
    mapped::{self, Mapped},
};
use crate::{encrypted, error::OAuthError, resources::Audience};

/// Signed tokens that nobody has seen yet.
pub(super) struct Tokens {
    pub(super) access: String,
    /// Life of the access token.
    pub(super) access_ttl: Duration,
    pub(super) id: Option<String>,
}

/// An access token (RFC 9068, or its HMAC form), and with `openid` an ID token about the user (OpenID Connect Core section 2).
pub(super) async fn tokens(call: &Call<'_>, granted: &Granted) -> Result<Tokens, OAuthError> {
    let audience = Audience::of(call.view, &granted.resources, &granted.scopes);
    let mut mapped = Mapped::of(call, granted).await?;
    if let Some(act) = granted.exchanged.as_ref().and_then(|exchanged| exchanged.act.clone()) {
        mapped.access.insert("act".to_owned(), act);
    }
    let access = access_token(call, granted, &audience, &mapped).await?;
    let id = match &granted.authentication {
        Some(authentication) if granted.scopes.contains("openid") && granted.exchanged.is_none() => {
            let beside = Beside { access_token: Some(&access), ..Beside::default() };
            Some(id_token(call, authentication, beside, &mapped).await?)
        }
        Some(_) | None => None,
    };
    Ok(Tokens { access, access_ttl: granted.access_ttl(call, &audience), id })
}

/// What goes out beside an ID token, and what it therefore vouches for.
#[derive(Clone, Copy, Default)]
pub(super) struct Beside<'a> {
    pub(super) access_token: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) state: Option<&'a str>,
}

/// An access token, for whoever the audience is.
pub(super) async fn access_token(
    call: &Call<'_>,
    granted: &Granted,
    audience: &Audience<'_>,
    mapped: &Mapped,
) -> Result<String, Fault> {
    let jti = TokenId::generate(granted.origin, &*call.cx.random);
    let format = call.view.access_token_format();
    let claims = mapped::with(claims::access_token(call, granted, audience, &jti, format)?, &mapped.access)?;
    match format {
        AccessTokenFormat::Jwt => {
            call.view.signer.sign(audience.algorithm(call.view), TokenType::AccessToken, &claims).await
        }
        AccessTokenFormat::Hmac => call.view.macs.sign_access_token(&claims),
        AccessTokenFormat::Opaque => opaque_access_token::seal(&*call.view.sealer, &*call.cx.random, &claims),
    }
}

/// An ID token about the user.
pub(super) async fn id_token(
    call: &Call<'_>,
    authentication: &Authentication,
    beside: Beside<'_>,
    mapped: &Mapped,
) -> Result<String, OAuthError> {
    let signed = signed_id_token(call, authentication, beside, mapped).await?;
    match call.client.metadata.tokens.id_token_encryption {
        Some(how) => Ok(encrypted::encrypt(call.cx, call.view, call.client, how, Content::Jwt(&signed)).await?),
        None => Ok(signed),
    }
}

async fn signed_id_token(
    call: &Call<'_>,
    authentication: &Authentication,
    beside: Beside<'_>,
    mapped: &Mapped,
) -> Result<String, Fault> {
    let claims = |half: &dyn Fn(&str) -> String| {
        let Beside { access_token, code, state } = beside;
        let hashes = Hashes { access_token: access_token.map(half), code: code.map(half), state: state.map(half) };
        mapped::with(claims::id_token(call, authentication, &hashes)?, &mapped.id)
    };
    match call.view.id_token_signing(call.client) {
        SignedBy::Key(algorithm) => {
            let claims = claims(&|text| claims::half_of_hash(algorithm, text))?;
            call.view.signer.sign(algorithm, TokenType::IdToken, &claims).await
        }
        SignedBy::ClientSecret => {
            let claims = claims(&|text| claims::half_of_sha256(text))?;
            call.view.macs.sign_id_token(call.client, &claims, call.now)
        }
    }
}
