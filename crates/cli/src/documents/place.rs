//! Text with places: a tree that knows where everything stands.

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The line.
    pub(super) line: usize,
    /// The column, in characters.
    pub(super) column: usize,
}

/// Something wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Where.
    pub(super) place: Place,
    /// What.
    pub(super) what: String,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where it begins.
    pub(super) place: Place,
    /// Where it begins and ends, in characters from the beginning of the file. White space and comments behind it are no
    /// part of it; of a text in lines of its own, what announces it (`>-`) is none either.
    pub(super) span: (usize, usize),
    /// What it is.
    pub(super) data: Data,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Data {
    /// A word or a text; whether it is plain, and so may be a number or a flag.
    Scalar(String, bool),
    /// A list.
    List(Vec<Node>),
    /// Fields with their keys.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(text, _) => Some(text),
            Data::List(_) | Data::Map(_) => None,
        }
    }

    /// The key and the value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&(Node, Self)> {
        match &self.data {
            Data::Map(fields) => fields.iter().find(|(key, _)| key.text() == Some(name)),
            Data::Scalar(..) | Data::List(_) => None,
        }
    }

    /// Where a path of the contract lies, such as `clients[2].redirect_uris[0]`, or the nearest thing around it.
    pub(super) fn find(&self, path: &str) -> Place {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let (name, index) = first.split_once('[').unwrap_or((first, ""));
        let Some((key, value)) = self.field(name) else { return self.place };
        let value = match (&value.data, index.trim_end_matches(']').parse::<usize>()) {
            (Data::List(list), Ok(at)) => list.get(at).unwrap_or(value),
            (Data::List(_) | Data::Map(_) | Data::Scalar(..), _) => value,
        };
        match (rest.is_empty(), index.is_empty()) {
            (true, true) => key.place,
            (true, false) => value.place,
            (false, _) => value.find(rest),
        }
    }
}
