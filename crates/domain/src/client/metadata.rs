//! What a client registers beyond what every client has (RFC 7591 section 2, OpenID Connect Dynamic Client Registration
//! section 2), each part a type of its own.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{ClientAbout, ClientKeys, ClientLogout, ClientRequests, ClientTokens, Encryption, ExchangePolicy};
use crate::{
    fault::Malformed,
    vocabulary::{Algorithm, ResponseType},
};

/// The parts, each with a default that stands for "nothing registered". Kept in one column: what is at its default is
/// not written, so that a version of the server that does not know a part yet reads every client that does not use it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientMetadata {
    /// What it tells about itself.
    #[serde(skip_serializing_if = "ClientAbout::is_usual")]
    pub about: ClientAbout,
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<ClientKeys>,
    /// How it sends requests and proves itself with signed texts.
    #[serde(skip_serializing_if = "ClientRequests::is_usual")]
    pub requests: ClientRequests,
    /// What it may exchange.
    #[serde(skip_serializing_if = "ExchangePolicy::is_usual")]
    pub exchange: ExchangePolicy,
    /// What its tokens look like.
    #[serde(skip_serializing_if = "ClientTokens::is_usual")]
    pub tokens: ClientTokens,
    /// What it may ask the authorization endpoint for; none stands for `code`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub response_types: BTreeSet<ResponseType>,
    /// How long ago, in seconds, its people may have proved who they are, where a request does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    /// Whether it relies on `auth_time`, which every ID token of ours has.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_auth_time: bool,
    /// What signs answers that it wants signed (JARM section 3); the tenant's default where it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_signing: Option<Algorithm>,
    /// How such answers are encrypted, behind their signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_encryption: Option<Encryption>,
    /// What it registered about signing out.
    #[serde(skip_serializing_if = "ClientLogout::is_usual")]
    pub logout: ClientLogout,
}

impl ClientMetadata {
    /// Whether it registered that response type.
    #[must_use]
    pub fn may_ask_for(&self, response_type: ResponseType) -> bool {
        match response_type {
            ResponseType::Code => self.response_types.is_empty() || self.response_types.contains(&response_type),
            ResponseType::IdToken
            | ResponseType::IdTokenToken
            | ResponseType::CodeIdToken
            | ResponseType::CodeToken
            | ResponseType::CodeIdTokenToken => self.response_types.contains(&response_type),
        }
    }

    /// Each response type needs the grants behind it (OpenID Connect Dynamic Client Registration section 2).
    pub(super) fn check_response_types(&self, code: bool, implicit: bool) -> Result<(), Malformed> {
        if self.response_types.iter().any(|it| it.has_front_channel_token() && !implicit) {
            return Err(Malformed::new("response_types", "must not hold id_token or token without the grant implicit"));
        }
        if self.response_types.iter().any(|it| it.has_code() && !code) {
            return Err(Malformed::new("response_types", "must not hold code without the grant authorization_code"));
        }
        Ok(())
    }
}
