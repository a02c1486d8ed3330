//! Refresh tokens and their families. The two statements of a refresh are written out: they are the hottest writes here.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    id::{ClientUid, FamilyId, GrantId},
    ports::store::{RefreshReads, RefreshTokens},
    refresh::{RefreshFamily, RefreshStanding, RefreshToken, Spent},
    secret::Digest,
    time::Timestamp,
};
use sea_orm::{FromQueryResult, prelude::Uuid};

use crate::{
    fault::fault,
    grants::{confirmation_of, confirmation_text},
    line::{Line, WriteLine},
    row::{Reading, time},
    rows::{Rows, unguarded},
};

const TABLE: &str = "refresh_tokens";

const STANDING: &str = "SELECT t.tenant_id, t.digest, t.family_id, t.issued_at, t.expires_at, t.turns,
            t.spent_at, t.child_digest, t.sealed_child,
            f.grant_id, f.client_uid, f.confirmation, f.created_at AS family_created_at, f.expires_at AS family_expires_at,
            c.spent_at AS child_spent_at
       FROM refresh_tokens t
       JOIN refresh_families f ON f.tenant_id = t.tenant_id AND f.id = t.family_id
       LEFT JOIN refresh_tokens c ON c.tenant_id = t.tenant_id AND c.digest = t.child_digest
      WHERE t.tenant_id = $1 AND t.digest = $2";

const BEGIN: &str = "INSERT INTO refresh_families
            (tenant_id, id, grant_id, client_uid, created_at, expires_at, confirmation)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

const INSERT: &str = "INSERT INTO refresh_tokens
            (tenant_id, digest, family_id, issued_at, expires_at, spent_at, child_digest, sealed_child, turns)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

const SPEND: &str = "UPDATE refresh_tokens SET spent_at = $3, child_digest = $4, sealed_child = $5
     WHERE tenant_id = $1 AND digest = $2 AND spent_at IS NULL";

const RENEW: &str = "UPDATE refresh_tokens SET expires_at = $3, turns = turns + 1
     WHERE tenant_id = $1 AND digest = $2 AND spent_at IS NULL AND turns < $4";

#[derive(FromQueryResult)]
struct Row {
    tenant_id: Uuid,
    digest: Vec<u8>,
    family_id: Uuid,
    issued_at: i64,
    expires_at: i64,
    turns: i64,
    spent_at: Option<i64>,
    child_digest: Option<Vec<u8>>,
    sealed_child: Option<Vec<u8>>,
    grant_id: Uuid,
    client_uid: Uuid,
    confirmation: Option<String>,
    family_created_at: i64,
    family_expires_at: i64,
    child_spent_at: Option<i64>,
}

impl Row {
    fn thing(self) -> Result<RefreshStanding, Fault> {
        // The row is named by its family: the digest stays where it is.
        let row = Reading::row(TABLE, self.tenant_id, &self.family_id);
        let spent = match (self.spent_at, self.child_digest, self.sealed_child) {
            (None, None, None) => None,
            (Some(at), Some(child), Some(sealed_child)) => {
                Some(Spent { at: time(at), child: row.digest("child_digest", &child)?, sealed_child })
            }
            _ => return Err(row.wrong("spent_at")),
        };
        let family = FamilyId::from_uuid(self.family_id);
        Ok(RefreshStanding {
            token: RefreshToken {
                digest: row.digest("digest", &self.digest)?,
                family,
                issued_at: time(self.issued_at),
                expires_at: time(self.expires_at),
                turns: u32::try_from(self.turns).map_err(|_| row.wrong("turns"))?,
                spent,
            },
            family: RefreshFamily {
                id: family,
                grant: GrantId::from_uuid(self.grant_id),
                client: ClientUid::from_uuid(self.client_uid),
                confirmation: confirmation_of(&row, self.confirmation.as_deref())?,
                created_at: time(self.family_created_at),
                expires_at: time(self.family_expires_at),
            },
            child_spent: self.child_spent_at.is_some(),
        })
    }
}

#[async_trait]
impl<L: Line> RefreshReads for Rows<L> {
    async fn standing(&self, digest: &Digest) -> Result<Option<RefreshStanding>, Fault> {
        let statement = self.statement(STANDING, [digest.bytes().to_vec().into()]);
        let row = Row::find_by_statement(statement).one(&self.line().db()).await.map_err(fault)?;
        row.map(Row::thing).transpose()
    }
}

impl<L: WriteLine> Rows<L> {
    async fn insert_token(&self, token: &RefreshToken) -> Result<(), WriteError> {
        let spent = token.spent.as_ref();
        let values = [
            token.digest.bytes().to_vec().into(),
            token.family.uuid().into(),
            token.issued_at.millis().into(),
            token.expires_at.millis().into(),
            spent.map(|spent| spent.at.millis()).into(),
            spent.map(|spent| spent.child.bytes().to_vec()).into(),
            spent.map(|spent| spent.sealed_child.clone()).into(),
            i64::from(token.turns).into(),
        ];
        match self.execute(self.statement(INSERT, values)).await? {
            1 => Ok(()),
            _ => Err(WriteError::Taken(Noun::Grant)),
        }
    }
}

#[async_trait]
impl<L: WriteLine> RefreshTokens for Rows<L> {
    async fn begin_family(&self, family: &RefreshFamily, first: &RefreshToken) -> Result<(), WriteError> {
        let values = [
            family.id.uuid().into(),
            family.grant.uuid().into(),
            family.client.uuid().into(),
            family.created_at.millis().into(),
            family.expires_at.millis().into(),
            confirmation_text(family.confirmation.as_ref())?.into(),
        ];
        if self.execute(self.statement(BEGIN, values)).await? != 1 {
            return Err(WriteError::Taken(Noun::Grant));
        }
        self.insert_token(first).await
    }

    async fn spend(&self, parent: &Digest, spent: &Spent, child: &RefreshToken) -> Result<bool, Fault> {
        let values = [
            parent.bytes().to_vec().into(),
            spent.at.millis().into(),
            spent.child.bytes().to_vec().into(),
            spent.sealed_child.clone().into(),
        ];
        if self.execute(self.statement(SPEND, values)).await.map_err(unguarded)? != 1 {
            return Ok(false);
        }
        self.insert_token(child).await.map_err(unguarded)?;
        Ok(true)
    }

    async fn renew(&self, token: &Digest, until: Timestamp, most: Option<u32>) -> Result<bool, Fault> {
        let most = most.map_or(i64::MAX, i64::from);
        let values = [token.bytes().to_vec().into(), until.millis().into(), most.into()];
        self.execute(self.statement(RENEW, values)).await.map(|rows| rows == 1).map_err(unguarded)
    }
}
