//! The `jti` of an access token, which names what the token hangs on, so that no token needs a row.

use std::{fmt, str::FromStr};

use uuid::Uuid;

use crate::{
    fault::Malformed,
    id::{ClientUid, GrantId},
    random::{self, Random},
    secret::{base64url, from_base64url},
};

/// What an access token hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenOrigin {
    /// A user's grant.
    Grant(GrantId),
    /// A client that acts for itself.
    Client(ClientUid),
}

/// A `jti`: the origin, and 96 random bits that tell its tokens apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenId {
    /// What the token hangs on.
    pub origin: TokenOrigin,
    serial: [u8; 12],
}

impl TokenId {
    /// The id of a new token.
    #[must_use]
    pub fn generate(origin: TokenOrigin, random: &dyn Random) -> Self {
        Self { origin, serial: random::bytes(random) }
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, uuid) = match self.origin {
            TokenOrigin::Grant(id) => ('g', id.uuid()),
            TokenOrigin::Client(uid) => ('c', uid.uuid()),
        };
        write!(f, "{mark}.{}.{}", base64url(uuid.as_bytes()), base64url(&self.serial))
    }
}

impl FromStr for TokenId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new("jti", "must be one of ours");
        let mut parts = text.split('.');
        let (Some(mark), Some(origin), Some(serial), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed());
        };
        let uuid = from_base64url(origin).and_then(|b| Uuid::from_slice(&b).ok()).ok_or_else(malformed)?;
        let serial = from_base64url(serial).and_then(|b| b.try_into().ok()).ok_or_else(malformed)?;
        let origin = match mark {
            "g" => TokenOrigin::Grant(GrantId::from_uuid(uuid)),
            "c" => TokenOrigin::Client(ClientUid::from_uuid(uuid)),
            _ => return Err(malformed()),
        };
        Ok(Self { origin, serial })
    }
}
