use super::*;

const DAY: i64 = 86_400;
/// 2026-03-01 12:00 UTC.
const NOON: i64 = 1_772_366_400;

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn at(days: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds: NOON + days * DAY, nanos: 0 })
}

fn span(state: State, start: i64, end: Option<i64>) -> Span {
    Span { state: state.into(), start_time: at(start), end_time: end.and_then(at), planned: start > 0 }
}

fn entry(key: &str, algorithm: &str, spans: Vec<Span>) -> Entry {
    let key = if key.is_empty() { String::new() } else { format!("tenants/acme/keys/{key}") };
    Entry { key, algorithm: algorithm.into(), spans, ..Entry::default() }
}

fn told() -> KeyTimeline {
    use State::{Active, Compromised, Retiring, Standby, Tainted};
    let entries = vec![
        entry(
            "A1b2C3d4E5f6G7h8I9j0Kl",
            "ES256",
            vec![span(Standby, -80, Some(-50)), span(Active, -50, Some(-20)), span(Retiring, -20, Some(-19))],
        ),
        entry(
            "B1b2C3d4E5f6G7h8I9j0Kl",
            "ES256",
            vec![span(Standby, -50, Some(-20)), span(Active, -20, Some(10)), span(Retiring, 10, Some(11))],
        ),
        entry(
            "C1b2C3d4E5f6G7h8I9j0Kl",
            "ES256",
            vec![span(Standby, -20, Some(10)), span(Active, 10, Some(40)), span(Retiring, 40, Some(41))],
        ),
        entry("", "ES256", vec![span(Standby, 10, Some(40)), span(Active, 40, None)]),
        entry("", "ES256", vec![span(Standby, 40, None)]),
        entry("D1b2C3d4E5f6G7h8I9j0Kl", "RS256", vec![span(Active, -120, Some(-60)), span(Compromised, -60, None)]),
        entry("E1b2C3d4E5f6G7h8I9j0Kl", "RS256", vec![span(Active, -60, Some(-5)), span(Tainted, -5, Some(25))]),
    ];
    KeyTimeline { now_time: at(0), start_time: at(-90), end_time: at(90), entries }
}

#[test]
fn the_drawing_can_be_read_at_eighty_columns() {
    let text = Canvas { width: 80, colours: false }.draw(&told());
    assert!(text.lines().take_while(|line| !line.is_empty()).all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colours_change_no_sign_and_planned_ones_are_faint() {
    let (plain, coloured) = (Canvas { width: 100, colours: false }, Canvas { width: 100, colours: true });
    let text = coloured.draw(&told());
    assert!(text.contains("\u{1b}[32m█") && text.contains("\u{1b}[2;32m="), "{text}");
    let mut bare = String::new();
    for (at, part) in text.split('\u{1b}').enumerate() {
        bare.push_str(if at == 0 { part } else { part.split_once('m').expect("an end").1 });
    }
    assert_eq!(bare, plain.draw(&told()));
}

#[test]
fn a_time_shorter_than_a_column_is_seen_all_the_same() {
    let brief = Entry {
        spans: vec![span(State::Active, -50, Some(-20)), span(State::Retiring, -20, Some(-19))],
        ..Entry::default()
    };
    let axis = Axis { start: NOON - 90 * DAY, end: NOON + 90 * DAY, columns: 20 };
    let states: Vec<_> = cells(&brief, &axis, 10).into_iter().flatten().map(|cell| cell.look.word).collect();
    assert_eq!(states, ["signing", "signing", "signing", "retiring"]);
}

#[test]
fn a_short_axis_shows_hours_or_seconds() {
    let words = |end| Axis { start: NOON, end: NOON + end, columns: 60 }.words(NOON + 61);
    assert_eq!([words(3600), words(5 * DAY), words(180 * DAY)], ["12:01:01", "03-01 12:01", "2026-03-01"]);
}

#[test]
fn what_has_just_happened_is_not_shown_as_planned() {
    let spans =
        vec![span(State::Standby, -1, Some(0)), span(State::Active, 0, Some(0)), span(State::Compromised, 0, None)];
    let axis = Axis { start: NOON - 90 * DAY, end: NOON + 90 * DAY, columns: 20 };
    let cells = cells(&Entry { spans, ..Entry::default() }, &axis, 10);
    assert_eq!(
        cells.iter().flatten().map(|cell| (cell.look.word, cell.planned)).collect::<Vec<_>>(),
        [("announced", false), ("signing", false), ("compromised", false),]
    );
}

#[test]
fn nothing_and_a_narrow_terminal_are_drawn_too() {
    let nothing = KeyTimeline { entries: vec![], ..told() };
    assert_eq!(Canvas { width: 80, colours: false }.draw(&nothing), "no keys in that time\n");
    assert!(Canvas { width: 1, colours: false }.draw(&told()).contains("now"));
}
