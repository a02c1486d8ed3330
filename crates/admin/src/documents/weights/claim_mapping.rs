use chancery_proto::v1::ClaimMapping;

use super::super::weigh::{
    Row,
    Weigh::{Always, By, List},
    Weight, breaks, either, weakens,
};

/// Changes of a claim mapping.
pub(in super::super) const CLAIM_MAPPING: &[Row<ClaimMapping>] = &[
    Row(&["claim", "user_claim", "constant"], Always(OTHER)),
    Row(
        &["targets"],
        List {
            less: breaks("Applications no longer find the claim in a place that is taken out."),
            more: weakens("The claim is told in one place more."),
        },
    ),
    Row(
        &["scope"],
        By(|_, after| either(after.scope.is_empty(), weakens("The claim is told whatever scope was granted."), OTHER)),
    ),
    Row(
        &["client"],
        By(|_, after| either(after.client.is_empty(), weakens("The claim is told to every client."), OTHER)),
    ),
];

const OTHER: Weight = breaks("Applications that rely on the claim find it changed, or not at all.");
