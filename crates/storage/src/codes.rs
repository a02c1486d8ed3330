//! Authorization codes: found by digest, spent by one guarded statement.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    code::Code,
    fault::{Fault, WriteError},
    id::{ClientUid, GrantId, SessionId, UserId},
    ports::store::{CodeReads, Codes},
    scope::ScopeSet,
    secret::Digest,
    time::Timestamp,
};
use sea_orm::{FromQueryResult, entity::prelude::*};

use crate::{
    fault::fault,
    grants::{acr_of, claims_of, claims_text, confirmation_of, confirmation_text, named, resources_of},
    line::{Line, WriteLine},
    row::{Reading, time, to_json},
    rows::{Rows, fenced, unguarded},
};

const TABLE: &str = "codes";

const FIND: &str = "SELECT * FROM codes WHERE tenant_id = $1 AND digest = $2
        AND EXISTS (SELECT 1 FROM clients c JOIN tenants t ON t.id = c.tenant_id
             WHERE c.tenant_id = $1 AND c.uid = codes.client_uid AND c.state = 'enabled' AND t.state = 'active')";

const REDEEM: &str = "UPDATE codes SET redeemed_at = $3
     WHERE tenant_id = $1 AND digest = $2 AND redeemed_at IS NULL AND expires_at > $3";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) digest: Vec<u8>,
    pub(crate) grant_id: Uuid,
    pub(crate) client_uid: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) redirect_uri_asked: bool,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) scopes: String,
    pub(crate) resources: Option<String>,
    pub(crate) authenticated_at: i64,
    pub(crate) amr: String,
    pub(crate) acr: Option<String>,
    pub(crate) claims: Option<String>,
    pub(crate) confirmation: Option<String>,
    pub(crate) grant_begun: bool,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) redeemed_at: Option<i64>,
}

fenced!();

impl Model {
    fn thing(self) -> Result<Code, Fault> {
        // The row is named by its grant: the digest stays where it is.
        let row = Reading::row(TABLE, self.tenant_id, &self.grant_id);
        Ok(Code {
            digest: row.digest("digest", &self.digest)?,
            grant: GrantId::from_uuid(self.grant_id),
            grant_begun: self.grant_begun,
            client: ClientUid::from_uuid(self.client_uid),
            user: UserId::from_uuid(self.user_id),
            session: SessionId::from_uuid(self.session_id),
            redirect_uri: self.redirect_uri,
            redirect_uri_asked: self.redirect_uri_asked,
            challenge: self.challenge.map(|challenge| row.parse("challenge", &challenge)).transpose()?,
            nonce: self.nonce,
            scopes: ScopeSet::parse(&self.scopes).map_err(|_| row.wrong("scopes"))?,
            resources: resources_of(&row, self.resources.as_deref())?,
            authenticated_at: time(self.authenticated_at),
            amr: row.json("amr", &self.amr)?,
            acr: acr_of(&row, self.acr.as_deref())?,
            claims: claims_of(&row, self.claims.as_deref())?,
            confirmation: confirmation_of(&row, self.confirmation.as_deref())?,
            issued_at: time(self.issued_at),
            expires_at: time(self.expires_at),
            redeemed_at: self.redeemed_at.map(time),
        })
    }

    fn of(tenant: Uuid, code: &Code) -> Result<Self, Fault> {
        Ok(Self {
            tenant_id: tenant,
            digest: code.digest.bytes().to_vec(),
            grant_id: code.grant.uuid(),
            client_uid: code.client.uuid(),
            user_id: code.user.uuid(),
            session_id: code.session.uuid(),
            redirect_uri: code.redirect_uri.clone(),
            redirect_uri_asked: code.redirect_uri_asked,
            challenge: code.challenge.as_ref().map(|challenge| challenge.as_str().to_owned()),
            nonce: code.nonce.clone(),
            scopes: code.scopes.to_string(),
            resources: named(&code.resources)?,
            authenticated_at: code.authenticated_at.millis(),
            amr: to_json(&code.amr)?,
            acr: code.acr.map(|acr| acr.to_string()),
            claims: claims_text(&code.claims)?,
            confirmation: confirmation_text(code.confirmation.as_ref())?,
            grant_begun: code.grant_begun,
            issued_at: code.issued_at.millis(),
            expires_at: code.expires_at.millis(),
            redeemed_at: code.redeemed_at.map(Timestamp::millis),
        })
    }
}

#[async_trait]
impl<L: Line> CodeReads for Rows<L> {
    async fn find(&self, digest: &Digest) -> Result<Option<Code>, Fault> {
        let statement = self.statement(FIND, [digest.bytes().to_vec().into()]);
        let row = Model::find_by_statement(statement).one(&self.line().db()).await.map_err(fault)?;
        row.map(Model::thing).transpose()
    }
}

#[async_trait]
impl<L: WriteLine> Codes for Rows<L> {
    async fn insert(&self, code: &Code) -> Result<(), WriteError> {
        self.insert_row(Noun::Grant, Model::of(self.tenant(), code)?).await
    }

    async fn redeem(&self, digest: &Digest, now: Timestamp) -> Result<bool, Fault> {
        let statement = self.statement(REDEEM, [digest.bytes().to_vec().into(), now.millis().into()]);
        self.execute(statement).await.map(|rows| rows == 1).map_err(unguarded)
    }
}
