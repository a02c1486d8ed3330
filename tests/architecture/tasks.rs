//! The table of tasks in `crates/README.md`, held true with token exchange (RFC 8693): a grant type with a policy of its own
//! in clients and tenants. Whatever knows of it stands where the table says, and nowhere else.

use std::{fs, path::Path};

use crate::workspace::root;

/// The rows that token exchange went by.
const TASKS: [&str; 3] = ["a grant type", "a member of clients", "a setting of tenants"];
/// What it is called in code.
const NAMES: [&str; 6] =
    ["TokenExchange", "token_exchange", "ExchangePolicy", "exchange_resources", "exchange_impersonates", "Exchanged"];

/// The places that a row names: what stands in backticks and has a slash.
fn places() -> Vec<String> {
    let map = fs::read_to_string(root().join("crates/README.md")).expect("the map");
    let rows = TASKS.map(|task| {
        let begin = format!("| {task} | ");
        map.lines().find(|line| line.starts_with(&begin)).expect("a row for each task").to_owned()
    });
    let quoted = rows.iter().flat_map(|row| row.split('`').skip(1).step_by(2));
    quoted.filter(|place| place.contains('/')).map(str::to_owned).collect()
}

/// The files that know of it, as the table would call them: room and path, without `src` and the ending.
fn touched() -> Vec<String> {
    let mut found = Vec::new();
    for room in fs::read_dir(root().join("crates")).expect("the rooms").map(|room| room.expect("a room").path()) {
        if room.join("src").is_dir() {
            let name = room.file_name().expect("a name").to_string_lossy().into_owned();
            walk(&room.join("src"), &name, &mut found);
        }
    }
    walk(&root().join("proto/chancery/admin/v1"), "proto", &mut found);
    found
}

fn walk(folder: &Path, name: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let stem = entry.file_stem().expect("a name").to_string_lossy().into_owned();
        let name = format!("{name}/{stem}");
        if ["tests", "snapshots"].contains(&stem.as_str()) {
            continue;
        }
        if entry.is_dir() {
            walk(&entry, &name, found);
        } else if fs::read_to_string(&entry).is_ok_and(|text| NAMES.iter().any(|word| text.contains(word))) {
            found.push(name);
        }
    }
}

#[test]
fn a_grant_type_touches_the_places_that_the_map_names_and_no_others() {
    let (places, touched) = (places(), touched());
    let is_in = |file: &str, place: &str| file == place || file.starts_with(&format!("{place}/"));
    let strangers: Vec<_> = touched.iter().filter(|file| !places.iter().any(|place| is_in(file, place))).collect();
    assert!(strangers.is_empty(), "the map names no task that touches {strangers:?}");
    let stale: Vec<_> = places.iter().filter(|place| !touched.iter().any(|file| is_in(file, place))).collect();
    assert!(stale.is_empty(), "the map names places that nothing was done in: {stale:?}");
}
