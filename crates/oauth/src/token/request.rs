//! A token request, parsed: the last time a raw text is seen.

use chancery_domain::vocabulary::GrantType;

use super::{
    Call,
    granted::Granted,
    grants::{
        Settlement, authorization_code::CodeGrant, client_credentials::ClientGrant, device_code::DeviceGrant,
        jwt_bearer::AssertionGrant, refresh_token::RefreshGrant, token_exchange::ExchangeGrant,
    },
};
use crate::{
    error::{ErrorCode, OAuthError},
    parameters::Parameters,
};

/// What is presented for tokens. Only the parameters of the named grant are read.
pub(super) enum TokenRequest {
    Code(CodeGrant),
    Refresh(RefreshGrant),
    Client(ClientGrant),
    Exchange(ExchangeGrant),
    Device(DeviceGrant),
    Assertion(AssertionGrant),
}

const fn unsupported() -> OAuthError {
    OAuthError::new(ErrorCode::UnsupportedGrantType, "there is no such grant_type here")
}

/// The grant type that is named.
pub(super) fn grant_type(parameters: &Parameters) -> Result<GrantType, OAuthError> {
    parameters.one("grant_type")?.parse().map_err(|_| unsupported())
}

impl TokenRequest {
    /// Reads the parameters of that grant type.
    pub(super) fn parse(grant_type: GrantType, parameters: &Parameters) -> Result<Self, OAuthError> {
        match grant_type {
            GrantType::AuthorizationCode => CodeGrant::parse(parameters).map(Self::Code),
            GrantType::RefreshToken => RefreshGrant::parse(parameters).map(Self::Refresh),
            GrantType::ClientCredentials => ClientGrant::parse(parameters).map(Self::Client),
            GrantType::Implicit => Err(unsupported()),
            GrantType::TokenExchange => ExchangeGrant::parse(parameters).map(Self::Exchange),
            GrantType::DeviceCode => DeviceGrant::parse(parameters).map(Self::Device),
            GrantType::JwtBearer => AssertionGrant::parse(parameters).map(Self::Assertion),
        }
    }

    /// Finds out who granted what, and what remains to be written.
    pub(super) async fn authorize(self, call: &Call<'_>) -> Result<(Granted, Settlement), OAuthError> {
        match self {
            Self::Code(grant) => grant.authorize(call).await,
            Self::Refresh(grant) => grant.authorize(call).await,
            Self::Client(grant) => grant.authorize(call),
            Self::Exchange(grant) => grant.authorize(call).await,
            Self::Device(grant) => grant.authorize(call).await,
            Self::Assertion(grant) => grant.authorize(call).await,
        }
    }
}
