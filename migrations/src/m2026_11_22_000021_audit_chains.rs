//! Chains of audit events: what was hashed of each event and its place, how far each chain has come, and what was signed
//! of it.
//!
//! Events from before have no text; they wait for their place like those of people and clients do, and get both
//! together. The chain of the platform has the uid of nothing but zeros.

use sea_orm_migration::prelude::*;

use crate::Dialect;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &str = "
ALTER TABLE audit_events ADD COLUMN text {text};
ALTER TABLE audit_events ADD COLUMN chain {uuid};
ALTER TABLE audit_events ADD COLUMN position {int};
ALTER TABLE audit_events ADD COLUMN previous {bytes};
ALTER TABLE audit_events ADD COLUMN hash {bytes};

CREATE UNIQUE INDEX audit_events_place ON audit_events (chain, position) WHERE position IS NOT NULL;
CREATE INDEX audit_events_time ON audit_events (chain, at) WHERE position IS NOT NULL;
CREATE INDEX audit_events_waiting ON audit_events (sequence) WHERE position IS NULL;

CREATE TABLE audit_heads (
    chain                {uuid} NOT NULL PRIMARY KEY,
    position             {int} NOT NULL,
    hash                 {bytes} NOT NULL,
    checkpoint_position  {int} NOT NULL,
    checkpoint_at        {int} NOT NULL
) {table};

CREATE INDEX audit_heads_unsigned ON audit_heads (checkpoint_at) WHERE position > checkpoint_position;

CREATE TABLE audit_checkpoints (
    chain      {uuid} NOT NULL,
    position   {int} NOT NULL,
    hash       {bytes} NOT NULL,
    at         {int} NOT NULL,
    key_id     {text} NOT NULL,
    signature  {bytes} NOT NULL,
    PRIMARY KEY (chain, position)
) {table};

CREATE TABLE audit_keys (
    id          {text} NOT NULL PRIMARY KEY,
    public      {bytes} NOT NULL,
    master_key  {text} NOT NULL,
    sealed      {bytes} NOT NULL,
    created_at  {int} NOT NULL
) {table};

CREATE TABLE audit_sealing (
    id         {int} NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed_at  {int} NOT NULL
) {table};
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Dialect::run(manager, TABLES).await
    }
}
