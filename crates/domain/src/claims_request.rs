//! Single claims that a request names (OpenID Connect Core section 5.5), beside those that its scopes open.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which claims go where. It holds only what can be answered: the rest of a request is passed over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// Those that go into ID tokens.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, WantedClaim>,
    /// Those that UserInfo tells.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, WantedClaim>,
}

/// How a claim is wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WantedClaim {
    /// Whether the application cannot do without it. It is told as any other; what people do not have is not made up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The values that it may have; any where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimsRequest {
    /// At most this many claims are named for ID tokens, and as many for UserInfo.
    pub const MOST: usize = 64;

    /// Whether nothing is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id_token.is_empty() && self.userinfo.is_empty()
    }
}

impl WantedClaim {
    /// Whether a claim of that value is what was wanted.
    #[must_use]
    pub fn admits(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}
