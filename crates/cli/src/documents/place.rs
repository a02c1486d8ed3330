//! Text with places: YAML (and JSON, which is YAML) as a tree that knows where everything stands.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

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
    /// Where it begins and ends, in characters from the beginning of the file.
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

/// Every document of a file.
pub(super) fn read(text: &str) -> Result<Vec<Node>, Wrong> {
    let mut parser = Parser::new_from_str(text);
    let mut documents = Vec::new();
    while let Some(next) = parser.next_event() {
        let (event, _) = next.map_err(|error| scan(&error))?;
        if let Event::DocumentStart(_) = event {
            let (event, span) = step(&mut parser)?;
            documents.push(node(&mut parser, event, span)?);
        }
    }
    // A file of comments alone is an empty scalar.
    documents.retain(|document| document.text() != Some(""));
    Ok(documents)
}

fn scan(error: &ScanError) -> Wrong {
    Wrong { place: place(*error.marker()), what: error.info().to_owned() }
}

fn place(at: Marker) -> Place {
    Place { line: at.line(), column: at.col() + 1 }
}

fn step<'a>(parser: &mut Parser<'a, saphyr_parser::StrInput<'a>>) -> Result<(Event<'a>, Span), Wrong> {
    match parser.next_event() {
        Some(next) => next.map_err(|error| scan(&error)),
        None => Err(Wrong { place: Place::default(), what: "ends too early".to_owned() }),
    }
}

fn node<'a>(parser: &mut Parser<'a, saphyr_parser::StrInput<'a>>, event: Event<'a>, span: Span) -> Result<Node, Wrong> {
    let at = place(span.start);
    let mut end = span.end.index();
    let data = match event {
        Event::Scalar(text, style, ..) => {
            let plain = matches!(style, ScalarStyle::Plain);
            let empty = plain && matches!(&*text, "~" | "null");
            Data::Scalar(if empty { String::new() } else { text.into_owned() }, plain)
        }
        Event::SequenceStart(..) => {
            let mut list = Vec::new();
            loop {
                let (event, span) = step(parser)?;
                if let Event::SequenceEnd = event {
                    end = end.max(span.end.index());
                    break Data::List(list);
                }
                let one = node(parser, event, span)?;
                end = end.max(one.span.1);
                list.push(one);
            }
        }
        Event::MappingStart(..) => {
            let mut fields: Vec<(Node, Node)> = Vec::new();
            loop {
                let (event, span) = step(parser)?;
                if let Event::MappingEnd = event {
                    end = end.max(span.end.index());
                    break Data::Map(fields);
                }
                let key = node(parser, event, span)?;
                let (event, span) = step(parser)?;
                let value = node(parser, event, span)?;
                if fields.iter().any(|(known, _)| known.text() == key.text()) {
                    let what = format!("`{}` stands here twice", key.text().unwrap_or_default());
                    return Err(Wrong { place: key.place, what });
                }
                end = end.max(value.span.1);
                fields.push((key, value));
            }
        }
        Event::Alias(_) => return Err(Wrong { place: at, what: "aliases are not read: write it out".to_owned() }),
        Event::Nothing
        | Event::StreamStart
        | Event::StreamEnd
        | Event::DocumentStart(_)
        | Event::DocumentEnd
        | Event::SequenceEnd
        | Event::MappingEnd => return Err(Wrong { place: at, what: "ends too early".to_owned() }),
    };
    Ok(Node { place: at, span: (span.start.index(), end), data })
}
