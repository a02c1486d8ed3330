//! Who calls the admin API: the one name that roles are bound to, that the audit tells and that answers are
//! remembered under.

use std::{fmt, str::FromStr};

use crate::{
    fault::Malformed,
    id::{AdminKeyId, CertificateName, ClientId, UserId},
};

/// A caller who can be told from every other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Principal {
    /// The holder of an API key.
    ApiKey(AdminKeyId),
    /// The holder of a client certificate with that name in it.
    Certificate(CertificateName),
    /// A user of the system tenant.
    User(UserId),
    /// A client of the system tenant.
    Client(ClientId),
}

impl Principal {
    /// Whether the system tenant knows it, and so lets it in or not.
    #[must_use]
    pub const fn is_of_system_tenant(&self) -> bool {
        match self {
            Self::User(_) | Self::Client(_) => true,
            Self::ApiKey(_) | Self::Certificate(_) => false,
        }
    }

    /// Whether it is a person, who can be asked to sign in again; programs prove themselves with each call.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        match self {
            Self::User(_) => true,
            Self::ApiKey(_) | Self::Certificate(_) | Self::Client(_) => false,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ApiKey(id) => write!(f, "apiKeys/{id}"),
            Self::Certificate(name) => write!(f, "certificates/{name}"),
            Self::User(id) => write!(f, "users/{id}"),
            Self::Client(id) => write!(f, "clients/{id}"),
        }
    }
}

impl FromStr for Principal {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let unknown = Malformed::new("member", "must be apiKeys/…, certificates/…, users/… or clients/…");
        let (kind, id) = text.split_once('/').ok_or_else(|| unknown.clone())?;
        let read = match kind {
            "apiKeys" => Self::ApiKey(id.parse()?),
            "certificates" => Self::Certificate(id.parse()?),
            "users" => Self::User(id.parse()?),
            "clients" => Self::Client(id.parse()?),
            _ => return Err(unknown),
        };
        // A UUID has several spellings, and a name has one.
        if read.to_string() == text {
            Ok(read)
        } else {
            Err(Malformed::new("member", "must have a UUID in lower case"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_read_as_it_is_written() {
        for text in [
            "apiKeys/018f0000-0000-7000-8000-000000000000",
            "users/018f0000-0000-7000-8000-00000000000a",
            "clients/console~1",
            "certificates/ops.example",
            "certificates/spiffe://example/ops",
        ] {
            assert_eq!(text.parse::<Principal>().expect(text).to_string(), text);
        }
        for text in [
            "",
            "ada",
            "users/",
            "users/ada",
            "users/018F0000-0000-7000-8000-00000000000A",
            "Users/018f0000-0000-7000-8000-00000000000a",
            "certificates/",
            "certificates/a b",
            "groups/all",
            "/apiKeys/018f0000-0000-7000-8000-000000000000",
        ] {
            assert!(text.parse::<Principal>().is_err(), "{text}");
        }
    }
}
