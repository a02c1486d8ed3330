//! Answers as people and scripts read them.

mod json;
mod reflect;
mod table;
mod terminal;
mod text;
mod view;

use clap::ValueEnum;
use serde_json::Value as Json;

pub(crate) use self::terminal::width;
pub(crate) use self::text::printable;
pub(crate) use self::view::View;

/// The form of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Tables, for people.
    #[default]
    Table,
    /// JSON in the form of protocol buffers, for scripts.
    Json,
    /// The same as YAML.
    Yaml,
}

impl Output {
    /// One resource.
    pub(crate) fn one<T: View>(self, resource: &T) -> String {
        self.one_with(resource, &[])
    }

    /// One resource, and things beside it that are told this once, such as a secret.
    pub(crate) fn one_with<T: View>(self, resource: &T, beside: &[(&str, Json)]) -> String {
        let message = reflect::message(resource);
        match self {
            Self::Table => {
                let told = beside.iter().filter_map(|(key, value)| Some((*key, printable(value.as_str()?))));
                let (secret, more): (Vec<_>, Vec<_>) = told.partition(|(key, _)| *key == "secret");
                let mut facts = text::facts(&message);
                facts.extend(more.into_iter().map(|(key, value)| (text::label(key), value)));
                let once = secret.into_iter().map(|(_, secret)| format!("\nsecret  {secret}\n{ONCE}\n"));
                once.fold(table::facts(facts), |facts, secret| facts + &secret)
            }
            Self::Json | Self::Yaml => {
                let mut object = json::message(&message);
                for (key, value) in beside {
                    object[key] = value.clone();
                }
                self.document(&object)
            }
        }
    }

    /// Resources of one kind.
    pub(crate) fn many<T: View>(self, resources: &[T]) -> String {
        let messages = resources.iter().map(reflect::message);
        match self {
            Self::Table if resources.is_empty() => "none\n".to_owned(),
            Self::Table => {
                let heads = T::COLUMNS.iter().map(|column| text::label(column));
                table::rows(
                    heads,
                    messages.map(|message| T::COLUMNS.iter().map(|it| text::cell(&message, it)).collect()),
                    width(),
                )
            }
            Self::Json | Self::Yaml => self.document(&messages.map(|message| json::message(&message)).collect()),
        }
    }

    /// Something that is done and leaves nothing to show: a sentence for people, an empty object for scripts.
    pub(crate) fn done(self, sentence: &str) -> String {
        match self {
            Self::Table => format!("{}\n", printable(sentence)),
            Self::Json | Self::Yaml => "{}\n".to_owned(),
        }
    }

    /// Something of our own that is no message, as an object: those of its fields, in this order, that say something.
    pub(crate) fn facts_of(self, fields: &[&str], object: &Json) -> String {
        match self {
            Self::Table => {
                let said = fields.iter().map(|field| (text::label(field), text::word_of(&object[*field])));
                table::facts(said.filter(|(_, value)| !value.is_empty()).collect())
            }
            Self::Json | Self::Yaml => self.document(object),
        }
    }

    /// Things of our own that are no messages, in a table with those fields as columns.
    pub(crate) fn rows_of(self, fields: &[&str], objects: &[Json]) -> String {
        match self {
            Self::Table if objects.is_empty() => "none\n".to_owned(),
            Self::Table => {
                let cell = |object: &Json, field: &str| match text::word_of(&object[field]) {
                    empty if empty.is_empty() => "-".to_owned(),
                    word => word,
                };
                let row = |object: &Json| fields.iter().map(|field| cell(object, field)).collect();
                table::rows(fields.iter().map(|field| text::label(field)), objects.iter().map(row), width())
            }
            Self::Json | Self::Yaml => self.document(&objects.into()),
        }
    }

    /// A value for scripts: YAML if that was asked for, else JSON.
    #[must_use]
    pub fn document(self, value: &Json) -> String {
        match self {
            Self::Yaml => yaml(value),
            Self::Json | Self::Table => format!("{value:#}\n"),
        }
    }
}

/// Stands under a secret.
const ONCE: &str = "It is shown this once: keep it where nobody else can read it.";

/// A message in JSON, to be shown beside another.
pub(crate) fn to_json<T: View>(message: &T) -> Json {
    json::message(&reflect::message(message))
}

/// The paths of the fields that an update can make empty.
pub(crate) fn clearable<T: View>() -> Vec<String> {
    reflect::clearable(&reflect::descriptor(T::MESSAGE))
}

/// Texts stay on one line: who looks for a word finds it.
fn yaml(value: &Json) -> String {
    let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
    serde_saphyr::to_string_with_options(value, options).expect("what JSON can say, YAML can")
}

#[cfg(test)]
mod tests;
