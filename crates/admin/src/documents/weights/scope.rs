use chancery_proto::v1::Scope;

use super::super::weigh::{
    HARMLESS, Row,
    Weigh::{Always, List},
    breaks, weakens,
};

/// Changes of a scope.
pub(in super::super) const SCOPE: &[Row<Scope>] = &[
    Row(&["description", "value"], Always(HARMLESS)),
    Row(
        &["claims"],
        List {
            less: breaks("Clients no longer learn a claim that this scope opened."),
            more: weakens("Clients that have this scope learn more about people."),
        },
    ),
];
