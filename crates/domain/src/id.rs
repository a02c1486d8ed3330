//! A type for each kind of id, so that one can never stand where another belongs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{fault::Malformed, random::Random, time::Timestamp};

/// Declares ids that are UUIDs chosen by us: version 7, so that rows of one time lie together.
macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id that has never been used.
            #[must_use]
            pub fn generate(random: &dyn Random, now: Timestamp) -> Self {
                let tail = crate::random::bytes::<10>(random);
                let millis = u64::try_from(now.millis()).unwrap_or_default();
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
            }

            /// The id as stored.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The id of those bytes.
            #[must_use]
            pub const fn from_bytes(id: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(id))
            }

            /// The id for storing.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                Uuid::try_parse(text).map(Self).map_err(|_| Malformed::new($what, "must be a UUID"))
            }
        }
    )*};
}

uuid_id! {
    /// The inner id of a tenant. Rows hang on it, so a re-created name revives nothing.
    TenantId = "tenant uid";
    /// The inner id of a client, apart from the public [`ClientId`].
    ClientUid = "client uid";
    /// A client's secret (its id, never its value).
    SecretId = "secret id";
    /// A secret that a tenant shares with resource servers; its text is the `kid` of what it signs.
    TokenSecretId = "token secret id";
    /// A user; its text is the `sub` of every token about that user.
    UserId = "user id";
    /// A session at one tenant; its text is the `sid` claim.
    SessionId = "session id";
    /// One authorization that a user gave to a client.
    GrantId = "grant id";
    /// The chain of refresh tokens that began with one grant.
    FamilyId = "family id";
    /// An administrator's API key.
    AdminKeyId = "API key id";
    /// The inner id of a role that a tenant made.
    RoleId = "role uid";
    /// A second caller's approval of a call.
    ApprovalId = "approval id";
    /// A role binding.
    RoleBindingId = "role binding id";
    /// An initial access token (its id, never its value).
    InitialAccessTokenId = "initial access token id";
    /// A message that is owed to a client.
    DeliveryId = "delivery id";
    /// One audit event.
    AuditId = "audit id";
}

/// Declares ids that people choose or read: short texts of a fixed alphabet.
macro_rules! text_id {
    ($($(#[$doc:meta])* $name:ident = $what:literal, $rule:literal, $check:path;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<Self, Malformed> {
                if $check(text) { Ok(Self(text.to_owned())) } else { Err(Malformed::new($what, $rule)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;

            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

text_id! {
    /// The name of a tenant as it stands in its issuer URL.
    TenantSlug = "tenant id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// A client as OAuth knows it: the `client_id`.
    ClientId = "client_id", "must be 1 to 128 of A-Z, a-z, 0-9, '.', '_', '~' and '-'", is_url_safe;
    /// The resource name of a scope of a tenant's own.
    ScopeSlug = "scope id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// The resource name of a claim mapping.
    ClaimMappingSlug = "claim mapping id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// The resource name of a trusted issuer.
    TrustedIssuerSlug = "trusted issuer id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// The resource name of a resource: an API that tokens are for.
    ResourceSlug = "resource id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// A role that a tenant made, as its name has it.
    RoleSlug = "role id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// The name in a client certificate that its holder is known by: a DNS name or a URI (RFC 5280 section 4.2.1.6).
    CertificateName = "certificate name", "must be 1 to 255 characters of ASCII without spaces", is_visible;
    /// A signing key: the `kid`.
    KeyId = "key id", "must be 1 to 128 of A-Z, a-z, 0-9, '.', '_', '~' and '-'", is_url_safe;
    /// A master key: the name it has in the configuration.
    MasterKeyId = "master key id", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
    /// A signer outside of the process, such as a hardware security module: the name it has in the configuration.
    SignerName = "signer name", "must be 2 to 63 of a-z, 0-9 and -, beginning with a letter and not ending with -", is_slug;
}

impl KeyId {
    /// A new key id: 128 random bits, unique over all tenants.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(crate::secret::base64url(&crate::random::bytes::<16>(random)))
    }
}

impl ClientId {
    /// A new client id for a caller who does not choose one.
    #[must_use]
    pub fn generate(random: &dyn Random) -> Self {
        Self(format!("c-{}", crate::secret::base64url(&crate::random::bytes::<12>(random))))
    }

    /// A client id that somebody chooses. It must not look like the id of a user: both stand in `sub`, and whoever reads
    /// one must never take a client for a person (RFC 9700 section 4.15).
    pub fn choose(text: &str) -> Result<Self, Malformed> {
        let id: Self = text.parse()?;
        if text.len() == uuid::fmt::Hyphenated::LENGTH && Uuid::try_parse(text).is_ok() {
            return Err(Malformed::new("client_id", "must not look like the id of a user, which is a UUID"));
        }
        Ok(id)
    }
}

fn is_slug(text: &str) -> bool {
    let bytes = text.as_bytes();
    (2..=63).contains(&bytes.len())
        && bytes[0].is_ascii_lowercase()
        && bytes[bytes.len() - 1] != b'-'
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
}

fn is_url_safe(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'-'))
}

fn is_visible(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_name_fits_into_a_path() {
        for good in ["acme", "a1", "north-sea"] {
            assert!(good.parse::<TenantSlug>().is_ok(), "{good}");
        }
        for bad in ["", "a", "Acme", "1st", "acme-", "a/b", "a.b", "ü-ber", &"a".repeat(64)] {
            assert!(bad.parse::<TenantSlug>().is_err(), "{bad}");
        }
    }
}
