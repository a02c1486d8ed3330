use chancery_proto::v1::KeyPolicy;

use super::super::weigh::{
    Row,
    Weigh::{Always, By, List, Span},
    Weight, breaks, either, hurts_nobody, shortens, weakens,
};

/// Changes of a key policy.
pub(in super::super) const KEY_POLICY: &[Row<KeyPolicy>] = &[
    Row(&["cron", "time_zone", "jitter_percent", "announce", "retain", "max_age", "rules"], Always(STEADY)),
    Row(
        &["algorithms"],
        List {
            less: breaks("Verifiers that know nothing but an algorithm that is taken out fail."),
            more: hurts_nobody("Keys of one algorithm more are announced."),
        },
    ),
    Row(&["default_algorithm"], Always(breaks("Verifiers that do not know the new algorithm fail once it signs."))),
    Row(
        &["period"],
        Span {
            longer: weakens("A stolen key works for longer."),
            shorter: hurts_nobody("Keys follow each other sooner."),
        },
    ),
    Row(
        &["verifier_cache"],
        Span {
            longer: STEADY,
            shorter: breaks("Verifiers that keep the JWK Set for longer than that may miss a key."),
        },
    ),
    Row(
        &["longest_token_life"],
        Span {
            longer: hurts_nobody("The settings may let tokens live longer."),
            shorter: shortens("The settings can no longer let tokens live as long."),
        },
    ),
    Row(
        &["rsa_bits"],
        By(|before, after| {
            either(
                after.rsa_bits > before.rsa_bits,
                hurts_nobody("New RSA keys are larger, and slower to sign with."),
                weakens("New RSA keys are smaller."),
            )
        }),
    ),
];

const STEADY: Weight = hurts_nobody("Changes when keys follow each other, within what verifiers can bear.");
