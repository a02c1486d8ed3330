//! From YAML, and from JSON, which is YAML, to a tree with places.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput};
use serde::de::IgnoredAny;

use super::place::{Data, Node, Place, Wrong};

/// The length of a letter that JSON writes as two halves, such as `\ud83d\ude00`.
const PAIR: usize = 12;

/// Every document of a file.
pub(super) fn read(text: &str) -> Result<Vec<Node>, Wrong> {
    let (joined, pairs) = joined(text);
    let mut source = Source { parser: Parser::new_from_str(&joined), letters: text.chars().collect(), pairs };
    let mut documents = Vec::new();
    while let Some((event, _)) = source.next()? {
        if let Event::DocumentStart(_) = event {
            let (event, span) = source.step()?;
            documents.push(source.node(event, span)?);
        }
    }
    // A file of comments alone is an empty scalar.
    documents.retain(|document| document.text() != Some(""));
    Ok(documents)
}

/// JSON with each pair of halves as the one letter that it stands for, and where in the outcome those are: YAML has no
/// halves.
fn joined(text: &str) -> (Cow<'_, str>, Vec<usize>) {
    if !text.contains(r"\u") || serde_json::from_str::<IgnoredAny>(text).is_err() {
        return (Cow::Borrowed(text), Vec::new());
    }
    let (mut joined, mut pairs) = (String::with_capacity(text.len()), Vec::new());
    let (mut rest, mut at) = (text, 0);
    while let Some(before) = rest.find('\\') {
        let (plain, escape) = rest.split_at(before);
        joined.push_str(plain);
        at += plain.chars().count();
        let taken = if let Some(letter) = pair(escape) {
            joined.push(letter);
            pairs.push(at);
            at += 1;
            PAIR
        } else {
            // With the letter behind it, which may be such a stroke itself.
            joined.push_str(&escape[..2]);
            at += 2;
            2
        };
        rest = &escape[taken..];
    }
    joined.push_str(rest);
    (Cow::Owned(joined), pairs)
}

fn pair(escape: &str) -> Option<char> {
    let half = |at: usize| u16::from_str_radix(escape.get(at..at + PAIR / 2)?.strip_prefix(r"\u")?, 16).ok();
    let mut letters = char::decode_utf16([half(0)?, half(PAIR / 2)?]);
    let letter = letters.next()?.ok()?;
    letters.next().is_none().then_some(letter)
}

struct Source<'a> {
    parser: Parser<'a, StrInput<'a>>,
    /// The text as it is in the file.
    letters: Vec<char>,
    /// Where the parser meets one letter and the file has a pair.
    pairs: Vec<usize>,
}

impl<'a> Source<'a> {
    /// The place in the file of what the parser means, in characters from its beginning.
    fn index(&self, at: usize) -> usize {
        at + (PAIR - 1) * self.pairs.partition_point(|pair| *pair < at)
    }

    fn place(&self, at: Marker) -> Place {
        let line_start = self.index(at.index() - at.col());
        Place { line: at.line(), column: self.index(at.index()) - line_start + 1 }
    }

    fn wrong(&self, error: &ScanError) -> Wrong {
        Wrong { place: self.place(*error.marker()), what: error.info().to_owned() }
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Wrong> {
        self.parser.next_event().transpose().map_err(|error| self.wrong(&error))
    }

    fn step(&mut self) -> Result<(Event<'a>, Span), Wrong> {
        let ends = || Wrong { place: Place::default(), what: "ends too early".to_owned() };
        self.next()?.ok_or_else(ends)
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Wrong> {
        let (place, start) = (self.place(span.start), self.index(span.start.index()));
        let is_flow = matches!(self.letters.get(start), Some('[' | '{'));
        let around = |source: &Self, last: Option<&Node>| match (is_flow, last) {
            (true, last) => source.behind_bracket(last.map_or(start + 1, |last| last.span.1)),
            (false, last) => last.map_or(start, |last| last.span.1),
        };
        let (data, end) = match event {
            Event::Scalar(text, style, ..) => {
                let plain = matches!(style, ScalarStyle::Plain);
                let empty = plain && matches!(&*text, "~" | "null");
                let text = if empty { String::new() } else { text.into_owned() };
                (Data::Scalar(text, plain), self.end_of_scalar(style, start, self.index(span.end.index())))
            }
            Event::SequenceStart(..) => {
                let list = self.list()?;
                let end = around(self, list.last());
                (Data::List(list), end)
            }
            Event::MappingStart(..) => {
                let fields = self.fields()?;
                let end = around(self, fields.last().map(|(_, last)| last));
                (Data::Map(fields), end)
            }
            Event::Alias(_) => return Err(Wrong { place, what: "aliases are not read: write it out".to_owned() }),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(Wrong { place, what: "ends too early".to_owned() }),
        };
        Ok(Node { place, span: (start, end), data })
    }

    fn list(&mut self) -> Result<Vec<Node>, Wrong> {
        let mut list = Vec::new();
        loop {
            match self.step()? {
                (Event::SequenceEnd, _) => return Ok(list),
                (event, span) => list.push(self.node(event, span)?),
            }
        }
    }

    fn fields(&mut self) -> Result<Vec<(Node, Node)>, Wrong> {
        let mut fields: Vec<(Node, Node)> = Vec::new();
        loop {
            let (event, span) = self.step()?;
            if let Event::MappingEnd = event {
                return Ok(fields);
            }
            let key = self.node(event, span)?;
            let (event, span) = self.step()?;
            let value = self.node(event, span)?;
            if fields.iter().any(|(known, _)| known.text() == key.text()) {
                let what = format!("`{}` stands here twice", key.text().unwrap_or_default());
                return Err(Wrong { place: key.place, what });
            }
            fields.push((key, value));
        }
    }

    /// The parser counts what follows on the line to a text in quotes, and lines that follow to one in lines of its own.
    fn end_of_scalar(&self, style: ScalarStyle, start: usize, end: usize) -> usize {
        match style {
            ScalarStyle::Plain => end,
            ScalarStyle::SingleQuoted => self.behind_quote(start, '\''),
            ScalarStyle::DoubleQuoted => self.behind_quote(start, '"'),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let last = self.letters[start..end].iter().rposition(|letter| !letter.is_whitespace());
                last.map_or(start, |last| start + last + 1)
            }
        }
    }

    fn behind_quote(&self, start: usize, quote: char) -> usize {
        let mut letters = (start..).zip(&self.letters[start..]).skip_while(|(_, letter)| **letter != quote).skip(1);
        while let Some((at, letter)) = letters.next() {
            match (*letter, self.letters.get(at + 1)) {
                ('\\', _) if quote == '"' => letters.next(),
                ('\'', Some('\'')) if quote == '\'' => letters.next(),
                (letter, _) if letter == quote => return at + 1,
                _ => continue,
            };
        }
        self.letters.len()
    }

    /// Behind the bracket that follows: between it and what it holds are white space, commas and comments.
    fn behind_bracket(&self, from: usize) -> usize {
        let mut letters = (from..).zip(&self.letters[from..]);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '#' => drop(letters.find(|(_, letter)| **letter == '\n')),
                ']' | '}' => return at + 1,
                _ => {}
            }
        }
        self.letters.len()
    }
}
