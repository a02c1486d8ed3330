//! `Debug` for the messages that carry a secret: everything but the secret.

use std::fmt::{Debug, Formatter, Result};

use crate::v1::{
    BootstrapRequest, BootstrapResponse, CreateApiKeyResponse, CreateUserRequest, GenerateClientSecretResponse,
    GenerateTokenSecretResponse, SetUserPasswordRequest,
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

impl Debug for CreateUserRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("CreateUserRequest")
            .field("parent", &self.parent)
            .field("user", &self.user)
            .field("request_id", &self.request_id)
            .field("validate_only", &self.validate_only)
            .finish_non_exhaustive()
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

impl Debug for SetUserPasswordRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("SetUserPasswordRequest")
            .field("name", &self.name)
            .field("etag", &self.etag)
            .finish_non_exhaustive()
    }
}
