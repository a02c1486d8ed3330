//! Answers to requests that named themselves: a tenant's, and the platform's own.

use async_trait::async_trait;
use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    ports::store::{Remembered, Requests},
    time::Timestamp,
};
use sea_orm::entity::prelude::*;

use crate::{
    fault::fault,
    line::WriteLine,
    platform::PlatformRows,
    row::Reading,
    rows::{Rows, insert},
};

const TABLE: &str = "remembered_requests";

#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "remembered_requests")]
pub(crate) struct Model {
    /// The nil id where it is the platform's own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) caller: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) method: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) request_id: String,
    pub(crate) request_digest: Vec<u8>,
    pub(crate) answer: Vec<u8>,
    pub(crate) until: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("requests::Model").field("method", &self.method).finish_non_exhaustive()
    }
}

async fn recall<L: WriteLine>(
    line: &L,
    tenant: Uuid,
    (caller, method, request_id): (&str, &str, &str),
) -> Result<Option<Remembered>, Fault> {
    let select = Entity::find_by_id((tenant, caller.to_owned(), method.to_owned(), request_id.to_owned()));
    let Some(row) = select.one(&line.db()).await.map_err(fault)? else { return Ok(None) };
    let request = Reading::row(TABLE, tenant, &row.request_id).digest("request_digest", &row.request_digest)?;
    Ok(Some(Remembered { request, answer: row.answer }))
}

async fn remember<L: WriteLine>(line: &L, row: Model) -> Result<(), WriteError> {
    // A request has no noun of its own; what is taken is an id that the key's holder chose.
    if insert(line, row).await? { Ok(()) } else { Err(WriteError::Taken(Noun::AdminKey)) }
}

fn row(tenant: Uuid, names: (&str, &str, &str), answer: &Remembered, until: Timestamp) -> Model {
    let (caller, method, request_id) = names;
    Model {
        tenant_id: tenant,
        caller: caller.to_owned(),
        method: method.to_owned(),
        request_id: request_id.to_owned(),
        request_digest: answer.request.bytes().to_vec(),
        answer: answer.answer.clone(),
        until: until.millis(),
    }
}

#[async_trait]
impl<L: WriteLine> Requests for Rows<L> {
    async fn recall(&self, caller: &str, method: &str, request_id: &str) -> Result<Option<Remembered>, Fault> {
        recall(self.line(), self.tenant(), (caller, method, request_id)).await
    }

    async fn remember(
        &self,
        caller: &str,
        method: &str,
        request_id: &str,
        answer: &Remembered,
        until: Timestamp,
    ) -> Result<(), WriteError> {
        remember(self.line(), row(self.tenant(), (caller, method, request_id), answer, until)).await
    }
}

#[async_trait]
impl<L: WriteLine> Requests for PlatformRows<L> {
    async fn recall(&self, caller: &str, method: &str, request_id: &str) -> Result<Option<Remembered>, Fault> {
        recall(self.line(), Uuid::nil(), (caller, method, request_id)).await
    }

    async fn remember(
        &self,
        caller: &str,
        method: &str,
        request_id: &str,
        answer: &Remembered,
        until: Timestamp,
    ) -> Result<(), WriteError> {
        remember(self.line(), row(Uuid::nil(), (caller, method, request_id), answer, until)).await
    }
}
