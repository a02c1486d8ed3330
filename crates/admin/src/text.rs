//! Texts that people read.

use crate::status::Refusal;

/// Reads what something is called: at most 200 characters on one line.
pub(crate) fn display_name(field: &str, sent: &str) -> Result<String, Refusal> {
    line(field, sent, 200)
}

/// Reads a description: at most 1000 characters on one line.
pub(crate) fn description(field: &str, sent: &str) -> Result<String, Refusal> {
    line(field, sent, 1000)
}

fn line(field: &str, sent: &str, most: usize) -> Result<String, Refusal> {
    let text = sent.trim();
    if text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Refusal::field(field, format!("must be at most {most} characters without control characters")));
    }
    Ok(text.to_owned())
}
