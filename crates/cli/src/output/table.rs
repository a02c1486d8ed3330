//! Columns without lines between them, so that `awk` and `cut` can read them too.

use comfy_table::{ContentArrangement, Table, presets};

/// Rows under heads in capitals.
pub(super) fn rows(heads: impl Iterator<Item = String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = bare();
    table.set_header(heads.map(|head| head.to_uppercase()));
    table.add_rows(rows);
    finish(&table)
}

/// Labels and values, one pair to a line.
pub(super) fn facts(facts: Vec<(String, String)>) -> String {
    let mut table = bare();
    table.add_rows(facts.into_iter().map(|(label, value)| [label, value]));
    finish(&table)
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// Cells are padded by one space on each side: the first one goes, the ones at the ends of lines too.
fn finish(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text
}
