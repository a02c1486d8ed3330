//! Which user is meant.

use chancery_proto::v1::ListUsersRequest;
use clap::Args;
use tonic::Status;
use uuid::Uuid;

use crate::connection::Api;
use crate::error::CliError;
use crate::name::{self, TenantId};

/// A user.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id, username or e-mail address of the user
    user: String,
}

impl Which {
    /// The name of the user.
    pub(super) async fn name(&self, api: &Api) -> Result<String, CliError> {
        name_of(&self.tenant, &self.user, api).await
    }
}

/// The name of a user of that tenant. Ids are taken as they are; usernames and addresses are looked up.
pub(crate) async fn name_of(tenant: &TenantId, user: &str, api: &Api) -> Result<String, CliError> {
    if Uuid::try_parse(user).is_ok() || user.starts_with("tenants/") {
        return name::child(tenant, "users", user);
    }
    let request =
        ListUsersRequest { parent: name::tenant(tenant), filter: filter(user), ..ListUsersRequest::default() };
    let found = api.users().list_users(request).await?.into_inner().users;
    let found = found.into_iter().next();
    Ok(found.ok_or_else(|| Status::not_found(format!("tenant {tenant} has no user {user}")))?.name)
}

/// The same where a user may be named and need not; nothing where none is.
pub(crate) async fn name_of_any(tenant: &TenantId, user: Option<&str>, api: &Api) -> Result<String, CliError> {
    match user {
        Some(user) => name_of(tenant, user, api).await,
        None => Ok(String::new()),
    }
}

/// Asks for the one user who signs in with this (AIP-160).
pub(super) fn filter(login: &str) -> String {
    let field = if login.contains('@') { "email" } else { "username" };
    format!(r#"{field} = "{}""#, login.replace('\\', r"\\").replace('"', r#"\""#))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_at_sign() {
        assert_eq!(filter("alice"), r#"username = "alice""#);
        assert_eq!(filter("alice@acme.example"), r#"email = "alice@acme.example""#);
        assert_eq!(filter(r#"a"b\c"#), r#"username = "a\"b\\c""#);
    }
}
