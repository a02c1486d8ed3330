//! What a session gave, found by the session: codes, which had no index for that, and grants.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// They hold the session alone. SQLite, which keeps no statistics, takes a tenant for ten rows, and would rather read all of
/// them in the order of the primary key than look two columns up in an index that begins with the tenant, as that of grants
/// did before.
const INDEXES: &str = r"
CREATE INDEX codes_of_session ON codes (session_id);

CREATE INDEX grants_of_session ON grants (session_id);
DROP INDEX grants_session_id;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, INDEXES).await
    }
}
