//! Bringing a file up to date without writing it anew: only what differs changes, and comments, order and spacing of the
//! rest stay.
//!
//! The file is walked with what it says and what it is to say, side by side. Everything is an edit of the text between two
//! places; edits are put together from the beginning of the file, so that the places are those of the file as it was.

use super::place::{Data, Node};
use super::tree::{self, List, Tree};

/// A stretch of the text, in characters, and what takes its place.
struct Edit {
    from: usize,
    to: usize,
    text: String,
}

/// The file that says this, with what is wanted in its place. Where the whole of it is in braces, as JSON is, that is
/// written anew.
pub(super) fn merged(text: &str, node: &Node, said: &Tree, wanted: &Tree) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let is_ended = text.ends_with('\n');
    let mut letters: Vec<char> = text.chars().collect();
    if !is_ended {
        letters.extend(newline.chars());
    }
    let mut merge = Merge { letters: &letters, edits: Vec::new() };
    if merge.is_flow(node) && said != wanted {
        merge.edit(node.span.0, node.span.1, format!("{:#}", wanted.to_json()));
    } else {
        merge.value(node, said, wanted);
    }
    let mut edits = merge.edits;
    edits.sort_by_key(|edit| edit.from);
    let mut merged = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        merged.extend(&letters[at.min(edit.from)..edit.from]);
        merged.push_str(&edit.text.replace('\n', newline));
        at = edit.to.max(at);
    }
    merged.extend(&letters[at..]);
    match merged.strip_suffix(newline) {
        Some(unended) if !is_ended => unended.to_owned(),
        Some(_) | None => merged,
    }
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

    /// Whether a list or fields are written in brackets.
    fn is_flow(&self, node: &Node) -> bool {
        matches!(self.letters.get(node.span.0), Some('[' | '{'))
    }

    fn value(&mut self, node: &Node, said: &Tree, wanted: &Tree) {
        match (&node.data, said, wanted) {
            (_, said, wanted) if said == wanted => {}
            (Data::Map(fields), said, Tree::Map(wanted)) if !self.is_flow(node) => self.fields(fields, said, wanted),
            (Data::List(list), Tree::List(said), Tree::List(wanted)) if !self.is_flow(node) => {
                self.list(list, said, wanted);
            }
            _ => self.edit(node.span.0, node.span.1, wanted.to_flow()),
        }
    }

    fn fields(&mut self, fields: &[(Node, Node)], said: &Tree, wanted: &[(String, Tree)]) {
        let Some((first, _)) = fields.first() else { return };
        let indent = first.place.column - 1;
        let mut behind = first.span.0;
        for (at, (key, value)) in fields.iter().enumerate() {
            let name = key.text().unwrap_or_default();
            behind = self.behind(key, value);
            match (said.get(name), wanted.iter().find(|(wanted, _)| wanted == name).map(|(_, wanted)| wanted)) {
                // What a file says and what goes without saying may be the same.
                (said, wanted) if said == wanted => {}
                (Some(said), Some(wanted)) if is_alike(key, value, said, wanted) => self.value(value, said, wanted),
                (_, Some(wanted)) => {
                    self.edit(key.span.0, behind, tree::field(name, wanted, indent).trim().to_owned());
                }
                (_, None) => {
                    let next = fields.get(at + 1).map(|(next, _)| next.span.0);
                    self.remove_field(key.span.0, behind, next);
                }
            }
        }
        let known = |name: &String| fields.iter().any(|(key, _)| key.text() == Some(name));
        let new = wanted.iter().filter(|(name, _)| !known(name));
        self.insert(behind, new.map(|(name, value)| tree::field(name, value, indent)).collect());
    }

    /// The end of a field: where it has no value, that of the colon.
    fn behind(&self, key: &Node, value: &Node) -> usize {
        if value.span.0 < value.span.1 {
            return value.span.1;
        }
        let colon = self.letters[key.span.1..].iter().position(|letter| *letter == ':');
        colon.map_or(key.span.1, |colon| key.span.1 + colon + 1)
    }

    fn list(&mut self, list: &[Node], said: &List, wanted: &List) {
        let Some(first) = list.first() else { return };
        // A dash and a space stand before each entry.
        let indent = first.place.column.saturating_sub(3);
        let mut behind = first.span.0;
        let mut left: Vec<&Tree> = wanted.entries.iter().collect();
        for (one, said) in list.iter().zip(&said.entries) {
            behind = one.span.1;
            match taken(&mut left, said) {
                Some(wanted) => self.value(one, said, wanted),
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
        if !text.is_empty() {
            let at = self.line_end(behind);
            self.edit(at, at, text);
        }
    }
}

/// Whether what a field says can become what is wanted by smaller edits.
fn is_alike(key: &Node, value: &Node, said: &Tree, wanted: &Tree) -> bool {
    match (&value.data, said, wanted) {
        (Data::Map(_), _, Tree::Map(wanted)) => !wanted.is_empty(),
        (Data::List(_), Tree::List(said), Tree::List(wanted)) => {
            !said.entries.is_empty() && !wanted.entries.is_empty() && keeps_order(said, wanted)
        }
        // What stands in lines of its own may be announced on that of its key.
        (Data::Scalar(..), _, wanted) => value.place.line == key.place.line && wanted.scalar().is_some(),
        (Data::Map(_) | Data::List(_), ..) => false,
    }
}

/// Whether a list is in order once what is gone is removed and what is new stands behind the rest.
fn keeps_order(said: &List, wanted: &List) -> bool {
    let mut left: Vec<&Tree> = wanted.entries.iter().collect();
    let mut kept: Vec<&Tree> = said.entries.iter().filter_map(|said| taken(&mut left, said)).collect();
    kept.extend(left);
    !wanted.is_ordered || kept.into_iter().eq(&wanted.entries)
}

/// The entry about the same thing, taken from those that are left.
fn taken<'a>(left: &mut Vec<&'a Tree>, said: &Tree) -> Option<&'a Tree> {
    let is_same = |wanted: &&Tree| match (said.name(), wanted.name()) {
        (None, None) => said == *wanted,
        (said, wanted) => said == wanted,
    };
    left.iter().position(is_same).map(|at| left.remove(at))
}
