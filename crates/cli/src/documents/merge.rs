//! Bringing a file up to date without writing it anew: only what differs changes, and comments, order and spacing of the
//! rest stay.
//!
//! Everything is an edit of the text between two places; edits are made from the end of the file, so that places before
//! them stay what they are.

use super::place::{Data, Node};
use super::tree::{self, Tree};

/// A stretch of the text, in characters, and what takes its place.
struct Edit {
    from: usize,
    to: usize,
    text: String,
}

/// The file with what the tree says. Written anew where the file does not have the form of blocks that documents are
/// exported in.
pub(super) fn merged(text: &str, node: &Node, wanted: &Tree) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut merge = Merge { letters: &letters, edits: Vec::new() };
    merge.value(node, wanted);
    let mut edits = merge.edits;
    edits.sort_by_key(|edit| edit.from);
    let mut merged = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        merged.extend(&letters[at.min(edit.from)..edit.from]);
        merged.push_str(&edit.text);
        at = edit.to.max(at);
    }
    merged.extend(&letters[at..]);
    merged
}

struct Merge<'a> {
    letters: &'a [char],
    edits: Vec<Edit>,
}

impl Merge<'_> {
    fn edit(&mut self, from: usize, to: usize, text: String) {
        self.edits.push(Edit { from, to, text });
    }

    /// The beginning of the line that a place is in.
    fn line_start(&self, at: usize) -> usize {
        self.letters[..at].iter().rposition(|letter| *letter == '\n').map_or(0, |before| before + 1)
    }

    /// The beginning of the next line behind a place.
    fn line_end(&self, at: usize) -> usize {
        self.letters[at..].iter().position(|letter| *letter == '\n').map_or(self.letters.len(), |next| at + next + 1)
    }

    /// Whether a list or fields are written in brackets, on one line.
    fn is_flow(&self, node: &Node) -> bool {
        matches!(self.letters.get(node.span.0), Some('[' | '{'))
    }

    fn value(&mut self, node: &Node, wanted: &Tree) {
        match (&node.data, wanted) {
            (Data::Map(fields), Tree::Map(tree)) if !self.is_flow(node) => self.fields(fields, tree),
            (Data::List(list), Tree::List(tree)) if !self.is_flow(node) && !list.is_empty() => self.list(list, tree),
            _ => {
                if !same(node, wanted)
                    && let Some(scalar) = flow(wanted)
                {
                    self.edit(node.span.0, self.end_of_any(node), scalar);
                }
            }
        }
    }

    /// The end of a value in brackets is behind them.
    fn end_of_any(&self, node: &Node) -> usize {
        if self.is_flow(node) { node.span.1 } else { end_of(node) }
    }

    fn fields(&mut self, fields: &[(Node, Node)], tree: &[(String, Tree)]) {
        let Some((first, _)) = fields.first() else { return };
        let indent = first.place.column - 1;
        let mut behind = first.span.0;
        for (at, (key, value)) in fields.iter().enumerate() {
            let wanted = tree.iter().find(|(name, _)| key.text() == Some(name)).map(|(_, value)| value);
            behind = self.end_of_any(value).max(key.span.1);
            match wanted {
                Some(wanted) if same(value, wanted) => {}
                Some(wanted) if is_alike(value, wanted) => self.value(value, wanted),
                Some(wanted) => {
                    let written = tree::field(key.text().unwrap_or_default(), wanted, indent);
                    self.edit(key.span.0, behind, written.trim().to_owned());
                }
                // What a file says and what goes without saying may be the same.
                None if is_idle(value) => {}
                None => {
                    let next = fields.get(at + 1).map(|(next, _)| next.span.0);
                    self.remove_field(key.span.0, behind, next);
                }
            }
        }
        let known = |name: &String| fields.iter().any(|(key, _)| key.text() == Some(name));
        let new: String =
            tree.iter().filter(|(name, _)| !known(name)).map(|(name, it)| tree::field(name, it, indent)).collect();
        self.insert(behind, new);
    }

    fn list(&mut self, list: &[Node], tree: &[Tree]) {
        let Some(first) = list.first() else { return };
        // A dash and a space stand before each entry.
        let indent = first.place.column.saturating_sub(3);
        let mut behind = first.span.0;
        let mut left: Vec<&Tree> = tree.iter().collect();
        for one in list {
            behind = self.end_of_any(one);
            match left.iter().position(|wanted| is_the_same_thing(one, wanted)) {
                Some(at) => self.value(one, left.remove(at)),
                None => self.remove(one.span.0, behind),
            }
        }
        self.insert(behind, left.into_iter().map(|one| tree::item(one, indent)).collect());
    }

    /// Whole lines go, with the dash before an entry.
    fn remove(&mut self, from: usize, to: usize) {
        let (from, to) = (self.line_start(from), self.line_end(to));
        self.edit(from, to, String::new());
    }

    /// A field goes; where it is the first of an entry of a list, the dash stays for the next.
    fn remove_field(&mut self, from: usize, to: usize, next: Option<usize>) {
        let dashed = self.letters[self.line_start(from)..from].contains(&'-');
        match next {
            Some(next) if dashed => self.edit(from, next, String::new()),
            Some(_) | None => self.remove(from, to),
        }
    }

    /// New lines behind the one that a place is in.
    fn insert(&mut self, behind: usize, text: String) {
        if text.is_empty() {
            return;
        }
        let at = self.line_end(behind);
        let broken = at > 0 && self.letters[at - 1] != '\n';
        self.edit(at, at, if broken { format!("\n{text}") } else { text });
    }
}

/// The end of what stands at a place, without white space and comments that belong to what follows.
fn end_of(node: &Node) -> usize {
    match &node.data {
        Data::Scalar(..) => node.span.1,
        Data::List(list) => list.last().map_or(node.span.1, end_of),
        Data::Map(fields) => fields.last().map_or(node.span.1, |(_, last)| end_of(last).max(node.span.0)),
    }
}

/// Whether the two are of one form, so that one can become the other by smaller edits.
fn is_alike(node: &Node, wanted: &Tree) -> bool {
    match (&node.data, wanted) {
        (Data::Map(fields), Tree::Map(tree)) => !fields.is_empty() && !tree.is_empty(),
        (Data::List(list), Tree::List(tree)) => !list.is_empty() && !tree.is_empty(),
        (Data::Scalar(text, _), wanted) => !text.is_empty() && wanted.scalar().is_some(),
        (Data::Map(_) | Data::List(_), _) => false,
    }
}

/// Whether an entry of a file and one of the tree are about one thing.
fn is_the_same_thing(node: &Node, wanted: &Tree) -> bool {
    match (node.field("name").and_then(|(_, name)| name.text()), wanted.name()) {
        (Some(given), Some(wanted)) => crate::name::id(given) == wanted,
        (None, None) => same(node, wanted),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether a value holds what one that is left out holds.
fn is_idle(node: &Node) -> bool {
    match &node.data {
        Data::Scalar(text, plain) => text.is_empty() || (*plain && matches!(text.as_str(), "false" | "0")),
        Data::List(list) => list.is_empty(),
        Data::Map(fields) => fields.iter().all(|(_, value)| is_idle(value)),
    }
}

fn same(node: &Node, wanted: &Tree) -> bool {
    match (&node.data, wanted) {
        (Data::Scalar(text, _), Tree::Text(wanted)) => {
            text == wanted || is_name(text, wanted) || is_one_span(text, wanted) || is_word(text, wanted)
        }
        (Data::Scalar(text, _), Tree::Flag(flag)) => *text == flag.to_string(),
        (Data::Scalar(text, _), Tree::Number(number)) => text == number,
        (Data::Scalar(text, _), Tree::List(tree)) => text.is_empty() && tree.is_empty(),
        (Data::Scalar(text, _), Tree::Map(tree)) => text.is_empty() && tree.is_empty(),
        (Data::List(list), Tree::List(tree)) => {
            list.len() == tree.len() && list.iter().zip(tree).all(|(node, tree)| same(node, tree))
        }
        (Data::Map(fields), Tree::Map(tree)) => {
            let there = |(name, wanted): &(String, Tree)| {
                fields.iter().any(|(key, value)| key.text() == Some(name) && same(value, wanted))
            };
            let known =
                |(key, value): &(Node, Node)| is_idle(value) || tree.iter().any(|(name, _)| key.text() == Some(name));
            tree.iter().all(there) && fields.iter().all(known)
        }
        (Data::List(_) | Data::Map(_), _) => false,
    }
}

/// A whole name says what an id says.
fn is_name(text: &str, wanted: &str) -> bool {
    text.starts_with("tenants/") && crate::name::id(text) == wanted
}

/// `60m` is `1h`.
fn is_one_span(text: &str, wanted: &str) -> bool {
    matches!((crate::duration::parse(text), crate::duration::parse(wanted)), (Ok(one), Ok(other)) if one == other)
}

/// `KIND_WEB` is `web`.
fn is_word(text: &str, wanted: &str) -> bool {
    text.len() > wanted.len()
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && text.to_ascii_lowercase().ends_with(&format!("_{wanted}"))
}

/// A value on one line.
fn flow(wanted: &Tree) -> Option<String> {
    match wanted {
        Tree::List(list) => Some(format!("[{}]", list.iter().map(flow).collect::<Option<Vec<_>>>()?.join(", "))),
        Tree::Map(fields) => {
            let field = |(name, value): &(String, Tree)| Some(format!("{name}: {}", flow(value)?));
            Some(format!("{{{}}}", fields.iter().map(field).collect::<Option<Vec<_>>>()?.join(", ")))
        }
        // In brackets a comma would end a plain text.
        Tree::Text(text) if text.contains([',', '[', ']', '{', '}']) => {
            Some(serde_json::Value::from(text.as_str()).to_string())
        }
        Tree::Text(_) | Tree::Flag(_) | Tree::Number(_) => wanted.scalar(),
    }
}
