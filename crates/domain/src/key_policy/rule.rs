//! When keys change, for a tenant and for single algorithms.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{id::SignerName, key_spec::RsaBits, tenant::seconds, vocabulary::Algorithm};

/// When an active key gives way to the standby key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rotation {
    /// After it has signed for so long.
    #[serde(rename = "period", with = "seconds")]
    Every(Duration),
    /// At the dates of a time table, as soon as the standby key has been announced for long enough.
    #[serde(rename = "cron")]
    At(CronTable),
}

/// A cron expression in a time zone, as an operator wrote it. The keys room reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CronTable {
    /// Five fields, or six of which the first is the second.
    pub expression: String,
    /// A name of the IANA time zone database, such as `Europe/Vienna`.
    pub zone: String,
}

/// What is different for one algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlgorithmRule {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// When its keys change.
    #[serde(flatten)]
    pub rotation: Option<Rotation>,
    /// How long its standby keys are announced.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_seconds")]
    pub announce: Option<Duration>,
    /// How far its rotations are moved apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jitter_percent: Option<u8>,
    /// The size of its new keys, where it is one of RSA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rsa_bits: Option<RsaBits>,
    /// Who makes and holds its new keys, where that is not this process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<SignerName>,
}

impl AlgorithmRule {
    /// A rule that changes nothing yet.
    #[must_use]
    pub const fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, rotation: None, announce: None, jitter_percent: None, rsa_bits: None, signer: None }
    }
}

/// A duration as whole seconds in JSON, or nothing.
mod optional_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(span: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        span.map(|span| span.as_secs()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        Option::<u64>::deserialize(deserializer).map(|seconds| seconds.map(Duration::from_secs))
    }
}
