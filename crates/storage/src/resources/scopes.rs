//! Which scopes belong to which resource.

use std::collections::HashMap;

use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::ResourceSlug,
    resource::Resource,
    scope::{ScopeSet, ScopeValue},
};
use sea_orm::entity::prelude::*;

use crate::{
    fault::write_error,
    line::{Line, WriteLine},
    row::Reading,
    rows::{Rows, fenced},
};

const TABLE: &str = "resource_scopes";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource_scopes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) scope: String,
    pub(crate) resource: String,
}

fenced!();

impl<L: Line> Rows<L> {
    /// The scopes of that resource, or of all, by its name.
    pub(super) async fn scopes_of(&self, resource: Option<&ResourceSlug>) -> Result<HashMap<String, ScopeSet>, Fault> {
        let mut select = self.select::<Entity>();
        if let Some(resource) = resource {
            select = select.filter(Column::Resource.eq(resource.as_str()));
        }
        let mut scopes: HashMap<String, Vec<ScopeValue>> = HashMap::new();
        for row in self.all_rows(select).await? {
            let scope = Reading::row(TABLE, row.tenant_id, &row.resource).parse("scope", &row.scope)?;
            scopes.entry(row.resource).or_default().push(scope);
        }
        Ok(scopes.into_iter().map(|(resource, scopes)| (resource, scopes.into_iter().collect())).collect())
    }
}

impl<L: WriteLine> Rows<L> {
    /// Gives the resource its scopes. `Stale` when one does not exist, or belongs to another one already.
    pub(super) async fn give_scopes(&self, resource: &Resource) -> Result<(), WriteError> {
        for scope in resource.scopes.iter() {
            let (scope, resource) = (scope.to_string(), resource.slug.to_string());
            let given = self.insert_row(Noun::Scope, Model { tenant_id: self.tenant(), scope, resource }).await;
            given.map_err(|error| match error {
                WriteError::Taken(_) | WriteError::Stale => WriteError::Stale,
                WriteError::Fault(fault) => WriteError::Fault(fault),
            })?;
        }
        Ok(())
    }

    /// Takes all its scopes from a resource.
    pub(super) async fn take_scopes(&self, resource: &ResourceSlug) -> Result<(), WriteError> {
        let delete = self.delete_rows::<Entity>().filter(Column::Resource.eq(resource.as_str()));
        delete.exec(&self.line().db()).await.map(drop).map_err(write_error)
    }
}
