//! Columns without lines between them, so that `awk` and `cut` can read them too.

use std::iter;

use comfy_table::{ContentArrangement, Table, presets};

/// What lies between two columns.
const GAP: usize = 2;
/// The fewest letters that a cell is cut down to.
const NARROWEST: usize = 8;
/// Stands for what is left out.
const MORE: &str = "…";

/// Rows under heads in capitals. Where they are wider than the screen, the longest texts are cut and, if that does not do,
/// the last columns are left out. Ids and times stay whole, and everything where there is no screen.
pub(super) fn rows(
    heads: impl Iterator<Item = String>,
    rows: impl Iterator<Item = Vec<String>>,
    screen: Option<usize>,
) -> String {
    let mut lines: Vec<Vec<String>> = iter::once(heads.map(|head| head.to_uppercase()).collect()).chain(rows).collect();
    if let Some(screen) = screen {
        fit(&mut lines, screen);
    }
    let mut table = bare();
    table.add_rows(lines);
    finish(&table)
}

/// Labels and values, one pair to a line.
pub(super) fn facts(facts: Vec<(String, String)>) -> String {
    let mut table = bare();
    table.add_rows(facts.into_iter().map(|(label, value)| [label, value]));
    finish(&table)
}

fn fit(lines: &mut [Vec<String>], screen: usize) {
    let heads = lines.first().cloned().unwrap_or_default();
    let longest = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let mut widths: Vec<usize> = (0..heads.len()).map(longest).collect();
    let may_be_cut = |column: usize| column > 0 && !heads[column].ends_with("TIME");
    let least = |column: usize, width: usize| if may_be_cut(column) { width.min(NARROWEST) } else { width };
    let least: Vec<usize> = widths.iter().enumerate().map(|(column, width)| least(column, *width)).collect();
    let whole = |widths: &[usize]| {
        let more = if widths.len() < heads.len() { GAP + MORE.chars().count() } else { 0 };
        widths.iter().map(|width| width + GAP).sum::<usize>().saturating_sub(GAP) + more
    };
    while whole(&least[..widths.len()]) > screen && widths.len() > 1 {
        widths.pop();
    }
    while whole(&widths) > screen {
        let wide = (0..widths.len()).filter(|column| widths[*column] > least[*column]);
        let Some(widest) = wide.max_by_key(|column| widths[*column]) else { break };
        widths[widest] -= 1;
    }
    for line in lines.iter_mut() {
        line.truncate(widths.len());
        for (cell, width) in line.iter_mut().zip(&widths).filter(|(cell, width)| cell.chars().count() > **width) {
            *cell = cell.chars().take(width.saturating_sub(1)).chain(MORE.chars()).collect();
        }
    }
    if widths.len() < heads.len()
        && let Some(head) = lines.first_mut()
    {
        head.push(MORE.to_owned());
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(cells: &[&[&str]], screen: Option<usize>) -> String {
        let words = |line: &&[&str]| line.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (head, body) = cells.split_first().expect("heads");
        rows(words(head).into_iter(), body.iter().map(words), screen)
    }

    const SCOPES: &[&[&str]] = &[
        &["id", "description", "create time"],
        &["profile", "Read who you are, and what you look like", "2026-11-22 21:48:00Z"],
    ];

    #[test]
    fn without_a_screen_everything_is_there() {
        assert!(drawn(SCOPES, None).contains("and what you look like  2026-11-22 21:48:00Z"));
        assert_eq!(drawn(SCOPES, Some(200)), drawn(SCOPES, None));
    }

    #[test]
    fn the_longest_text_is_cut_to_the_screen() {
        let expected = "ID       DESCRIPTION       CREATE TIME\nprofile  Read who you ar…  2026-11-22 21:48:00Z\n";
        assert_eq!(drawn(SCOPES, Some(47)), expected);
    }

    #[test]
    fn what_has_no_room_at_all_is_left_out_and_said_to_be() {
        assert_eq!(drawn(SCOPES, Some(30)), "ID       DESCRIPTION         …\nprofile  Read who you are,…\n");
        assert_eq!(
            drawn(&[&["id", "hint"], &["0192f0c1-7d3e", "wxyz"]], Some(10)),
            "ID             …\n0192f0c1-7d3e\n"
        );
    }
}
