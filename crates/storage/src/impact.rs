//! Counting what would end.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::impact::{COUNTED_AT_MOST, Impact, ImpactReads, SAMPLES, Standing, Tally, Within},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value, prelude::Uuid};

use crate::{fault::fault, line::Line, rows::Rows};

const GRANTS: &str = "FROM grants g WHERE g.tenant_id = $1 AND g.revoked_at IS NULL AND g.expires_at > $2";
const FAMILIES: &str = "FROM refresh_families f JOIN grants g ON g.tenant_id = f.tenant_id AND g.id = f.grant_id
     WHERE f.tenant_id = $1 AND f.expires_at > $2 AND g.revoked_at IS NULL AND g.expires_at > $2
     AND EXISTS (SELECT 1 FROM refresh_tokens t WHERE t.tenant_id = f.tenant_id AND t.family_id = f.id
         AND t.spent_at IS NULL AND t.expires_at > $2)";
const SESSIONS: &str = "FROM sessions s
     WHERE s.tenant_id = $1 AND s.ended_at IS NULL AND s.expires_at > $2 AND s.last_seen_at > $3";

#[derive(FromQueryResult)]
struct ById {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct ByName {
    id: String,
}

impl<L: Line> Rows<L> {
    async fn count(&self, from: &str, values: Vec<Value>) -> Result<u64, Fault> {
        let most = COUNTED_AT_MOST + 1;
        let sql = format!("SELECT COUNT(*) AS counted FROM (SELECT 1 AS one {from} LIMIT {most}) AS held");
        let row = self.line().db().query_one_raw(self.statement(&sql, values)).await.map_err(fault)?;
        let counted: i64 = row.map_or(Ok(0), |row| row.try_get("", "counted")).map_err(fault)?;
        Ok(u64::try_from(counted).unwrap_or_default())
    }

    /// How many different ones there are, with the first of them.
    async fn tally<M: FromQueryResult>(
        &self,
        id: &str,
        from: &str,
        values: Vec<Value>,
        name: impl Fn(M) -> String,
    ) -> Result<Tally, Fault> {
        let most = COUNTED_AT_MOST + 1;
        let sql = format!("SELECT COUNT(*) AS counted FROM (SELECT DISTINCT {id} {from} LIMIT {most}) AS held");
        let row = self.line().db().query_one_raw(self.statement(&sql, values.clone())).await.map_err(fault)?;
        let counted: i64 = row.map_or(Ok(0), |row| row.try_get("", "counted")).map_err(fault)?;
        let sql = format!("SELECT DISTINCT {id} AS id {from} ORDER BY id LIMIT {SAMPLES}");
        let rows = M::find_by_statement(self.statement(&sql, values)).all(&self.line().db()).await.map_err(fault)?;
        Ok(Tally { count: u64::try_from(counted).unwrap_or_default(), samples: rows.into_iter().map(name).collect() })
    }
}

#[async_trait]
impl<L: Line> ImpactReads for Rows<L> {
    async fn holding(&self, within: Within, standing: Standing) -> Result<Impact, Fault> {
        let Standing { now, idle_since } = standing;
        let now = || Value::from(now.millis());
        let by_id = |row: ById| row.id.to_string();
        let by_name = |row: ByName| row.id;
        let (condition, whose) = match within {
            Within::Tenant => ("", None),
            Within::Client(client) => (" AND g.client_uid = $3", Some(client.uuid())),
            Within::User(user) => (" AND g.user_id = $3", Some(user.uuid())),
        };
        let values = || std::iter::once(now()).chain(whose.map(Value::from)).collect::<Vec<_>>();
        let sessions = vec![now(), idle_since.millis().into()];
        let (clients, users, sessions) = match within {
            Within::Tenant => (
                self.tally("c.id", "FROM clients c WHERE c.tenant_id = $1", vec![], by_name).await?,
                self.tally("u.id", "FROM users u WHERE u.tenant_id = $1", vec![], by_id).await?,
                self.count(SESSIONS, sessions).await?,
            ),
            Within::Client(_) => {
                let users = self.tally("g.user_id", &format!("{GRANTS}{condition}"), values(), by_id).await?;
                (Tally::default(), users, 0)
            }
            Within::User(user) => {
                let from = GRANTS
                    .replace("WHERE", "JOIN clients c ON c.tenant_id = g.tenant_id AND c.uid = g.client_uid WHERE");
                let clients = self.tally("c.id", &format!("{from}{condition}"), values(), by_name).await?;
                let own = [sessions, vec![user.uuid().into()]].concat();
                (clients, Tally::default(), self.count(&format!("{SESSIONS} AND s.user_id = $4"), own).await?)
            }
        };
        let grants = self.count(&format!("{GRANTS}{condition}"), values()).await?;
        let families = self.count(&format!("{FAMILIES}{condition}"), values()).await?;
        Ok(Impact { clients, users, sessions, grants, families })
    }

    async fn idle_sessions(&self, standing: Standing, idle_since: Timestamp) -> Result<u64, Fault> {
        let values =
            vec![standing.now.millis().into(), standing.idle_since.millis().into(), idle_since.millis().into()];
        self.count(&format!("{SESSIONS} AND s.last_seen_at <= $4"), values).await
    }
}
