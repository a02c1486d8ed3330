//! Answers as people and scripts read them.

mod json;
mod reflect;
mod table;
mod text;
mod view;

use clap::ValueEnum;
use serde_json::Value as Json;

pub(crate) use self::json::time as moment;
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
                let mut facts = text::facts(&message);
                facts.extend(
                    beside.iter().filter_map(|(key, value)| Some((text::label(key), printable(value.as_str()?)))),
                );
                table::facts(facts)
            }
            Self::Json => {
                let mut object = json::message(&message);
                for (key, value) in beside {
                    object[key] = value.clone();
                }
                pretty(&object)
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
                )
            }
            Self::Json => pretty(&messages.map(|message| json::message(&message)).collect()),
        }
    }

    /// Something that is done and leaves nothing to show: a sentence for people, an empty object for scripts.
    pub(crate) fn done(self, sentence: &str) -> String {
        match self {
            Self::Table => format!("{}\n", printable(sentence)),
            Self::Json => "{}\n".to_owned(),
        }
    }
}

/// A message in JSON, to be shown beside another.
pub(crate) fn to_json<T: View>(message: &T) -> Json {
    json::message(&reflect::message(message))
}

fn pretty(json: &Json) -> String {
    format!("{json:#}\n")
}

#[cfg(test)]
mod tests;
