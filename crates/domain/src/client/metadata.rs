//! What a client registers beyond what every client has (RFC 7591 section 2, OpenID Connect Dynamic Client Registration
//! section 2), each part a type of its own.

use serde::{Deserialize, Serialize};

use super::{ClientKeys, ExchangePolicy};

/// The parts, each with a default that stands for "nothing registered". Kept in one column: what is at its default is
/// not written, so that a version of the server that does not know a part yet reads every client that does not use it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientMetadata {
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<ClientKeys>,
    /// What it may exchange.
    #[serde(skip_serializing_if = "ExchangePolicy::is_usual")]
    pub exchange: ExchangePolicy,
}
