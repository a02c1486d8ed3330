//! What is fetched, with how much of it is read and how long that may take.

use std::time::Duration;

/// A kind of document that clients have us fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// A client's keys (`jwks_uri`, RFC 7591 section 2).
    KeySet,
    /// The redirect URIs that share a sector identifier (OpenID Connect Registration section 5).
    SectorIdentifier,
    /// A request object by reference (`request_uri`, RFC 9101 section 5.2).
    RequestObject,
    /// A client that describes itself (client ID metadata document).
    ClientMetadata,
    /// What an issuer says of itself (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3).
    IssuerMetadata,
}

impl Document {
    /// The longest that is read, in bytes.
    #[must_use]
    pub const fn longest(self) -> usize {
        match self {
            Self::KeySet | Self::SectorIdentifier | Self::RequestObject | Self::IssuerMetadata => 64 * 1024,
            Self::ClientMetadata => 16 * 1024,
        }
    }

    /// How long everything may take, from the first look at the name to the last byte.
    #[must_use]
    pub const fn patience(self) -> Duration {
        match self {
            Self::KeySet | Self::RequestObject | Self::ClientMetadata | Self::IssuerMetadata => Duration::from_secs(3),
            Self::SectorIdentifier => Duration::from_secs(5),
        }
    }

    /// What the call says that it accepts.
    #[must_use]
    pub const fn accepts(self) -> &'static str {
        match self {
            Self::KeySet => "application/jwk-set+json, application/json",
            Self::SectorIdentifier | Self::ClientMetadata | Self::IssuerMetadata => "application/json",
            Self::RequestObject => "application/oauth-authz-req+jwt, application/jwt",
        }
    }

    /// Whether an answer of that media type is one of these: `Content-Type` without parameters, in small letters, empty
    /// where the answer has none. Request objects prove themselves by their signature, and many servers hand a file out
    /// under whatever type they have.
    #[must_use]
    pub fn admits(self, media_type: &str) -> bool {
        match self {
            Self::KeySet | Self::SectorIdentifier | Self::ClientMetadata | Self::IssuerMetadata => {
                media_type == "application/json"
                    || media_type.strip_prefix("application/").is_some_and(|kind| kind.ends_with("+json"))
            }
            Self::RequestObject => !matches!(media_type, "text/html" | "application/xhtml+xml"),
        }
    }
}
