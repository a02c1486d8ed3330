//! Texts that callers send.

use std::str::FromStr;

use chancery_domain::fault::Malformed;

use crate::status::Refusal;

/// Reads what has a form of its own: ids, values, algorithms.
pub(crate) fn read<T: FromStr<Err = Malformed>>(field: impl Into<String>, sent: &str) -> Result<T, Refusal> {
    sent.parse().map_err(|malformed| Refusal::malformed(field, &malformed))
}

/// The same where it need not be there.
pub(crate) fn optional<T: FromStr<Err = Malformed>>(field: &str, sent: &str) -> Result<Option<T>, Refusal> {
    if sent.is_empty() { Ok(None) } else { read(field, sent).map(Some) }
}

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
