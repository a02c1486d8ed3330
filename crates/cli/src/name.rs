//! Resource names from what people type: ids, or whole names as copied from an answer.

/// `tenants/{tenant}`.
pub(crate) fn tenant(tenant: &str) -> String {
    format!("tenants/{}", id(tenant))
}

/// `tenants/{tenant}/{collection}/{id}`.
pub(crate) fn child(of: &str, collection: &str, child: &str) -> String {
    format!("{}/{collection}/{}", tenant(of), id(child))
}

/// The parent of what a tenant has or, where none is named, the platform: `tenants/{tenant}`, or nothing.
pub(crate) fn place(tenant: Option<&str>) -> String {
    tenant.map(self::tenant).unwrap_or_default()
}

/// `tenants/{tenant}/{collection}/{id}` or, of the platform, `{collection}/{id}`. A whole name says itself where it is.
pub(crate) fn placed(tenant: Option<&str>, collection: &str, thing: &str) -> String {
    match tenant {
        Some(tenant) => child(tenant, collection, thing),
        None if thing.starts_with("tenants/") => thing.to_owned(),
        None => format!("{collection}/{}", id(thing)),
    }
}

/// The name of a role: one that is built in has a dot in its id, another is a tenant's own.
pub(crate) fn role(tenant: Option<&str>, role: &str) -> String {
    match tenant {
        _ if role.contains('/') => role.to_owned(),
        Some(tenant) if !role.contains('.') => child(tenant, "roles", role),
        Some(_) | None => format!("roles/{role}"),
    }
}

/// The last part of a name.
pub(crate) fn id(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_names_both_serve() {
        assert_eq!(tenant("acme"), "tenants/acme");
        assert_eq!(tenant("tenants/acme"), "tenants/acme");
        assert_eq!(child("acme", "clients", "web"), "tenants/acme/clients/web");
        assert_eq!(role(None, "platform.owner"), "roles/platform.owner");
        assert_eq!(role(Some("acme"), "tenant.admin"), "roles/tenant.admin");
        assert_eq!(role(Some("acme"), "helpdesk"), "tenants/acme/roles/helpdesk");
        assert_eq!(role(Some("acme"), "tenants/acme/roles/helpdesk"), "tenants/acme/roles/helpdesk");
        assert_eq!(child("tenants/acme", "clients", "tenants/acme/clients/web"), "tenants/acme/clients/web");
    }

    #[test]
    fn what_lies_in_no_tenant_is_the_platforms_unless_its_name_says_otherwise() {
        assert_eq!((place(Some("acme")).as_str(), place(None).as_str()), ("tenants/acme", ""));
        assert_eq!(placed(Some("acme"), "apiKeys", "1"), "tenants/acme/apiKeys/1");
        assert_eq!(placed(None, "apiKeys", "1"), "apiKeys/1");
        assert_eq!(placed(None, "apiKeys", "apiKeys/1"), "apiKeys/1");
        assert_eq!(placed(None, "apiKeys", "tenants/acme/apiKeys/1"), "tenants/acme/apiKeys/1");
    }
}
