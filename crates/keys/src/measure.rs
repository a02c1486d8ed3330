//! What this room counts, for whoever collects it. No figure tells of a single tenant.

use std::time::Duration;

use chancery_domain::{audit::Actor, ports::jose::Untrusted};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::{carry::Applied, step::KeyStep};

/// Rotations: a key began to sign, `algorithm`, because it was `due` or `asked` for (`cause`).
const ROTATIONS: &str = "chancery_keys_rotations_total";
/// Steps of keys' lives, by their kind (`step`).
const STEPS: &str = "chancery_keys_steps_total";
/// How late rotations that were due came, in seconds.
pub const ROTATION_DELAY: &str = "chancery_keys_rotation_delay_seconds";
/// Tokens that were not believed, by the `reason`.
const UNTRUSTED: &str = "chancery_keys_untrusted_total";

/// Tells whoever collects the figures what they mean.
pub fn describe() {
    describe_counter!(ROTATIONS, "Keys that began to sign, by algorithm and cause (due, asked)");
    describe_counter!(STEPS, "Steps of keys' lives, by kind");
    describe_histogram!(ROTATION_DELAY, Unit::Seconds, "How late rotations that were due came");
    describe_counter!(UNTRUSTED, "Tokens that were not believed, by reason");
}

impl Applied {
    /// Counts what was written, once it is committed. What the system does by itself was due, all else was asked for.
    pub fn measure(&self, actor: &Actor) {
        let cause = if matches!(actor, Actor::System) { "due" } else { "asked" };
        for (step, key) in &self.taken {
            counter!(STEPS, "step" => step.label()).increment(1);
            if step.rotates() {
                counter!(ROTATIONS, "algorithm" => key.algorithm.as_str(), "cause" => cause).increment(1);
            }
        }
    }

    /// Whether a key took over from another.
    pub(crate) fn rotated(&self) -> bool {
        self.taken.iter().any(|(step, _)| step.rotates())
    }
}

impl KeyStep {
    /// Whether a key begins to sign that others knew before.
    const fn rotates(&self) -> bool {
        match self {
            Self::Activate(_) => true,
            Self::CreateActive(_)
            | Self::CreateStandby(_)
            | Self::ImportStandby(..)
            | Self::ImportVerifier(..)
            | Self::Deactivate(_)
            | Self::Withdraw(_)
            | Self::Settle(_)
            | Self::DestroyPrivate(_)
            | Self::Retire(_)
            | Self::Purge(_)
            | Self::Taint(_)
            | Self::Compromise(_) => false,
        }
    }

    const fn label(&self) -> &'static str {
        match self {
            Self::CreateActive(_) => "create_active",
            Self::CreateStandby(_) => "create_standby",
            Self::Activate(_) => "activate",
            Self::Deactivate(_) => "deactivate",
            Self::Withdraw(_) => "withdraw",
            Self::Settle(_) => "settle",
            Self::DestroyPrivate(_) => "destroy_private",
            Self::Retire(_) => "retire",
            Self::Purge(_) => "purge",
            Self::ImportStandby(..) => "import_standby",
            Self::ImportVerifier(..) => "import_verifier",
            Self::Taint(_) => "taint",
            Self::Compromise(_) => "compromise",
        }
    }
}

/// Notes how late a rotation came.
pub(crate) fn delayed(late: Duration) {
    histogram!(ROTATION_DELAY).record(late);
}

/// Counts a token that is not believed, on its way to the caller.
pub(crate) fn untrusted(untrusted: Untrusted) -> Untrusted {
    let reason = match untrusted {
        Untrusted::Malformed => "malformed",
        Untrusted::WrongType => "wrong_type",
        Untrusted::UnknownKey => "unknown_key",
        Untrusted::WrongAlgorithm => "wrong_algorithm",
        Untrusted::BadSignature => "bad_signature",
    };
    counter!(UNTRUSTED, "reason" => reason).increment(1);
    untrusted
}
