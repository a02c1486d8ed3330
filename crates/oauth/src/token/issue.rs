//! Minting: claims, then a signature by the tenant's default key, or with a secret where client or
//! tenant asked for that.

use chancery_domain::{
    client::IdTokenSigning,
    fault::Fault,
    token_id::TokenId,
    vocabulary::{AccessTokenFormat, TokenType},
};

use super::{
    Call, claims,
    granted::{Authentication, Granted},
};

/// Signed tokens that nobody has seen yet.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) id: Option<String>,
}

/// An access token (RFC 9068, or its HMAC form), and with `openid` an ID token about the user (OpenID Connect Core section 2).
pub(super) async fn tokens(call: &Call<'_>, granted: &Granted) -> Result<Tokens, Fault> {
    let access = access_token(call, granted).await?;
    let id = match &granted.authentication {
        Some(authentication) if granted.scopes.contains("openid") => {
            Some(id_token(call, authentication, &access).await?)
        }
        Some(_) | None => None,
    };
    Ok(Tokens { access, id })
}

async fn access_token(call: &Call<'_>, granted: &Granted) -> Result<String, Fault> {
    let jti = TokenId::generate(granted.origin, &*call.cx.random);
    let format = call.view.access_token_format();
    let claims = claims::access_token(call, granted, &jti, format)?;
    match format {
        AccessTokenFormat::Jwt => {
            let algorithm = call.view.default_algorithm();
            call.view.signer.sign(algorithm, TokenType::AccessToken, &claims).await
        }
        AccessTokenFormat::Hmac => call.view.macs.sign_access_token(&claims),
    }
}

async fn id_token(call: &Call<'_>, authentication: &Authentication, access_token: &str) -> Result<String, Fault> {
    match call.view.id_token_signing(call.client) {
        IdTokenSigning::TenantKey => {
            let algorithm = call.view.default_algorithm();
            let claims = claims::id_token(call, authentication, &claims::at_hash(algorithm, access_token))?;
            call.view.signer.sign(algorithm, TokenType::IdToken, &claims).await
        }
        IdTokenSigning::ClientSecret => {
            let claims = claims::id_token(call, authentication, &claims::half_of_sha256(access_token))?;
            call.view.macs.sign_id_token(call.client, &claims, call.now)
        }
    }
}
