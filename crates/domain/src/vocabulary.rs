//! The closed words of the protocol, each an enum with the spelling of its registry.

mod response;
mod usual;

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
        /// Tokens straight from the authorization endpoint (OpenID Connect Core section 3.2): for older applications.
        Implicit = "implicit",
        /// A refresh token for tokens.
        RefreshToken = "refresh_token",
        /// The client for itself.
        ClientCredentials = "client_credentials",
        /// A token for one that reaches less (RFC 8693).
        TokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange",
        /// A device that cannot show a browser (RFC 8628).
        DeviceCode = "urn:ietf:params:oauth:grant-type:device_code",
        /// What an issuer outside asserts (RFC 7523 section 2.1).
        JwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer",
    }
    /// Response types of the authorization endpoint (OAuth 2.0 Multiple Response Types, OpenID Connect Core section 3).
    ResponseType = "response_type" {
        /// The code flow.
        Code = "code",
        /// An ID token and nothing else.
        IdToken = "id_token",
        /// An ID token and an access token.
        IdTokenToken = "id_token token",
        /// A code, and an ID token beside it.
        CodeIdToken = "code id_token",
        /// A code, and an access token beside it.
        CodeToken = "code token",
        /// A code, and both tokens beside it.
        CodeIdTokenToken = "code id_token token",
    }
    /// How the authorization endpoint answers (OAuth 2.0 Multiple Response Types, Form Post, JARM).
    ResponseMode = "response_mode" {
        /// In the query of a redirect.
        Query = "query",
        /// In the fragment of a redirect.
        Fragment = "fragment",
        /// As a form that the browser posts.
        FormPost = "form_post",
        /// Signed, in the place that goes without saying for the response type.
        Jwt = "jwt",
        /// Signed, in the query.
        QueryJwt = "query.jwt",
        /// Signed, in the fragment.
        FragmentJwt = "fragment.jwt",
        /// Signed, as a form.
        FormPostJwt = "form_post.jwt",
    }
    /// How a client authenticates at the token endpoint (OpenID Connect Core section 9).
    ClientAuthMethod = "token_endpoint_auth_method" {
        /// HTTP Basic with form-encoded id and secret.
        Basic = "client_secret_basic",
        /// Id and secret in the form.
        Post = "client_secret_post",
        /// An assertion that the client signs with a key of its own (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
        /// An assertion that the client signs with its secret.
        SecretJwt = "client_secret_jwt",
        /// A certificate for which an authority vouches (RFC 8705 section 2.1).
        Tls = "tls_client_auth",
        /// A certificate of the client's own making, with a key that it registered (RFC 8705 section 2.2).
        SelfSignedTls = "self_signed_tls_client_auth",
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
        /// Make an account first (Initiating User Registration via OpenID Connect).
        Create = "create",
    }
    /// Values of `acr`: what a sign-in proves, and no more than that.
    Acr = "acr" {
        /// A password that came over a protected channel (SAML 2.0 Authentication Context, section 3.4.5).
        Password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    }
    /// Values of `display` (OpenID Connect Core section 3.1.2.1). Our pages fit into each of them as they are.
    Display = "display" {
        /// The whole window.
        Page = "page",
        /// A small window.
        Popup = "popup",
        /// A device with a touch screen.
        Touch = "touch",
        /// A telephone without one.
        Wap = "wap",
    }
    /// The form of a tenant's access tokens.
    AccessTokenFormat = "access_token_format" {
        /// RFC 9068, signed with the tenant's key.
        Jwt = "jwt",
        /// A JWT whose HS256 key is derived from a token secret of the tenant and from the token's own claims.
        Hmac = "hmac",
        /// A text that only its issuer can read: others ask what it says (RFC 7662).
        Opaque = "opaque",
    }
    /// Under which name a client knows people (OpenID Connect Core section 8).
    #[derive(Default)]
    SubjectType = "subject_type" {
        /// By the one that all clients know.
        #[default]
        Public = "public",
        /// By one that only clients of its sector know.
        Pairwise = "pairwise",
    }
    /// Signature algorithms with a secret that whoever verifies has too (RFC 7518 section 3.2).
    MacAlgorithm = "alg" {
        /// HMAC with SHA-256.
        Hs256 = "HS256",
        /// HMAC with SHA-384.
        Hs384 = "HS384",
        /// HMAC with SHA-512.
        Hs512 = "HS512",
    }
    /// How the key of an encrypted text reaches whoever is to read it (RFC 7518 section 4.1, RFC 8037 section 3.2).
    /// `RSA1_5`, PBES2, `dir` and keys wrapped under secrets are not among them.
    KeyManagement = "alg" {
        /// RSAES OAEP with SHA-256.
        RsaOaep256 = "RSA-OAEP-256",
        /// An agreement over an elliptic curve; what is agreed on is the key.
        EcdhEs = "ECDH-ES",
        /// An agreement over an elliptic curve; what is agreed on wraps the key with AES of 128 bits.
        EcdhEsA128Kw = "ECDH-ES+A128KW",
        /// An agreement over an elliptic curve; what is agreed on wraps the key with AES of 256 bits.
        EcdhEsA256Kw = "ECDH-ES+A256KW",
    }
    /// What an encrypted text is encrypted with (RFC 7518 section 5.1).
    ContentEncryption = "enc" {
        /// AES-CBC of 128 bits with HMAC-SHA-256: what goes without saying (OpenID Connect Dynamic Client Registration
        /// section 2).
        A128CbcHs256 = "A128CBC-HS256",
        /// AES-GCM of 128 bits.
        A128Gcm = "A128GCM",
        /// AES-GCM of 256 bits.
        A256Gcm = "A256GCM",
    }
}

/// The types of the tokens that we sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenType {
    /// An access token (RFC 9068 section 2.1).
    AccessToken,
    /// An ID token.
    IdToken,
    /// A logout token (OpenID Connect Back-Channel Logout section 2.4).
    LogoutToken,
    /// The answer of the introspection endpoint (RFC 9701 section 5).
    Introspection,
    /// The answer of the authorization endpoint (JWT Secured Authorization Response Mode section 2.1).
    AuthorizationResponse,
    /// The answer of the UserInfo endpoint (OpenID Connect Core section 5.3.2).
    UserInfo,
}

impl TokenType {
    /// Every one of them.
    pub const ALL: &'static [Self] = &[
        Self::AccessToken,
        Self::IdToken,
        Self::LogoutToken,
        Self::Introspection,
        Self::AuthorizationResponse,
        Self::UserInfo,
    ];

    /// The `typ` header, where there is one. For the last two no type is registered, libraries refuse one that they do
    /// not expect, and `JWT` would let them pass here for ID tokens: they go without.
    #[must_use]
    pub const fn typ(self) -> Option<&'static str> {
        match self {
            Self::AccessToken => Some("at+jwt"),
            Self::IdToken => Some("JWT"),
            Self::LogoutToken => Some("logout+jwt"),
            Self::Introspection => Some("token-introspection+jwt"),
            Self::AuthorizationResponse | Self::UserInfo => None,
        }
    }
}

/// Any algorithm that a client may sign with: with a key of its own, or with its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
pub enum ClientAlgorithm {
    /// With the private part of a key that it registered.
    Key(Algorithm),
    /// With its secret.
    Secret(MacAlgorithm),
}

impl ClientAlgorithm {
    /// The spelling on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key(algorithm) => algorithm.as_str(),
            Self::Secret(algorithm) => algorithm.as_str(),
        }
    }
}

impl std::fmt::Display for ClientAlgorithm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for ClientAlgorithm {
    type Err = crate::fault::Malformed;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let by_key = || text.parse().map(Self::Key);
        text.parse().map(Self::Secret).or_else(|_: Self::Err| by_key()).map_err(|_| {
            crate::fault::Malformed::new("alg", "must be an algorithm that tokens can be signed with here")
        })
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

impl ClientAuthMethod {
    /// Whether it is one of signed assertions.
    #[must_use]
    pub const fn is_assertion(self) -> bool {
        match self {
            Self::PrivateKeyJwt | Self::SecretJwt => true,
            Self::Basic | Self::Post | Self::Tls | Self::SelfSignedTls | Self::None => false,
        }
    }

    /// Whether it is one of certificates.
    #[must_use]
    pub const fn is_certificate(self) -> bool {
        match self {
            Self::Tls | Self::SelfSignedTls => true,
            Self::Basic | Self::Post | Self::PrivateKeyJwt | Self::SecretJwt | Self::None => false,
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
        for algorithm in ["HS512", "PS256"] {
            assert_eq!(algorithm.parse().map(ClientAlgorithm::as_str), Ok(algorithm));
        }
        assert!("none".parse::<ClientAlgorithm>().is_err());
    }
}
