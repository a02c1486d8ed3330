//! `Debug` for the messages that carry a secret: everything but the secret.

use std::fmt::{Debug, Formatter, Result};

use crate::v1::{
    BootstrapRequest, BootstrapResponse, CreateApiKeyResponse, CreateInitialAccessTokenResponse,
    CreatePasswordLinkResponse, GenerateClientSecretResponse, GenerateTokenSecretResponse,
};

impl Debug for BootstrapRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("BootstrapRequest")
            .field("ttl", &self.ttl)
            .field("system_tenant", &self.system_tenant)
            .finish_non_exhaustive()
    }
}

impl Debug for BootstrapResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("BootstrapResponse")
            .field("api_key", &self.api_key)
            .field("system_tenant", &self.system_tenant)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl Debug for CreateApiKeyResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("CreateApiKeyResponse").field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

impl Debug for CreateInitialAccessTokenResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("CreateInitialAccessTokenResponse")
            .field("initial_access_token", &self.initial_access_token)
            .finish_non_exhaustive()
    }
}

impl Debug for CreatePasswordLinkResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("CreatePasswordLinkResponse").field("expire_time", &self.expire_time).finish_non_exhaustive()
    }
}

impl Debug for GenerateClientSecretResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("GenerateClientSecretResponse")
            .field("client_secret", &self.client_secret)
            .finish_non_exhaustive()
    }
}

impl Debug for GenerateTokenSecretResponse {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("GenerateTokenSecretResponse").field("token_secret", &self.token_secret).finish_non_exhaustive()
    }
}
