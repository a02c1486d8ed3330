//! Resource names from what people type: ids, or whole names as copied from an answer.

/// `tenants/{tenant}`.
pub(crate) fn tenant(tenant: &str) -> String {
    format!("tenants/{}", id(tenant))
}

/// `tenants/{tenant}/{collection}/{id}`.
pub(crate) fn child(of: &str, collection: &str, child: &str) -> String {
    format!("{}/{collection}/{}", tenant(of), id(child))
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
}
