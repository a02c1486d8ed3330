//! What a list is asked for, as SQL.

use chancery_domain::{
    fault::Fault,
    query::{Field, Filter, Query, Relation, Test, Value},
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
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

/// The page of rows that is asked for, and one row more to tell whether there are others. `own` is the column of the
/// rows' own position, and `read` turns a position into its value.
pub(crate) fn asked<E: Listed>(
    select: Select<E>,
    query: &Query<E::Field>,
    own: E::Column,
    read: impl FnOnce(&str) -> Result<sea_orm::Value, Fault>,
) -> Result<Select<E>, Fault> {
    let order = if query.order.descending { Order::Desc } else { Order::Asc };
    let mut select = select.limit(page_limit(&query.page));
    if let Some(filter) = &query.filter {
        select = select.filter(condition::<E>(filter));
    }
    let after = query.after().ok_or_else(|| Fault::bug("a page begins after a position that no row has"))?;
    if let Some((value, position)) = after {
        let position = read(position)?;
        select = select.filter(match (query.order.by, value) {
            (Some(by), Some(value)) => {
                let place = Expr::tuple([Expr::col(E::column(by)), Expr::col(own)]);
                let last = Expr::tuple([Expr::val(bound(&value)), Expr::val(position)]);
                Condition::all().add(if query.order.descending { place.lt(last) } else { place.gt(last) })
            }
            _ if query.order.descending => Condition::all().add(own.lt(position)),
            _ => Condition::all().add(own.gt(position)),
        });
    }
    if let Some(by) = query.order.by {
        select = select.order_by(E::column(by), order.clone());
    }
    Ok(select.order_by(own, order))
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
