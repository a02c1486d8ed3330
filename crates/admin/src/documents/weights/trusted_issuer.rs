use chancery_proto::v1::TrustedIssuer;

use super::super::weigh::{
    HARMLESS, Row,
    Weigh::{Always, By, List, Switch},
    Weight, allowed, breaks, weakens,
};

/// Changes of a trusted issuer.
pub(in super::super) const TRUSTED_ISSUER: &[Row<TrustedIssuer>] = &[
    Row(&["issuer"], Always(HARMLESS)),
    Row(
        &["jwks", "jwks_uri", "discover"],
        Always(weakens("Whoever holds the new keys can speak for everybody whom it may name.")),
    ),
    Row(
        &["algorithms"],
        List {
            less: breaks("Assertions that are signed by an algorithm that is taken out are refused."),
            more: weakens("Assertions that are signed by one algorithm more are taken."),
        },
    ),
    Row(&["subject_mapping"], Always(weakens("Its subjects stand for others than before."))),
    Row(&["subjects"], By(subjects)),
    Row(
        &["clients"],
        List {
            less: breaks("A client that is taken out is refused with its assertions."),
            more: weakens("One client more gets tokens for its assertions."),
        },
    ),
    Row(
        &["scopes"],
        List {
            less: breaks("Clients that want a scope that is taken out for its assertions are refused."),
            more: weakens("Clients may get more for its assertions."),
        },
    ),
    Row(
        &["disabled"],
        Switch {
            on: breaks("Clients that come with its assertions are refused."),
            off: weakens("Its assertions are taken from now on."),
        },
    ),
];

/// An empty list stands for everybody.
fn subjects(before: &TrustedIssuer, after: &TrustedIssuer) -> Weight {
    if after.subjects.is_empty() {
        return weakens("It may speak of everybody from now on.");
    }
    if before.subjects.is_empty() {
        return breaks("Assertions about anybody else are refused.");
    }
    allowed(
        &before.subjects,
        &after.subjects,
        breaks("Assertions about a subject that is taken out are refused."),
        weakens("It may speak of one subject more."),
    )
}
