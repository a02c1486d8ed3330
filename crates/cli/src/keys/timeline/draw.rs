//! The drawing: a line for each key, a column for each stretch of time.

use std::fmt::Write;

use chancery_proto::v1::{
    KeyTimeline,
    key::State,
    key_timeline::{Entry, Span},
};
use prost_types::Timestamp;
use time::OffsetDateTime;

use crate::name;
use crate::output::printable;

/// What is drawn on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas {
    /// In characters.
    pub(super) width: usize,
    /// Whether colours can be seen.
    pub(super) colours: bool,
}

/// How a state is drawn: as it was, as it will be, and in which colour.
struct Look {
    state: State,
    word: &'static str,
    past: char,
    planned: char,
    colour: &'static str,
}

const LOOKS: [Look; 5] = [
    Look { state: State::Standby, word: "announced", past: '░', planned: '.', colour: "33" },
    Look { state: State::Active, word: "signing", past: '█', planned: '=', colour: "32" },
    Look { state: State::Retiring, word: "retiring", past: '▒', planned: ':', colour: "36" },
    Look { state: State::Tainted, word: "tainted", past: '!', planned: '?', colour: "35" },
    Look { state: State::Compromised, word: "compromised", past: 'X', planned: 'X', colour: "31" },
];

/// How much of a key's id is shown.
const ID: usize = 10;
/// The fewest columns of time.
const FEWEST: usize = 20;
/// A date.
const WORDS: usize = 11;
/// A date and the gap behind it.
const DATE: usize = 14;
/// Below so many seconds the axis shows hours beside days, and below so many it shows hours and seconds alone.
const BRIEF: (i64, i64) = (14 * 86_400, 86_400);

/// The time that is drawn, in columns.
struct Axis {
    start: i64,
    end: i64,
    columns: usize,
}

impl Axis {
    /// The column of a moment; before the first or behind the last one where it lies beyond.
    fn column(&self, at: &Timestamp) -> usize {
        let columns = i64::try_from(self.columns).unwrap_or(i64::MAX);
        let whole = i128::from((self.end - self.start).max(1));
        let place = i128::from((at.seconds - self.start).max(0)) * i128::from(columns) / whole;
        usize::try_from(place).unwrap_or(usize::MAX).min(self.columns)
    }

    /// The moment at which a column begins.
    fn moment(&self, column: usize) -> i64 {
        let part = i128::from(self.end - self.start) * i128::try_from(column).unwrap_or_default()
            / i128::try_from(self.columns.max(1)).unwrap_or(1);
        self.start + i64::try_from(part).unwrap_or_default()
    }

    /// The date of a moment, or its time where the axis is short.
    fn words(&self, moment: i64) -> String {
        let Ok(at) = OffsetDateTime::from_unix_timestamp(moment) else { return String::new() };
        let (month, day) = (u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        match self.end - self.start {
            whole if whole < BRIEF.1 => format!("{hour:02}:{minute:02}:{second:02}"),
            whole if whole < BRIEF.0 => format!("{month:02}-{day:02} {hour:02}:{minute:02}"),
            _ => at.date().to_string(),
        }
    }
}

impl Canvas {
    /// The drawing, ready to be printed.
    pub(super) fn draw(self, told: &KeyTimeline) -> String {
        if told.entries.is_empty() {
            return "no keys in that time\n".to_owned();
        }
        let labels: Vec<String> = told.entries.iter().map(label).collect();
        let margin = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default() + 2;
        let seconds = |at: Option<Timestamp>| at.map(|at| at.seconds).unwrap_or_default();
        let columns = self.width.saturating_sub(margin).max(FEWEST);
        let axis = Axis { start: seconds(told.start_time), end: seconds(told.end_time), columns };
        let now = axis.column(&told.now_time.unwrap_or_default()).min(columns - 1);

        let mut text = String::new();
        line(&mut text, &format!("{}{}", " ".repeat(margin), heading(now, columns)));
        for (entry, label) in told.entries.iter().zip(&labels) {
            let gap = margin - label.chars().count();
            line(&mut text, &format!("{label}{}{}", " ".repeat(gap), self.row(&cells(entry, &axis, now), now)));
        }
        line(&mut text, &format!("{}{}", " ".repeat(margin), ticks(now, columns)));
        line(&mut text, &format!("{}{}", " ".repeat(margin), dates(&axis)));
        text.push('\n');
        line(&mut text, &self.legend(told));
        text
    }

    /// The cells of a key, with the mark of now where nothing is.
    fn row(self, cells: &[Option<Cell>], now: usize) -> String {
        let mut row = String::new();
        for (at, cell) in cells.iter().enumerate() {
            match cell {
                Some(cell) => self.paint(&mut row, cell.look, cell.planned),
                None if at == now => row.push('|'),
                None => row.push(' '),
            }
        }
        row
    }

    fn paint(self, row: &mut String, look: &Look, planned: bool) {
        let letter = if planned { look.planned } else { look.past };
        if self.colours {
            let faint = if planned { "2;" } else { "" };
            // Writing to a string does not fail.
            let _ = write!(row, "\u{1b}[{faint}{}m{letter}\u{1b}[0m", look.colour);
        } else {
            row.push(letter);
        }
    }

    /// The states that the drawing has, as they were and as they are planned.
    fn legend(self, told: &KeyTimeline) -> String {
        let spans = || told.entries.iter().flat_map(|entry| &entry.spans);
        let looks = LOOKS.iter().filter(|look| spans().any(|span| span.state() == look.state));
        let mut legend = String::new();
        for look in looks {
            self.paint(&mut legend, look, false);
            if look.planned != look.past {
                self.paint(&mut legend, look, true);
            }
            let _ = write!(legend, " {}  ", look.word);
        }
        format!("{}\nthe second sign of each: planned", legend.trim_end())
    }
}

/// What stands in one place.
#[derive(Clone, Copy)]
struct Cell {
    look: &'static Look,
    planned: bool,
}

/// The looks of a key, column by column. However short a time is, it gets a column of its own, unless it lies beyond;
/// what is over is not shown as planned for that.
fn cells(entry: &Entry, axis: &Axis, now: usize) -> Vec<Option<Cell>> {
    let mut cells = vec![None; axis.columns];
    let mut earliest = 0;
    for span in &entry.spans {
        let Some(look) = LOOKS.iter().find(|look| look.state == span.state()) else { continue };
        let (Some(first), last) = (span.start_time.as_ref(), end(span, axis)) else { continue };
        if span.end_time.is_some_and(|end| end.seconds <= axis.start) || first.seconds >= axis.end {
            continue;
        }
        let first = axis.column(first).max(earliest);
        let last = last.max(first + 1).min(axis.columns);
        let over = last == first + 1 && !span.planned;
        for (at, cell) in cells.iter_mut().enumerate().take(last).skip(first) {
            *cell = Some(Cell { look, planned: span.planned || (at > now && !over) });
        }
        earliest = first + 1;
    }
    cells
}

/// The column behind a span. That a key was compromised is a moment, and not a time.
fn end(span: &Span, axis: &Axis) -> usize {
    match (span.state(), &span.end_time) {
        (State::Compromised, _) => 0,
        (_, Some(end)) => axis.column(end),
        (_, None) => axis.columns,
    }
}

/// The beginning of the key's id, or that there is none yet, and its algorithm.
fn label(entry: &Entry) -> String {
    let id: String = match entry.key.as_str() {
        "" => "(to come)".to_owned(),
        key => printable(name::id(key)).chars().take(ID).collect(),
    };
    format!("{id:ID$}  {}", printable(&entry.algorithm))
}

/// Says where now is.
fn heading(now: usize, columns: usize) -> String {
    let at = now.saturating_sub(1).min(columns.saturating_sub(3));
    format!("{}now", " ".repeat(at))
}

/// The axis: a tick at each date, and now.
fn ticks(now: usize, columns: usize) -> String {
    let tick = |at| match at {
        _ if at == now => '|',
        _ if at % DATE == 0 && at + WORDS <= columns => '+',
        _ => '-',
    };
    (0..columns).map(tick).collect()
}

/// The dates below the ticks.
fn dates(axis: &Axis) -> String {
    let places = (0..axis.columns).step_by(DATE).filter(|at| at + WORDS <= axis.columns);
    let words: Vec<String> = places.map(|at| format!("{:DATE$}", axis.words(axis.moment(at)))).collect();
    words.concat()
}

fn line(text: &mut String, line: &str) {
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests;
