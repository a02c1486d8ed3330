//! Minting: claims, then a signature by the tenant's default key, or with the secret of a client that registered that.

use chancery_domain::{client::IdTokenSigning, fault::Fault, token_id::TokenId, vocabulary::TokenType};

use super::{
    Call, claims,
    granted::{Authentication, Granted},
};

/// Signed tokens that nobody has seen yet.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) id: Option<String>,
}

/// An access token (RFC 9068), and with `openid` an ID token about the user (OpenID Connect Core section 2).
pub(super) async fn tokens(call: &Call<'_>, granted: &Granted) -> Result<Tokens, Fault> {
    let algorithm = call.view.key_policy.default_algorithm();
    let jti = TokenId::generate(granted.origin, &*call.cx.random);
    let claims = claims::access_token(call, granted, &jti)?;
    let access = call.view.signer.sign(algorithm, TokenType::AccessToken, &claims).await?;
    let id = match &granted.authentication {
        Some(authentication) if granted.scopes.contains("openid") => {
            Some(id_token(call, authentication, &access).await?)
        }
        Some(_) | None => None,
    };
    Ok(Tokens { access, id })
}

async fn id_token(call: &Call<'_>, authentication: &Authentication, access_token: &str) -> Result<String, Fault> {
    match call.view.id_token_signing(call.client) {
        IdTokenSigning::TenantKey => {
            let algorithm = call.view.key_policy.default_algorithm();
            let claims = claims::id_token(call, authentication, &claims::at_hash(algorithm, access_token))?;
            call.view.signer.sign(algorithm, TokenType::IdToken, &claims).await
        }
        IdTokenSigning::ClientSecret => {
            let claims = claims::id_token(call, authentication, &claims::half_of_sha256(access_token))?;
            call.view.macs.sign_id_token(call.client, &claims, call.now)
        }
    }
}
