//! Why a token is not accepted, and how a caller is told (RFC 6750 section 3).

use http::StatusCode;

/// Why a token is not accepted. It never holds any part of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// There is no token.
    #[error("a token is required")]
    Missing,
    /// There is more than one, or the header is not of the form `Bearer token`.
    #[error("the authorization must be one bearer token")]
    Ambiguous,
    /// Not a compact JWS with JSON inside.
    #[error("the token is malformed")]
    Malformed,
    /// Not an access token, but something else that the issuer signed.
    #[error("the token is of another type")]
    Type,
    /// Of an issuer that is not trusted here.
    #[error("the issuer is unknown")]
    Issuer,
    /// Signed with an algorithm that is not the key's, or not allowed here.
    #[error("the algorithm is not allowed")]
    Algorithm,
    /// Signed with a key that the issuer does not publish.
    #[error("the key is unknown")]
    UnknownKey,
    /// The signature does not fit.
    #[error("the signature is wrong")]
    Signature,
    /// Meant for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// Too old.
    #[error("the token has expired")]
    Expired,
    /// Not valid yet.
    #[error("the token is not valid yet")]
    NotYet,
    /// A claim is missing or of the wrong type.
    #[error("the claim {0} is missing or malformed")]
    Claim(&'static str),
    /// Bound to a key (RFC 7800), which nobody has proved to have.
    #[error("the token is bound to a key")]
    Bound,
    /// Good, but not for this.
    #[error("the token lacks a scope")]
    Scope {
        /// All scopes that are needed here.
        required: Vec<String>,
    },
    /// The issuer's keys cannot be had at the moment.
    #[error("the keys of the issuer are not available")]
    Unavailable,
}

impl Rejection {
    /// The status of the answer: 401 for want of a good token, 403 for want of a scope.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Missing
            | Self::Malformed
            | Self::Type
            | Self::Issuer
            | Self::Algorithm
            | Self::UnknownKey
            | Self::Signature
            | Self::Audience
            | Self::Expired
            | Self::NotYet
            | Self::Bound
            | Self::Claim(_) => StatusCode::UNAUTHORIZED,
            Self::Ambiguous => StatusCode::BAD_REQUEST,
            Self::Scope { .. } => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The error code of RFC 6750 section 3.1. A caller without a token is told nothing but the scheme.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Missing | Self::Unavailable => None,
            Self::Ambiguous => Some("invalid_request"),
            Self::Scope { .. } => Some("insufficient_scope"),
            Self::Malformed
            | Self::Type
            | Self::Issuer
            | Self::Algorithm
            | Self::UnknownKey
            | Self::Signature
            | Self::Audience
            | Self::Expired
            | Self::NotYet
            | Self::Bound
            | Self::Claim(_) => Some("invalid_token"),
        }
    }

    /// The value of `WWW-Authenticate`, where there is one to send.
    #[must_use]
    pub fn challenge(&self) -> Option<String> {
        let Some(code) = self.code() else {
            return (*self == Self::Missing).then(|| "Bearer".to_owned());
        };
        let mut challenge = format!("Bearer error=\"{code}\", error_description=\"{self}\"");
        if let Self::Scope { required } = self {
            challenge.push_str(", scope=\"");
            challenge.push_str(&required.join(" "));
            challenge.push('"');
        }
        Some(challenge)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_says_what_is_missing() {
        assert_eq!(Rejection::Missing.challenge().as_deref(), Some("Bearer"));
        assert_eq!(
            Rejection::Expired.challenge().as_deref(),
            Some("Bearer error=\"invalid_token\", error_description=\"the token has expired\"")
        );
        let scope = Rejection::Scope { required: vec!["a".into(), "b".into()] };
        assert!(scope.challenge().is_some_and(|text| text.ends_with(", scope=\"a b\"")));
        assert_eq!(Rejection::Unavailable.challenge(), None);
    }
}
