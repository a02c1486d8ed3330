//! The check values of master keys, by which a process can tell that it has the right ones.

use chancery_domain::{
    change::Noun,
    fault::{Fault, WriteError},
    ports::platform::MasterKeyCheck,
};
use sea_orm::{QueryOrder, entity::prelude::*};

use crate::{
    fault::fault,
    line::{Line, WriteLine},
    row::Reading,
    rows,
};

const TABLE: &str = "master_keys";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "master_keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) sealed: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All of them, by name.
pub(crate) async fn all<L: Line>(line: &L) -> Result<Vec<MasterKeyCheck>, Fault> {
    let rows = Entity::find().order_by_asc(Column::Id).all(&line.db()).await.map_err(fault)?;
    let check = |row: Model| {
        let id = Reading::platform(TABLE, &row.id).parse("id", &row.id)?;
        Ok(MasterKeyCheck { id, sealed: row.sealed })
    };
    rows.into_iter().map(check).collect()
}

/// A new one. `Taken` when another process has written it down already.
pub(crate) async fn insert<L: WriteLine>(line: &L, check: &MasterKeyCheck) -> Result<(), WriteError> {
    let row = Model { id: check.id.to_string(), sealed: check.sealed.clone() };
    if rows::insert(line, row).await? { Ok(()) } else { Err(WriteError::Taken(Noun::MasterKey)) }
}
