//! Parts of documents that are written by the program itself, between two marks.

use std::path::Path;
use std::{env, fs};

/// Holds the part of that name in a document against its text. With `UPDATE_REFERENCES` set, writes it instead.
///
/// # Panics
/// When the document has no such part, or when the part is not current.
pub fn hold(document: &Path, part: &str, text: &str) {
    let shown = document.display();
    let whole = fs::read_to_string(document).unwrap_or_else(|fault| panic!("{shown}: {fault}"));
    let (begin, end) = (format!("<!-- generated: {part} -->\n"), format!("<!-- end of {part} -->"));
    let (before, rest) = whole.split_once(&begin).unwrap_or_else(|| panic!("{shown} has no {begin}"));
    let (kept, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{shown} has no {end}"));
    let current = format!("\n{}\n\n", text.trim());
    if kept == current {
        return;
    }
    assert!(env::var_os("UPDATE_REFERENCES").is_some(), "{shown} is not current: run `just references`");
    fs::write(document, format!("{before}{begin}{current}{end}{after}"))
        .unwrap_or_else(|fault| panic!("{shown}: {fault}"));
}

#[cfg(test)]
mod tests {
    use super::hold;

    #[test]
    #[should_panic(expected = "is not current")]
    fn what_is_not_current_is_found() {
        let file = env!("CARGO_MANIFEST_DIR").to_owned() + "/src/reference/outdated.md";
        hold(file.as_ref(), "words", "new words");
    }

    #[test]
    fn what_is_current_is_let_be() {
        let file = env!("CARGO_MANIFEST_DIR").to_owned() + "/src/reference/outdated.md";
        hold(file.as_ref(), "words", "old words");
    }
}
