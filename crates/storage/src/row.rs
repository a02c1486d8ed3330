//! Reading rows: a row either becomes a thing, or makes no sense and says where.

use std::str::FromStr;

use chancery_domain::{fault::Fault, secret::Digest, time::Timestamp};
use sea_orm::prelude::Uuid;
use serde::{Serialize, de::DeserializeOwned};

/// A row that cannot be what it says. Names the place and never the value, which may be a secret or a person's.
#[derive(Debug, thiserror::Error)]
#[error("column {column} of {table} makes no sense in the row {row}")]
pub(crate) struct Inconsistent {
    table: &'static str,
    column: &'static str,
    row: String,
}

/// The row that is being read, by its table and its id.
pub(crate) struct Reading {
    table: &'static str,
    row: String,
}

impl Reading {
    /// A row of a tenant.
    pub(crate) fn row(table: &'static str, tenant: Uuid, id: &impl ToString) -> Self {
        Self { table, row: format!("{tenant}/{}", id.to_string()) }
    }

    /// A row of the platform's own, or one that is a tenant.
    pub(crate) fn platform(table: &'static str, id: &impl ToString) -> Self {
        Self { table, row: id.to_string() }
    }

    /// The fault of a column that makes no sense.
    pub(crate) fn wrong(&self, column: &'static str) -> Fault {
        Fault::broken("inconsistent row", Inconsistent { table: self.table, column, row: self.row.clone() })
    }

    /// A column that holds text of a fixed form.
    pub(crate) fn parse<T: FromStr>(&self, column: &'static str, text: &str) -> Result<T, Fault> {
        text.parse().map_err(|_| self.wrong(column))
    }

    /// A column that holds one of some labels.
    pub(crate) fn label<T: Copy>(
        &self,
        column: &'static str,
        text: &str,
        all: &[T],
        label: impl Fn(T) -> &'static str,
    ) -> Result<T, Fault> {
        all.iter().copied().find(|one| label(*one) == text).ok_or_else(|| self.wrong(column))
    }

    /// A column that holds JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &'static str, text: &str) -> Result<T, Fault> {
        serde_json::from_str(text).map_err(|_| self.wrong(column))
    }

    /// A column that holds a digest.
    pub(crate) fn digest(&self, column: &'static str, bytes: &[u8]) -> Result<Digest, Fault> {
        bytes.try_into().map(Digest::from_bytes).map_err(|_| self.wrong(column))
    }

    /// A column that has to hold something because of what another one says.
    pub(crate) fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Fault> {
        value.ok_or_else(|| self.wrong(column))
    }
}

/// A time from its column.
pub(crate) const fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Things whose JSON cannot fail: lists and maps of our own words.
pub(crate) fn to_json(thing: &impl Serialize) -> Result<String, Fault> {
    serde_json::to_string(thing).map_err(|error| Fault::broken("writing a row", error))
}
