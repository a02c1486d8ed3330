//! What a list is asked for: which rows, in which order, and which page of them.

mod filter;
#[cfg(test)]
mod tests;

use crate::{
    page::{Page, PageRequest},
    time::Timestamp,
};

pub use self::filter::{Filter, Relation, Test};

/// A field that a list can be filtered or ordered by: a closed set for each noun, all of them indexed.
pub trait Field: Copy + Eq + std::fmt::Debug + Send + Sync + 'static {
    /// Every field.
    const ALL: &'static [Self];

    /// Its name on the wire.
    fn name(self) -> &'static str;

    /// What its values are.
    fn kind(self) -> Kind;
}

/// What the values of a field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// The same, where not every row has one: so no order can be made of it.
    TextOrNone,
    /// Any text, compared in small letters.
    SmallText,
    /// The same, where not every row has one.
    SmallTextOrNone,
    /// One of these words.
    Label(&'static [&'static str]),
    /// A moment.
    Time,
    /// The same, where not every row has one.
    TimeOrNone,
}

impl Kind {
    /// Whether it is true or not.
    pub const FLAG: Self = Self::Label(&["true", "false"]);

    /// Whether every row has a value, so that an order can be made of it.
    #[must_use]
    pub const fn is_always(self) -> bool {
        match self {
            Self::Text | Self::SmallText | Self::Label(_) | Self::Time => true,
            Self::TextOrNone | Self::SmallTextOrNone | Self::TimeOrNone => false,
        }
    }
}

/// A value of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Text, or a label.
    Text(String),
    /// A moment.
    Time(Timestamp),
}

impl Value {
    /// A value of [`Kind::FLAG`].
    #[must_use]
    pub fn flag(is_so: bool) -> Self {
        Self::Text(is_so.to_string())
    }
}

/// In which order: by one field and then by the rows' own position, both in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order<F> {
    /// The field; none for the rows' own position alone.
    pub by: Option<F>,
    /// The largest first.
    pub descending: bool,
}

impl<F> Default for Order<F> {
    fn default() -> Self {
        Self { by: None, descending: false }
    }
}

/// One page of what a list is asked for.
#[derive(Clone, Debug)]
pub struct Query<F> {
    /// The page.
    pub page: PageRequest,
    /// Which rows; all without.
    pub filter: Option<Filter<F>>,
    /// In which order.
    pub order: Order<F>,
}

impl<F> From<PageRequest> for Query<F> {
    fn from(page: PageRequest) -> Self {
        Self { page, filter: None, order: Order::default() }
    }
}

/// Stands between the value and the row's own position: no text that is listed holds it.
const BETWEEN: char = '\u{1f}';

impl<F: Field> Query<F> {
    /// The position of a row, for the page that begins after it. `own` is the row's own position.
    pub fn position(&self, value: impl Fn(F) -> Option<Value>, own: &str) -> String {
        match self.order.by.map(value) {
            None => own.to_owned(),
            Some(value) => {
                let text = match value {
                    Some(Value::Text(text)) => text,
                    Some(Value::Time(at)) => at.millis().to_string(),
                    None => String::new(),
                };
                format!("{text}{BETWEEN}{own}")
            }
        }
    }

    /// After which value of the ordering field, and after which own position, the page begins. `None` for a position
    /// that no row can have.
    #[must_use]
    pub fn after(&self) -> Option<Option<(Option<Value>, &str)>> {
        let Some(after) = self.page.after.as_deref() else { return Some(None) };
        let Some(by) = self.order.by else { return Some(Some((None, after))) };
        let (value, own) = after.rsplit_once(BETWEEN)?;
        let value = match by.kind() {
            Kind::Text | Kind::TextOrNone | Kind::SmallText | Kind::SmallTextOrNone | Kind::Label(_) => {
                Value::Text(value.to_owned())
            }
            Kind::Time | Kind::TimeOrNone => Value::Time(Timestamp::from_millis(value.parse().ok()?)),
        };
        Some(Some((Some(value), own)))
    }

    /// The page of rows that are all in memory.
    pub fn of<T>(
        &self,
        rows: impl IntoIterator<Item = T>,
        value: impl Fn(&T, F) -> Option<Value>,
        own: impl Fn(&T) -> String,
    ) -> Page<T> {
        let wanted = |row: &T| self.filter.as_ref().is_none_or(|filter| filter.admits(&|field| value(row, field)));
        let mut rows: Vec<_> = rows.into_iter().filter(wanted).collect();
        let place = |row: &T| (self.order.by.and_then(|by| value(row, by)), own(row));
        rows.sort_by_cached_key(place);
        if self.order.descending {
            rows.reverse();
        }
        if let Some(Some((after, position))) = self.after() {
            let after = (after, position.to_owned());
            rows.retain(|row| if self.order.descending { place(row) < after } else { place(row) > after });
        }
        let size = usize::try_from(self.page.size.max(1)).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        let last = rows.last().filter(|_| more);
        let next = last.map(|row| self.position(|field| value(row, field), &own(row)));
        Page { rows, next }
    }
}

/// Declares the fields of a noun.
macro_rules! fields {
    ($(#[$doc:meta])* $visible:vis $name:ident { $($(#[$of:meta])* $field:ident = $text:literal: $kind:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $visible enum $name { $($(#[$of])* $field,)* }

        impl $crate::query::Field for $name {
            const ALL: &'static [Self] = &[$(Self::$field,)*];

            fn name(self) -> &'static str {
                match self { $(Self::$field => $text,)* }
            }

            fn kind(self) -> $crate::query::Kind {
                match self { $(Self::$field => $kind,)* }
            }
        }
    };
}

pub(crate) use fields;
