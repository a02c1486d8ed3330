//! The closed words of the protocol, each an enum with the spelling of its registry.

/// Declares an enum whose variants each have one spelling on the wire.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $what:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every one of them, in the order in which we publish them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The spelling on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::fault::Malformed;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(crate::fault::Malformed::new($what, concat!("must be one of:", $(" ", $word,)*))),
                }
            }
        }
    )*};
}

words! {
    /// Signature algorithms (RFC 7518 section 3.1, RFC 8037, RFC 9964) that a tenant may sign with.
    Algorithm = "alg" {
        /// ECDSA on P-256.
        Es256 = "ES256",
        /// ECDSA on P-384.
        Es384 = "ES384",
        /// ECDSA on P-521.
        Es512 = "ES512",
        /// Ed25519.
        EdDsa = "EdDSA",
        /// RSA PKCS#1 v1.5 with SHA-256.
        Rs256 = "RS256",
        /// RSA PKCS#1 v1.5 with SHA-384.
        Rs384 = "RS384",
        /// RSA PKCS#1 v1.5 with SHA-512.
        Rs512 = "RS512",
        /// RSA-PSS with SHA-256.
        Ps256 = "PS256",
        /// RSA-PSS with SHA-384.
        Ps384 = "PS384",
        /// RSA-PSS with SHA-512.
        Ps512 = "PS512",
        /// ML-DSA of category 2 (FIPS 204), which a quantum computer does not break.
        MlDsa44 = "ML-DSA-44",
        /// ML-DSA of category 3.
        MlDsa65 = "ML-DSA-65",
        /// ML-DSA of category 5.
        MlDsa87 = "ML-DSA-87",
    }
    /// Grant types (RFC 6749, OAuth 2.1).
    GrantType = "grant_type" {
        /// A code for tokens.
        AuthorizationCode = "authorization_code",
        /// A refresh token for tokens.
        RefreshToken = "refresh_token",
        /// The client for itself.
        ClientCredentials = "client_credentials",
        /// A token for one that reaches less (RFC 8693).
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
    }
    /// Response types of the authorization endpoint.
    ResponseType = "response_type" {
        /// The code flow.
        Code = "code",
    }
    /// How the authorization endpoint answers (OAuth 2.0 Multiple Response Types, Form Post).
    ResponseMode = "response_mode" {
        /// In the query of a redirect.
        Query = "query",
        /// As a form that the browser posts.
        FormPost = "form_post",
    }
    /// How a client authenticates at the token endpoint (OpenID Connect Core section 9).
    ClientAuthMethod = "token_endpoint_auth_method" {
        /// HTTP Basic with form-encoded id and secret.
        Basic = "client_secret_basic",
        /// Id and secret in the form.
        Post = "client_secret_post",
        /// A public client: the id alone.
        None = "none",
    }
    /// Values of `prompt` (OpenID Connect Core section 3.1.2.1).
    Prompt = "prompt" {
        /// No page may be shown.
        None = "none",
        /// Sign in again.
        Login = "login",
        /// Ask again.
        Consent = "consent",
        /// Choose an account; the sign-in page is where one does.
        SelectAccount = "select_account",
    }
    /// The form of a tenant's access tokens.
    AccessTokenFormat = "access_token_format" {
        /// RFC 9068, signed with the tenant's key.
        Jwt = "jwt",
        /// A JWT whose HS256 key is derived from a token secret of the tenant and from the token's own claims.
        Hmac = "hmac",
    }
    /// The `typ` header of the tokens that we sign.
    TokenType = "typ" {
        /// An access token (RFC 9068 section 2.1).
        AccessToken = "at+jwt",
        /// An ID token.
        IdToken = "JWT",
    }
}

impl Algorithm {
    /// Whether it is one of ML-DSA, which a tenant has to ask for.
    #[must_use]
    pub const fn is_ml_dsa(self) -> bool {
        match self {
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => true,
            Self::Es256
            | Self::Es384
            | Self::Es512
            | Self::EdDsa
            | Self::Rs256
            | Self::Rs384
            | Self::Rs512
            | Self::Ps256
            | Self::Ps384
            | Self::Ps512 => false,
        }
    }

    /// Whether making a key for it takes long enough to be done beforehand.
    #[must_use]
    pub const fn is_rsa(self) -> bool {
        match self {
            Self::Es256 | Self::Es384 | Self::Es512 | Self::EdDsa | Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => {
                false
            }
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Ps256 | Self::Ps384 | Self::Ps512 => true,
        }
    }
}

impl AccessTokenFormat {
    /// Whether it is the one that goes without saying, which settings at rest leave out.
    #[must_use]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference to the field")]
    pub(crate) const fn is_usual(&self) -> bool {
        match self {
            Self::Jwt => true,
            Self::Hmac => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(*algorithm));
        }
        assert!("es256".parse::<Algorithm>().is_err());
        assert!("none".parse::<Algorithm>().is_err());
    }
}
