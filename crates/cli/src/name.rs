//! Resource names from what people type: ids, or whole names as copied from an answer. A whole name counts whole: one
//! that leads elsewhere is refused, never cut down to its last part.

use std::fmt;
use std::str::FromStr;

use crate::error::CliError;

/// The id of a tenant, typed as `acme` or `tenants/acme`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TenantId(String);

impl TenantId {
    /// The id alone.
    pub(crate) fn into_id(self) -> String {
        self.0
    }
}

impl FromStr for TenantId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let id = text.strip_prefix("tenants/").unwrap_or(text);
        if id.contains('/') {
            return Err("this is not the name of a tenant: write it as acme or tenants/acme");
        }
        Ok(Self(id.to_owned()))
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `tenants/{tenant}`.
pub(crate) fn tenant(tenant: &TenantId) -> String {
    format!("tenants/{tenant}")
}

/// `tenants/{tenant}/{collection}/{id}`.
pub(crate) fn child(of: &TenantId, collection: &str, thing: &str) -> Result<String, CliError> {
    within(&format!("{}/{collection}", tenant(of)), thing)
}

/// `{collection}/{id}`, whatever that collection lies in.
pub(crate) fn within(collection: &str, thing: &str) -> Result<String, CliError> {
    let id = thing.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/')).unwrap_or(thing);
    if id.contains('/') {
        return Err(CliError::Usage(format!("`{thing}` is none of {collection}: give its id, or its whole name")));
    }
    Ok(format!("{collection}/{id}"))
}

/// The parent of what a tenant has or, where none is named, the platform: `tenants/{tenant}`, or nothing.
pub(crate) fn place(tenant: Option<&TenantId>) -> String {
    tenant.map(self::tenant).unwrap_or_default()
}

/// `tenants/{tenant}/{collection}/{id}` or, of the platform, `{collection}/{id}`. Where no tenant is named, a whole name
/// says itself where it is.
pub(crate) fn placed(tenant: Option<&TenantId>, collection: &str, thing: &str) -> Result<String, CliError> {
    let own = match thing.split('/').collect::<Vec<_>>()[..] {
        ["tenants", tenant, ..] => tenant.parse().ok(),
        _ => None,
    };
    match tenant.or(own.as_ref()) {
        Some(tenant) => child(tenant, collection, thing),
        None => within(collection, thing),
    }
}

/// The name of a role: one that is built in has a dot in its id, another is a tenant's own.
pub(crate) fn role(tenant: Option<&TenantId>, role: &str) -> Result<String, CliError> {
    let is_built_in = !role.starts_with("tenants/") && (role.contains('.') || role.starts_with("roles/"));
    placed(tenant.filter(|_| !is_built_in), "roles", role)
}

/// The last part of a name that the server told.
pub(crate) fn id(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_of(text: &str) -> TenantId {
        text.parse().expect("a tenant")
    }

    #[test]
    fn ids_and_names_both_serve() {
        let acme = id_of("acme");
        assert_eq!((tenant(&acme).as_str(), id_of("tenants/acme")), ("tenants/acme", acme.clone()));
        for web in ["web", "tenants/acme/clients/web"] {
            assert_eq!(child(&acme, "clients", web).expect(web), "tenants/acme/clients/web");
        }
        for (tenant, typed, name) in [
            (None, "platform.owner", "roles/platform.owner"),
            (None, "tenants/acme/roles/helpdesk", "tenants/acme/roles/helpdesk"),
            (Some(&acme), "tenant.admin", "roles/tenant.admin"),
            (Some(&acme), "roles/tenant.admin", "roles/tenant.admin"),
            (Some(&acme), "helpdesk", "tenants/acme/roles/helpdesk"),
            (Some(&acme), "tenants/acme/roles/helpdesk", "tenants/acme/roles/helpdesk"),
        ] {
            assert_eq!(role(tenant, typed).expect(typed), name);
        }
    }

    #[test]
    fn a_whole_name_that_leads_elsewhere_is_refused() {
        for bad in ["tenants/acme/clients/web", "clients/web", "acme/web", "tenants/acme/"] {
            assert!(bad.parse::<TenantId>().is_err(), "{bad}");
        }
        let acme = id_of("acme");
        for bad in ["tenants/globex/clients/web", "tenants/acme/users/web", "tenants/acme/clients/web/secrets/1", "a/b"]
        {
            let refusal = child(&acme, "clients", bad).expect_err(bad).to_string();
            assert!(refusal.contains("is none of tenants/acme/clients"), "{refusal}");
        }
        for bad in ["tenants/globex/roles/helpdesk", "tenants/globex/roles/a.b"] {
            assert!(placed(Some(&acme), "roles", bad).is_err(), "{bad}");
        }
        assert!(role(Some(&acme), "tenants/globex/roles/helpdesk").is_err());
        assert!(placed(None, "apiKeys", "tenants/acme/roles/1").is_err());
    }

    #[test]
    fn what_lies_in_no_tenant_is_the_platforms_unless_its_name_says_otherwise() {
        let acme = id_of("acme");
        assert_eq!((place(Some(&acme)).as_str(), place(None).as_str()), ("tenants/acme", ""));
        for (tenant, typed, name) in [
            (Some(&acme), "1", "tenants/acme/apiKeys/1"),
            (None, "1", "apiKeys/1"),
            (None, "apiKeys/1", "apiKeys/1"),
            (None, "tenants/acme/apiKeys/1", "tenants/acme/apiKeys/1"),
        ] {
            assert_eq!(placed(tenant, "apiKeys", typed).expect(typed), name);
        }
    }
}
