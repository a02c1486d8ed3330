//! Which room may depend on which.

use crate::workspace::{metadata, names, room};

/// What each room may depend on. The binary wires every room, and these tests drive the whole, so neither is here.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("audit", &["domain"]),
    ("keys", &["audit", "domain"]),
    ("pkcs11", &["keys", "domain"]),
    ("oauth", &["domain"]),
    ("outbound", &["domain"]),
    ("accounts", &["domain"]),
    ("migrations", &[]),
    ("storage", &["audit", "domain", "migrations"]),
    ("http", &["oauth", "accounts", "domain"]),
    ("proto", &[]),
    ("admin-example", &[]),
    ("admin", &["proto", "audit", "keys", "domain"]),
    ("worker", &["audit", "keys", "domain"]),
    ("cli", &["proto", "audit"]),
    ("resource-server", &[]),
    ("relying-party", &["resource-server"]),
    ("testkit", &["audit", "domain"]),
];

/// Those that may depend on whatever they like, and on which nothing may depend.
const OUTERMOST: &[&str] = &["chancery", "tests"];

/// What the tests of every room may depend on, and nothing but tests.
const FOR_TESTS: &str = "testkit";

#[test]
fn rooms_depend_only_along_the_arrows() {
    let metadata = metadata();
    let ours: Vec<_> = metadata.workspace_packages();
    let is_ours = |name: &str| ours.iter().any(|package| package.name.as_str() == name);
    let mut forbidden = Vec::new();
    for package in &ours {
        let from = room(&package.name);
        for (name, for_tests) in names(package).filter(|(name, _)| is_ours(name)) {
            let to = room(name);
            let drawn = match ARROWS.iter().find(|(room, _)| *room == from) {
                Some((_, allowed)) => allowed.contains(&to),
                None => OUTERMOST.contains(&from) && !OUTERMOST.contains(&to) && to != FOR_TESTS,
            };
            let lent = for_tests && to == FOR_TESTS;
            if !drawn && !lent {
                forbidden.push(format!("{from} -> {to}"));
            }
        }
    }
    assert!(forbidden.is_empty(), "arrows that are not drawn: {forbidden:#?}");
}

#[test]
fn every_room_is_on_the_map() {
    let metadata = metadata();
    let unknown: Vec<_> = metadata
        .workspace_packages()
        .iter()
        .map(|package| room(&package.name).to_owned())
        .filter(|name| !OUTERMOST.contains(&name.as_str()) && !ARROWS.iter().any(|(room, _)| room == name))
        .collect();
    assert!(unknown.is_empty(), "rooms without an entry: {unknown:?}");
    let packages = metadata.workspace_packages();
    let gone: Vec<_> = ARROWS
        .iter()
        .map(|(room, _)| *room)
        .filter(|entry| !packages.iter().any(|package| room(&package.name) == *entry))
        .collect();
    assert!(gone.is_empty(), "entries without a room: {gone:?}");
}
