//! The file as a flat map from dotted names to values, each with its place.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    str::FromStr,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    fault::{ConfigFault, Place},
    restricted,
};

/// Variables that belong to the commands and not to the configuration.
const NOT_CONFIGURATION: &[&str] =
    &["CHANCERY_CONFIG", "CHANCERY_ADMIN_URL", "CHANCERY_ADMIN_KEY", "CHANCERY_ADMIN_KEY_FILE", "CHANCERY_CA_FILE"];

/// One value.
#[derive(Clone, Debug)]
struct Leaf {
    text: String,
    place: Place,
}

/// All values, which names were asked for, and what was found wrong.
pub(super) struct Leaves {
    values: BTreeMap<String, Leaf>,
    asked: BTreeSet<String>,
    faults: Vec<ConfigFault>,
}

impl Leaves {
    /// Reads the text of the file.
    pub(super) fn read(text: &str) -> Result<Self, Vec<ConfigFault>> {
        let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let fault = |error: toml::de::Error| ConfigFault {
                place: error.span().map_or(Place::File, |span| Place::Line(line_of(span.start))),
                what: error.message().to_owned(),
            };
            return Err(errors.into_iter().map(fault).collect());
        }
        let mut leaves = BTreeMap::new();
        flatten(table.get_ref(), "", &line_of, &mut leaves);
        Ok(Self { values: leaves, asked: BTreeSet::new(), faults: Vec::new() })
    }

    /// Lays environment variables over the file: `CHANCERY_HTTP__LISTEN` over `http.listen`.
    pub(super) fn overlay(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        for (name, text) in environment {
            let Some(path) = name.strip_prefix("CHANCERY_") else { continue };
            if NOT_CONFIGURATION.contains(&name.as_str()) {
                continue;
            }
            let path = path.to_ascii_lowercase().replace("__", ".");
            self.values.insert(path, Leaf { text, place: Place::Environment(name) });
        }
    }

    /// The value of that name, if there is one. A value of the wrong form is noted and counts as absent.
    pub(super) fn optional<T>(&mut self, path: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.optional_by(path, |text| text.parse::<T>().map_err(|error| error.to_string()))
    }

    /// The same, read by a function of the caller's.
    pub(super) fn optional_by<T>(&mut self, path: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.asked.insert(path.to_owned());
        let leaf = self.values.get(path)?.clone();
        read(&leaf.text)
            .map_err(|what| self.faults.push(ConfigFault { place: leaf.place, what: format!("{path}: {what}") }))
            .ok()
    }

    /// The value of that name as it stands, which counts as asked for.
    pub(super) fn text(&mut self, path: &str) -> Option<String> {
        self.asked.insert(path.to_owned());
        self.values.get(path).map(|leaf| leaf.text.clone())
    }

    /// The value of that name; its absence is noted.
    pub(super) fn required_by<T>(
        &mut self,
        path: &str,
        why: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if !self.values.contains_key(path) {
            self.asked.insert(path.to_owned());
            self.missing(path, why);
            return None;
        }
        self.optional_by(path, read)
    }

    /// A secret: `path` as it stands, or the first line of the file that `path_file` names.
    fn secret(&mut self, path: &str) -> Option<String> {
        let from_file = self.optional_by(&format!("{path}_file"), restricted::first_line);
        let value = self.optional::<String>(path);
        if value.is_some() && from_file.is_some() {
            self.fault_at(path, "give either the value or the file, not both");
        }
        value.or(from_file)
    }

    /// The same; that neither is given is noted.
    pub(super) fn required_secret(&mut self, path: &str, why: &str) -> Option<String> {
        if !self.has(path) {
            self.missing(path, why);
        }
        self.secret(path)
    }

    /// Whether something of that name or below it was given.
    pub(super) fn has(&self, prefix: &str) -> bool {
        self.values
            .keys()
            .any(|path| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_'])))
    }

    /// Notes that a value does not do.
    pub(super) fn fault_at(&mut self, path: &str, what: &str) {
        let place = self.values.get(path).map_or(Place::File, |leaf| leaf.place.clone());
        self.faults.push(ConfigFault { place, what: format!("{path}: {what}") });
    }

    /// Notes that a value is missing.
    pub(super) fn missing(&mut self, path: &str, why: &str) {
        self.faults.push(ConfigFault { place: Place::File, what: format!("{path} is missing: {why}") });
    }

    /// Everything that is wrong, names that nobody asked for included.
    pub(super) fn finish(mut self) -> Vec<ConfigFault> {
        for (path, leaf) in &self.values {
            if self.asked.contains(path) {
                continue;
            }
            let near = self.asked.iter().min_by_key(|known| strsim::damerau_levenshtein(known, path));
            let hint = match near {
                Some(known) if strsim::damerau_levenshtein(known, path) <= path.len() / 2 => {
                    format!("unknown name {path}; did you mean {known}?")
                }
                _ => format!("unknown name {path}"),
            };
            self.faults.push(ConfigFault { place: leaf.place.clone(), what: hint });
        }
        self.faults
    }
}

fn flatten(table: &DeTable<'_>, prefix: &str, line_of: &impl Fn(usize) -> usize, leaves: &mut BTreeMap<String, Leaf>) {
    for (name, value) in table {
        let path = join(prefix, name.get_ref());
        flatten_value(value, &path, name.span().start, line_of, leaves);
    }
}

fn flatten_value(
    value: &Spanned<DeValue<'_>>,
    path: &str,
    at: usize,
    line_of: &impl Fn(usize) -> usize,
    leaves: &mut BTreeMap<String, Leaf>,
) {
    let mut leaf = |text: String| {
        leaves.insert(path.to_owned(), Leaf { text, place: Place::Line(line_of(at)) });
    };
    match value.get_ref() {
        DeValue::String(text) => leaf(text.to_string()),
        DeValue::Integer(number) => leaf(number.to_string()),
        DeValue::Float(number) => leaf(number.to_string()),
        DeValue::Boolean(yes) => leaf(yes.to_string()),
        DeValue::Datetime(moment) => leaf(moment.to_string()),
        DeValue::Table(table) => flatten(table, path, line_of, leaves),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten_value(item, &format!("{path}.{index}"), item.span().start, line_of, leaves);
            }
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
