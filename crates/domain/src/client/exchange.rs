//! What a client may exchange (RFC 8693), beside tokens that were issued to it or that name it as their audience; and about
//! what it may ask (RFC 7662).

use serde::{Deserialize, Serialize};

use crate::resource::ResourceSet;

/// The rules of token exchange for one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExchangePolicy {
    /// The resources that the client speaks for: it may introspect and exchange the tokens that reach them.
    #[serde(skip_serializing_if = "ResourceSet::is_empty")]
    pub resources: ResourceSet,
    /// Whether its tokens say nothing of it, as if the subject itself had called (RFC 8693 section 1.1). Otherwise they name
    /// it in `act`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub impersonates: bool,
}

impl ExchangePolicy {
    /// Whether it is what goes without saying, which is not written.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
