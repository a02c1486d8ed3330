//! Resource names (AIP-122): reading what callers send and writing what we answer.
//!
//! Each reader is told the path of the field that it reads, for its refusal.

use std::{fmt::Display, str::FromStr};

use chancery_domain::{
    fault::Malformed,
    id::{
        AdminKeyId, ApprovalId, ClaimMappingSlug, ClientId, GrantId, InitialAccessTokenId, KeyId, ResourceSlug,
        RoleBindingId, RoleSlug, SecretId, SessionId, TenantSlug, TokenSecretId, TrustedIssuerSlug, UserId,
    },
    role::BuiltInRole,
};

use crate::status::Refusal;

/// Reads `tenants/{tenant}`.
pub(crate) fn tenant(field: &str, text: &str) -> Result<TenantSlug, Refusal> {
    let [tenant] = parts(field, text, "tenants/{tenant}")?;
    part(field, tenant)
}

/// Reads `tenants/{tenant}/clients/{client}`.
pub(crate) fn client(field: &str, text: &str) -> Result<(TenantSlug, ClientId), Refusal> {
    let [tenant, client] = parts(field, text, "tenants/{tenant}/clients/{client}")?;
    Ok((part(field, tenant)?, part(field, client)?))
}

/// Reads `tenants/{tenant}/clients/{client}/secrets/{secret}`.
pub(crate) fn secret(field: &str, text: &str) -> Result<(TenantSlug, ClientId, SecretId), Refusal> {
    let [tenant, client, secret] = parts(field, text, "tenants/{tenant}/clients/{client}/secrets/{secret}")?;
    Ok((part(field, tenant)?, part(field, client)?, part(field, secret)?))
}

/// Reads `tenants/{tenant}/scopes/{scope}`. The scope stays text: those that every tenant has are not slugs.
pub(crate) fn scope<'a>(field: &str, text: &'a str) -> Result<(TenantSlug, &'a str), Refusal> {
    let [tenant, scope] = parts(field, text, "tenants/{tenant}/scopes/{scope}")?;
    Ok((part(field, tenant)?, scope))
}

/// Reads `tenants/{tenant}/resources/{resource}`.
pub(crate) fn resource(field: &str, text: &str) -> Result<(TenantSlug, ResourceSlug), Refusal> {
    let [tenant, resource] = parts(field, text, "tenants/{tenant}/resources/{resource}")?;
    Ok((part(field, tenant)?, part(field, resource)?))
}

/// Reads `tenants/{tenant}/trustedIssuers/{trusted_issuer}`.
pub(crate) fn trusted_issuer(field: &str, text: &str) -> Result<(TenantSlug, TrustedIssuerSlug), Refusal> {
    let [tenant, issuer] = parts(field, text, "tenants/{tenant}/trustedIssuers/{trusted_issuer}")?;
    Ok((part(field, tenant)?, part(field, issuer)?))
}

/// Reads `tenants/{tenant}/claimMappings/{claim_mapping}`.
pub(crate) fn claim_mapping(field: &str, text: &str) -> Result<(TenantSlug, ClaimMappingSlug), Refusal> {
    let [tenant, mapping] = parts(field, text, "tenants/{tenant}/claimMappings/{claim_mapping}")?;
    Ok((part(field, tenant)?, part(field, mapping)?))
}

/// Reads `tenants/{tenant}/users/{user}`.
pub(crate) fn user(field: &str, text: &str) -> Result<(TenantSlug, UserId), Refusal> {
    let [tenant, user] = parts(field, text, "tenants/{tenant}/users/{user}")?;
    Ok((part(field, tenant)?, part(field, user)?))
}

/// Reads `tenants/{tenant}/sessions/{session}`.
pub(crate) fn session(field: &str, text: &str) -> Result<(TenantSlug, SessionId), Refusal> {
    let [tenant, session] = parts(field, text, "tenants/{tenant}/sessions/{session}")?;
    Ok((part(field, tenant)?, part(field, session)?))
}

/// Reads `tenants/{tenant}/grants/{grant}`.
pub(crate) fn grant(field: &str, text: &str) -> Result<(TenantSlug, GrantId), Refusal> {
    let [tenant, grant] = parts(field, text, "tenants/{tenant}/grants/{grant}")?;
    Ok((part(field, tenant)?, part(field, grant)?))
}

/// Reads `tenants/{tenant}/users/{user}/consents/{client}`.
pub(crate) fn consent(field: &str, text: &str) -> Result<(TenantSlug, UserId, ClientId), Refusal> {
    let [tenant, user, client] = parts(field, text, "tenants/{tenant}/users/{user}/consents/{client}")?;
    Ok((part(field, tenant)?, part(field, user)?, part(field, client)?))
}

/// Reads the parent of consents: `tenants/{tenant}/users/{user}`, or `-` in the place of a user for all (AIP-159).
pub(crate) fn consent_parent(field: &str, text: &str) -> Result<(TenantSlug, Option<UserId>), Refusal> {
    let [tenant, user] = parts(field, text, "tenants/{tenant}/users/{user}")?;
    let user = if user == "-" { None } else { Some(part(field, user)?) };
    Ok((part(field, tenant)?, user))
}

/// Reads `tenants/{tenant}/keys/{key}`.
pub(crate) fn key(field: &str, text: &str) -> Result<(TenantSlug, KeyId), Refusal> {
    let [tenant, key] = parts(field, text, "tenants/{tenant}/keys/{key}")?;
    Ok((part(field, tenant)?, part(field, key)?))
}

/// Reads `tenants/{tenant}/tokenSecrets/{token_secret}`.
pub(crate) fn token_secret(field: &str, text: &str) -> Result<(TenantSlug, TokenSecretId), Refusal> {
    let [tenant, secret] = parts(field, text, "tenants/{tenant}/tokenSecrets/{token_secret}")?;
    Ok((part(field, tenant)?, part(field, secret)?))
}

/// Reads `tenants/{tenant}/initialAccessTokens/{initial_access_token}`.
pub(crate) fn initial_access_token(field: &str, text: &str) -> Result<(TenantSlug, InitialAccessTokenId), Refusal> {
    let [tenant, token] = parts(field, text, "tenants/{tenant}/initialAccessTokens/{initial_access_token}")?;
    Ok((part(field, tenant)?, part(field, token)?))
}

/// Reads `tenants/{tenant}/encryptionKeys/{encryption_key}`.
pub(crate) fn encryption_key(field: &str, text: &str) -> Result<(TenantSlug, KeyId), Refusal> {
    let [tenant, key] = parts(field, text, "tenants/{tenant}/encryptionKeys/{encryption_key}")?;
    Ok((part(field, tenant)?, part(field, key)?))
}

/// Reads `tenants/{tenant}/keyPolicy`.
pub(crate) fn key_policy(field: &str, text: &str) -> Result<TenantSlug, Refusal> {
    let [tenant] = parts(field, text, "tenants/{tenant}/keyPolicy")?;
    part(field, tenant)
}

/// Reads `apiKeys/{api_key}` or `tenants/{tenant}/apiKeys/{api_key}`.
pub(crate) fn api_key(field: &str, text: &str) -> Result<(Option<TenantSlug>, AdminKeyId), Refusal> {
    if text.starts_with("apiKeys/") {
        let [key] = parts(field, text, "apiKeys/{api_key}")?;
        return Ok((None, part(field, key)?));
    }
    let [tenant, key] = parts(field, text, "tenants/{tenant}/apiKeys/{api_key}")?;
    Ok((Some(part(field, tenant)?), part(field, key)?))
}

/// The name of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoleName {
    /// One that every deployment has.
    BuiltIn(BuiltInRole),
    /// One that a tenant made.
    Own(TenantSlug, RoleSlug),
}

/// Reads `roles/{role}` or `tenants/{tenant}/roles/{role}`.
pub(crate) fn role(field: &str, text: &str) -> Result<RoleName, Refusal> {
    if text.starts_with("roles/") {
        let [role] = parts(field, text, "roles/{role}")?;
        return Ok(RoleName::BuiltIn(part(field, role)?));
    }
    let [tenant, role] = parts(field, text, "tenants/{tenant}/roles/{role}")?;
    Ok(RoleName::Own(part(field, tenant)?, part(field, role)?))
}

/// Reads `roleBindings/{role_binding}` or `tenants/{tenant}/roleBindings/{role_binding}`.
pub(crate) fn role_binding(field: &str, text: &str) -> Result<(Option<TenantSlug>, RoleBindingId), Refusal> {
    if text.starts_with("roleBindings/") {
        let [binding] = parts(field, text, "roleBindings/{role_binding}")?;
        return Ok((None, part(field, binding)?));
    }
    let [tenant, binding] = parts(field, text, "tenants/{tenant}/roleBindings/{role_binding}")?;
    Ok((Some(part(field, tenant)?), part(field, binding)?))
}

/// Reads `approvals/{approval}`.
pub(crate) fn approval(field: &str, text: &str) -> Result<ApprovalId, Refusal> {
    let [approval] = parts(field, text, "approvals/{approval}")?;
    part(field, approval)
}

/// Reads `auditEvents/{audit_event}` or `tenants/{tenant}/auditEvents/{audit_event}`: an event is named by its place.
pub(crate) fn audit_event(field: &str, text: &str) -> Result<(Option<TenantSlug>, u64), Refusal> {
    let place = |text: &str| text.parse().map_err(|_| Refusal::field(field, "must end with the place of an event"));
    if text.starts_with("auditEvents/") {
        let [event] = parts(field, text, "auditEvents/{audit_event}")?;
        return Ok((None, place(event)?));
    }
    let [tenant, event] = parts(field, text, "tenants/{tenant}/auditEvents/{audit_event}")?;
    Ok((Some(part(field, tenant)?), place(event)?))
}

/// Reads `tenants/{tenant}`, or nothing for the platform.
pub(crate) fn optional_tenant(field: &str, text: &str) -> Result<Option<TenantSlug>, Refusal> {
    if text.is_empty() { Ok(None) } else { tenant(field, text).map(Some) }
}

/// The name of a tenant.
pub(crate) fn of_tenant(tenant: &TenantSlug) -> String {
    format!("tenants/{tenant}")
}

/// The name of something in a tenant: `tenants/{tenant}/{collection}/{id}`.
pub(crate) fn within(tenant: &TenantSlug, collection: &str, id: impl Display) -> String {
    format!("tenants/{tenant}/{collection}/{id}")
}

/// The parts of the name that stand where the pattern has braces.
fn parts<'a, const N: usize>(field: &str, text: &'a str, pattern: &str) -> Result<[&'a str; N], Refusal> {
    let found = (text.split('/').count() == pattern.split('/').count()).then(|| {
        let pairs = || text.split('/').zip(pattern.split('/'));
        let fixed = pairs().all(|(part, rule)| if rule.starts_with('{') { !part.is_empty() } else { part == rule });
        fixed.then(|| pairs().filter(|(_, rule)| rule.starts_with('{')).map(|(part, _)| part).collect::<Vec<_>>())
    });
    let wrong = || Refusal::field(field, format!("must be of the form {pattern}"));
    found.flatten().and_then(|found| found.try_into().ok()).ok_or_else(wrong)
}

fn part<T: FromStr<Err = Malformed>>(field: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|malformed: Malformed| {
        Refusal::field(field, format!("must hold a well-formed {}, which {}", malformed.what, malformed.rule))
    })
}

/// What a place is called in errors: the tenant by its name, or the platform where none is named.
pub(crate) fn of_place(parent: &str) -> &str {
    if parent.is_empty() { "the platform" } else { parent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let acme: TenantSlug = "acme".parse().expect("a slug");
        assert_eq!(tenant("name", &of_tenant(&acme)).expect("a tenant"), acme);
        let (found, id) = client("name", &within(&acme, "clients", "web~1")).expect("a client");
        assert_eq!((found.as_str(), id.as_str()), ("acme", "web~1"));
        assert_eq!(key_policy("name", "tenants/acme/keyPolicy").expect("a policy"), acme);
        assert_eq!(scope("name", "tenants/acme/scopes/offline_access").expect("a scope").1, "offline_access");
        let id = "018f0000-0000-7000-8000-000000000000";
        assert!(api_key("name", &format!("apiKeys/{id}")).expect("a key").0.is_none());
        assert_eq!(api_key("name", &format!("tenants/acme/apiKeys/{id}")).expect("a key").0, Some(acme));
        assert!(optional_tenant("parent", "").expect("the platform").is_none());
    }

    #[test]
    fn what_is_no_name_is_refused_with_its_form() {
        for bad in
            ["", "acme", "tenants/", "tenants/acme/", "tenants//", "/tenants/acme", "tenants/Acme", "Tenants/acme"]
        {
            let status = tenant("name", bad).expect_err(bad).into_status("t");
            assert_eq!(status.code(), tonic::Code::InvalidArgument, "{bad}");
        }
        assert!(client("name", "tenants/acme/users/web").is_err());
        assert!(user("name", "tenants/acme/users/ada").is_err());
        assert!(consent("name", "tenants/acme/users/-/consents/web").is_err());
        assert!(session("name", "tenants/acme/sessions/1").is_err());
        assert!(secret("name", "tenants/acme/clients/web/secrets").is_err());
    }
}
