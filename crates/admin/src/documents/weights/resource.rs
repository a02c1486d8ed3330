use chancery_proto::v1::Resource;

use super::super::weigh::{
    HARMLESS, Row,
    Weigh::{Always, List, Span},
    breaks, shortens, weakens,
};

/// Changes of a resource.
pub(in super::super) const RESOURCE: &[Row<Resource>] = &[
    Row(&["display_name", "identifier"], Always(HARMLESS)),
    Row(
        &["scopes"],
        List {
            less: breaks("Tokens with a scope that is taken out no longer name it as their audience."),
            more: weakens("Tokens with one scope more are for it."),
        },
    ),
    Row(
        &["access_token_ttl"],
        Span {
            longer: weakens("A stolen token for it works for longer."),
            shorter: shortens("Applications have to ask for new tokens sooner."),
        },
    ),
    Row(&["signing_algorithm"], Always(breaks("The resource fails if it does not know the algorithm of its tokens."))),
];
