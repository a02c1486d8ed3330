//! Errors by the names that the protocol gives them. Which HTTP status each has is the door's to say.

use std::{borrow::Cow, fmt, time::Duration};

use chancery_domain::fault::{Fault, WriteError};

/// Declares the codes with their spelling on the wire.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal,)*) => {
        /// The error codes that we answer with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $code,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The spelling on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $word,)* }
            }
        }
    };
}

codes! {
    /// A parameter is missing, repeated, malformed or unfitting (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidRequest = "invalid_request",
    /// The client is unknown or did not prove who it is (RFC 6749 section 5.2).
    InvalidClient = "invalid_client",
    /// The code or refresh token is not good, or not this client's (RFC 6749 section 5.2).
    InvalidGrant = "invalid_grant",
    /// The client may not do this (RFC 6749 sections 4.1.2.1 and 5.2).
    UnauthorizedClient = "unauthorized_client",
    /// There is no such grant type here (RFC 6749 section 5.2).
    UnsupportedGrantType = "unsupported_grant_type",
    /// There is no such response type here (RFC 6749 section 4.1.2.1).
    UnsupportedResponseType = "unsupported_response_type",
    /// A scope is unknown, malformed or more than may be had (RFC 6749 sections 4.1.2.1 and 5.2).
    InvalidScope = "invalid_scope",
    /// A resource is unknown, malformed or more than may be had (RFC 8707 section 2).
    InvalidTarget = "invalid_target",
    /// The user or this server refuses (RFC 6749 section 4.1.2.1).
    AccessDenied = "access_denied",
    /// Nobody has decided about the device's wish (RFC 8628 section 3.5).
    AuthorizationPending = "authorization_pending",
    /// The device asks too often (RFC 8628 section 3.5).
    SlowDown = "slow_down",
    /// The device's codes are too old (RFC 8628 section 3.5).
    ExpiredToken = "expired_token",
    /// The user would have to sign in, and no page may be shown (OpenID Connect Core section 3.1.2.6).
    LoginRequired = "login_required",
    /// The user would have to consent, and no page may be shown (OpenID Connect Core section 3.1.2.6).
    ConsentRequired = "consent_required",
    /// The user would have to do something else first, and no page may be shown (OpenID Connect Core section 3.1.2.6).
    InteractionRequired = "interaction_required",
    /// The user would have to choose an account, and no page may be shown (OpenID Connect Core section 3.1.2.6).
    AccountSelectionRequired = "account_selection_required",
    /// The user cannot prove what the claim `acr` must say (OpenID Connect Core Error Code
    /// `unmet_authentication_requirements`).
    UnmetAuthenticationRequirements = "unmet_authentication_requirements",
    /// Request objects are not supported (OpenID Connect Core section 3.1.2.6).
    RequestNotSupported = "request_not_supported",
    /// Request objects by reference are not supported (OpenID Connect Core section 3.1.2.6).
    RequestUriNotSupported = "request_uri_not_supported",
    /// Registration within a request is not supported (OpenID Connect Core section 3.1.2.6).
    RegistrationNotSupported = "registration_not_supported",
    /// A `request_uri` leads to nothing good, or not any more (RFC 9101 section 6.1, RFC 9126 section 4).
    InvalidRequestUri = "invalid_request_uri",
    /// A request object is not one of this client for us, or says what it must not (RFC 9101 section 6).
    InvalidRequestObject = "invalid_request_object",
    /// A proof of possession is missing, is none, or is not one for this request (RFC 9449 section 5).
    InvalidDpopProof = "invalid_dpop_proof",
    /// A proof of possession must have a nonce that is good now (RFC 9449 section 8).
    UseDpopNonce = "use_dpop_nonce",
    /// A redirect URI cannot be registered (RFC 7591 section 3.2.2).
    InvalidRedirectUri = "invalid_redirect_uri",
    /// What a client says of itself cannot be registered (RFC 7591 section 3.2.2).
    InvalidClientMetadata = "invalid_client_metadata",
    /// A software statement is of nobody whom we believe (RFC 7591 section 3.2.2).
    InvalidSoftwareStatement = "invalid_software_statement",
    /// Something of ours is broken (RFC 6749 section 4.1.2.1); a door says it of [`OAuthError::Ours`].
    ServerError = "server_error",
    /// Something of ours is away for the moment (RFC 6749 section 4.1.2.1); a door says it of [`OAuthError::Ours`].
    TemporarilyUnavailable = "temporarily_unavailable",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a use-case of this room did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    /// The caller is at fault and can mend it.
    #[error("{code}: {hint}")]
    Caller {
        /// The protocol's name of the error.
        code: ErrorCode,
        /// A fixed text of ours for people: the `error_description`. It never repeats what came in, and holds only
        /// the characters that RFC 6749 section 5.2 allows.
        hint: Cow<'static, str>,
    },
    /// The caller may try again later.
    #[error("too many requests; try again in {} s", .retry_after.as_secs())]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// We are at fault: logged with its cause, answered without.
    #[error(transparent)]
    Ours(#[from] Fault),
}

impl OAuthError {
    /// An error of the caller.
    #[must_use]
    pub const fn new(code: ErrorCode, hint: &'static str) -> Self {
        Self::Caller { code, hint: Cow::Borrowed(hint) }
    }

    /// `invalid_request`.
    #[must_use]
    pub const fn invalid_request(hint: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, hint)
    }

    /// `invalid_client`: one answer for a client that is unknown, disabled or could not prove who it is.
    #[must_use]
    pub const fn invalid_client() -> Self {
        Self::new(ErrorCode::InvalidClient, "client authentication failed")
    }

    /// `invalid_grant`.
    #[must_use]
    pub const fn invalid_grant(hint: &'static str) -> Self {
        Self::new(ErrorCode::InvalidGrant, hint)
    }

    /// `invalid_scope`.
    #[must_use]
    pub const fn invalid_scope(hint: &'static str) -> Self {
        Self::new(ErrorCode::InvalidScope, hint)
    }

    /// `invalid_target`.
    #[must_use]
    pub const fn invalid_target(hint: &'static str) -> Self {
        Self::new(ErrorCode::InvalidTarget, hint)
    }

    /// The protocol's name, where the caller is at fault.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Caller { code, .. } => Some(*code),
            Self::TooMany { .. } | Self::Ours(_) => None,
        }
    }
}

/// Nothing that this room writes can be taken or stale: its names are random and its moves are guarded statements.
impl From<WriteError> for OAuthError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Fault(fault) => Self::Ours(fault),
            WriteError::Taken(_) | WriteError::Stale => Self::Ours(Fault::broken("a new row was refused", error)),
        }
    }
}
