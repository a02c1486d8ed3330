//! Whether a tenant can have HMAC access tokens.

use chancery_domain::{tenant::Tenant, token_secret::TokenSecret, vocabulary::AccessTokenFormat};

use crate::{
    name,
    status::{Reason, Refusal},
};

/// The way out for a tenant that has nothing to sign them with.
const MISSING: &str = "has no active token secret to sign HMAC access tokens with: generate one, hand it to the resource \
                       servers, then set access_token_format";

/// Refuses the HMAC form where no secret could sign it.
pub(super) fn check(tenant: &Tenant, secrets: &[TokenSecret]) -> Result<(), Refusal> {
    match tenant.settings.access_token_format {
        AccessTokenFormat::Hmac if TokenSecret::active_of(secrets).is_none() => {
            Err(Refusal::precondition(Reason::TokenSecretMissing, &name::of_tenant(&tenant.slug), MISSING))
        }
        AccessTokenFormat::Hmac | AccessTokenFormat::Jwt | AccessTokenFormat::Opaque => Ok(()),
    }
}
