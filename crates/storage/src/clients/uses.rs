//! When clients and their secrets were used. No version and no change feed: replicas would forget each client once a minute.

use async_trait::async_trait;
use chancery_domain::{
    client::{ClientUse, SecretUse},
    fault::Fault,
    id::{ClientId, TenantId},
    ports::{client_secrets::SecretUses, client_uses::ClientUses},
    time::Timestamp,
    version::Version,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, prelude::Uuid};

use super::TABLE;
use crate::{
    fault::fault,
    line::{Line, WriteLine},
    row::Reading,
    rows::{Rows, unguarded},
};

const NOTE: &str = "UPDATE client_secrets SET last_used_at = $4
     WHERE tenant_id = $1 AND client_uid = $2 AND id = $3 AND (last_used_at IS NULL OR last_used_at < $4)";

const NOTE_CLIENT: &str = "UPDATE clients SET last_used_at = $3
     WHERE tenant_id = $1 AND uid = $2 AND (last_used_at IS NULL OR last_used_at < $3)";

const UNUSED: &str = "SELECT id, version FROM clients
     WHERE tenant_id = $1 AND registration_token IS NOT NULL AND COALESCE(last_used_at, created_at) <= $2
     ORDER BY COALESCE(last_used_at, created_at), id LIMIT $3";

const TENANTS: &str = "SELECT DISTINCT tenant_id FROM clients
     WHERE registration_token IS NOT NULL AND COALESCE(last_used_at, created_at) <= $1 AND tenant_id > $2
     ORDER BY tenant_id LIMIT $3";

#[async_trait]
impl<L: WriteLine> SecretUses for Rows<L> {
    async fn note(&self, uses: &[SecretUse]) -> Result<(), Fault> {
        for used in uses.iter().filter(|used| used.tenant == self.tenant_id()) {
            let values = [used.client.uuid().into(), used.secret.uuid().into(), used.at.millis().into()];
            self.execute(self.statement(NOTE, values)).await.map_err(unguarded)?;
        }
        Ok(())
    }
}

#[derive(FromQueryResult)]
struct Unused {
    id: String,
    version: i64,
}

#[async_trait]
impl<L: WriteLine> ClientUses for Rows<L> {
    async fn note_clients(&self, uses: &[ClientUse]) -> Result<(), Fault> {
        for used in uses.iter().filter(|used| used.tenant == self.tenant_id()) {
            let values = [used.client.uuid().into(), used.at.millis().into()];
            self.execute(self.statement(NOTE_CLIENT, values)).await.map_err(unguarded)?;
        }
        Ok(())
    }

    async fn unused_since(&self, before: Timestamp, most: u32) -> Result<Vec<(ClientId, Version)>, Fault> {
        let statement = self.statement(UNUSED, [before.millis().into(), i64::from(most).into()]);
        let rows = Unused::find_by_statement(statement).all(&self.line().db()).await.map_err(fault)?;
        let unused = rows.into_iter().map(|Unused { id, version }| {
            let row = Reading::row(TABLE, self.tenant(), &id);
            Ok((row.parse("id", &id)?, Version::new(version)))
        });
        unused.collect()
    }
}

#[derive(FromQueryResult)]
struct OfTenant {
    tenant_id: Uuid,
}

/// Tenants in which a client registered itself and was neither made nor used after `before`: by their ids, those behind
/// `after`.
pub(crate) async fn tenants_with_unused<L: Line>(
    line: &L,
    before: Timestamp,
    after: Option<TenantId>,
    limit: u32,
) -> Result<Vec<TenantId>, Fault> {
    let db = line.db();
    let after = after.map_or(Uuid::nil(), TenantId::uuid);
    let values = [before.millis().into(), after.into(), i64::from(limit).into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), TENANTS, values);
    let rows = OfTenant::find_by_statement(statement).all(&db).await.map_err(fault)?;
    Ok(rows.into_iter().map(|row| TenantId::from_uuid(row.tenant_id)).collect())
}
