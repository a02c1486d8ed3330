//! Which frameworks a room may name. A rule about protocol that can see a framework will lean on it sooner or later.

use crate::workspace::{metadata, names, room};

/// Each framework and the rooms that may name it. `*` at the end stands for whatever follows. What a room's own tests
/// lean on is its own affair.
const RESERVED: &[(&str, &[&str])] = &[
    ("argon2", &["accounts"]),
    ("askama", &["http"]),
    ("aws-lc-rs", &["audit", "keys", "resource-server"]),
    ("axum", &["http", "chancery", "resource-server", "relying-party"]),
    ("axum-extra", &["http", "relying-party"]),
    ("axum-server", &["chancery"]),
    ("clap*", &["cli", "chancery"]),
    ("comfy-table", &["cli"]),
    ("cryptoki", &["pkcs11"]),
    ("ed25519-dalek", &["keys"]),
    ("governor", &["accounts"]),
    ("jsonwebtoken", &["keys", "resource-server", "relying-party"]),
    ("metrics-exporter-prometheus", &["chancery"]),
    ("p256", &["keys"]),
    ("p384", &["keys"]),
    ("p521", &["keys"]),
    ("prost*", &["admin", "admin-example", "cli", "proto"]),
    ("reqwest", &["cli", "outbound", "resource-server", "relying-party"]),
    ("rsa", &["keys"]),
    ("rustls-native-certs", &["outbound"]),
    ("sea-orm*", &["storage", "migrations"]),
    ("sqlx*", &["storage"]),
    ("tokio-cron-scheduler", &["worker"]),
    ("toml", &["chancery", "cli"]),
    ("tonic*", &["admin", "admin-example", "cli", "proto", "chancery", "resource-server"]),
];

/// The package of these tests drives the others from outside, with whatever is at hand.
const EXEMPT: &str = "tests";

#[test]
fn frameworks_are_named_only_where_they_belong() {
    let metadata = metadata();
    let mut misplaced = Vec::new();
    for package in metadata.workspace_packages() {
        let here = room(&package.name);
        for (name, _) in names(package).filter(|(_, for_tests)| !for_tests) {
            let reserved = RESERVED.iter().find(|(pattern, _)| covers(pattern, name));
            if here != EXEMPT && reserved.is_some_and(|(_, rooms)| !rooms.contains(&here)) {
                misplaced.push(format!("{here} names {name}"));
            }
        }
    }
    assert!(misplaced.is_empty(), "frameworks out of place: {misplaced:#?}");
}

fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}
