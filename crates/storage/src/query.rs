//! What a list is asked for, as SQL.

use std::str::FromStr;

use chancery_domain::{
    fault::Fault,
    query::{Field, Filter, Query, Relation, Test, Value},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Uuid,
    sea_query::{Expr, ExprTrait, Order},
};

use crate::rows::page_limit;

/// Which column holds a field.
pub(crate) trait Listed: EntityTrait {
    /// The fields of the noun.
    type Field: Field;

    /// The column of that field.
    fn column(field: Self::Field) -> Self::Column;
}

/// The page of rows that is asked for, and one row more to tell whether there are others. `own` are the columns of the
/// rows' own position, and `read` turns a position into their values.
pub(crate) fn asked<E: Listed>(
    select: Select<E>,
    query: &Query<E::Field>,
    own: &[E::Column],
    read: impl FnOnce(&str) -> Result<Vec<sea_orm::Value>, Fault>,
) -> Result<Select<E>, Fault> {
    let order = if query.order.descending { Order::Desc } else { Order::Asc };
    let mut select = select.limit(page_limit(&query.page));
    if let Some(filter) = &query.filter {
        select = select.filter(condition::<E>(filter));
    }
    let columns: Vec<E::Column> = query.order.by.map(E::column).into_iter().chain(own.iter().copied()).collect();
    let after = query.after().ok_or_else(|| Fault::bug("a page begins after a position that no row has"))?;
    if let Some((value, position)) = after {
        let place = Expr::tuple(columns.iter().map(|column| Expr::col(*column)));
        let last = value.iter().map(bound).chain(read(position)?);
        let last = Expr::tuple(last.map(Expr::val));
        select = select.filter(if query.order.descending { place.lt(last) } else { place.gt(last) });
    }
    Ok(columns.into_iter().fold(select, |select, column| select.order_by(column, order.clone())))
}

/// The value of a position that is an id.
pub(crate) fn id_of<I: FromStr>(position: &str, id: impl FnOnce(I) -> Uuid) -> Result<Vec<sea_orm::Value>, Fault> {
    let read = position.parse().map_err(|_| Fault::bug("a page begins after a position that no row has"))?;
    Ok(vec![id(read).into()])
}

fn condition<E: Listed>(filter: &Filter<E::Field>) -> Condition {
    match filter {
        Filter::All(parts) => parts.iter().fold(Condition::all(), |all, part| all.add(condition::<E>(part))),
        Filter::Any(parts) => parts.iter().fold(Condition::any(), |any, part| any.add(condition::<E>(part))),
        Filter::Not(part) => condition::<E>(part).not(),
        Filter::Test(test) => related::<E>(test),
    }
}

fn related<E: Listed>(test: &Test<E::Field>) -> Condition {
    let (column, value) = (E::column(test.field), bound(&test.value));
    let all = Condition::all();
    match test.relation {
        Relation::Equal => all.add(column.eq(value)),
        Relation::Unequal => all.add(column.ne(value)),
        Relation::Less => all.add(column.lt(value)),
        Relation::AtMost => all.add(column.lte(value)),
        Relation::More => all.add(column.gt(value)),
        Relation::AtLeast => all.add(column.gte(value)),
        Relation::Begins => match &test.value {
            // Text sorts by its bytes, so what begins alike stands together, and an index finds it.
            Value::Text(prefix) => {
                let end = format!("{prefix}{}", char::MAX);
                all.add(column.gte(prefix.as_str())).add(column.lt(end))
            }
            Value::Time(_) => all.add(column.eq(value)),
        },
    }
}

fn bound(value: &Value) -> sea_orm::Value {
    match value {
        Value::Text(text) => text.as_str().into(),
        Value::Time(at) => at.millis().into(),
    }
}
