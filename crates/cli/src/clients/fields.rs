//! What may be set of a client, at creation and later.

use std::fs;
use std::path::PathBuf;

use chancery_proto::v1::{Client, client};
use clap::{Args, ValueEnum};
use prost_types::Duration;

use super::{certificate::CertificateFields, tokens::TokenFields};
use crate::{duration, error::CliError, mask::Mask};

/// The fields of a client. A list that is given takes the place of the whole list.
#[derive(Args, Debug)]
pub(super) struct Fields {
    /// What people see at consent
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// How it may authenticate; may be repeated
    #[arg(long = "auth-method", value_enum, value_name = "METHOD")]
    auth_methods: Option<Vec<AuthMethod>>,
    /// Where answers may go; may be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Option<Vec<String>>,
    /// Where a browser may go after signing out; may be repeated
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// How it may obtain tokens; may be repeated
    #[arg(long = "grant", value_enum, value_name = "GRANT")]
    grant_types: Option<Vec<GrantType>>,
    /// A scope that it may ask for; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// Do not ask people for consent
    #[arg(long)]
    skip_consent: Option<bool>,
    /// Demand PKCE where the profile does not
    #[arg(long)]
    require_pkce: Option<bool>,
    /// A web origin whose scripts may call the token endpoint; may be repeated
    #[arg(long = "allowed-origin", value_name = "ORIGIN")]
    allowed_origins: Option<Vec<String>>,
    /// An image shown at consent
    #[arg(long, value_name = "URL")]
    logo_uri: Option<String>,
    /// How it treats the data it gets
    #[arg(long, value_name = "URL")]
    policy_uri: Option<String>,
    /// Its terms of service
    #[arg(long, value_name = "URL")]
    tos_uri: Option<String>,
    /// What signs its ID tokens; HS256 for its own secret, where it has none yet and the profile is oidc
    #[arg(long, value_name = "ALG")]
    id_token_signed_response_alg: Option<String>,
    /// What signs the assertions by which it authenticates; any that fits where none is given
    #[arg(long, value_name = "ALG")]
    token_endpoint_auth_signing_alg: Option<String>,
    /// Refuse authorization requests that it did not push before
    #[arg(long)]
    require_pushed_authorization_requests: Option<bool>,
    /// What signs its request objects; any algorithm of keys where none is given
    #[arg(long, value_name = "ALG")]
    request_object_signing_alg: Option<String>,
    /// How its request objects are encrypted, all of them: RSA-OAEP-256, ECDH-ES, ECDH-ES+A128KW or ECDH-ES+A256KW
    #[arg(long, value_name = "ALG")]
    request_object_encryption_alg: Option<String>,
    /// What they are encrypted with: A128CBC-HS256, A128GCM or A256GCM
    #[arg(long, value_name = "ENC")]
    request_object_encryption_enc: Option<String>,
    /// Where its request objects may be fetched; may be repeated
    #[arg(long = "request-uri", value_name = "URL")]
    request_uris: Option<Vec<String>>,
    /// Refuse authorization requests that it did not sign
    #[arg(long)]
    require_signed_request_object: Option<bool>,
    /// A response type that it may ask for; may be repeated; code where none is given
    #[arg(long = "response-type", value_name = "TYPE")]
    response_types: Option<Vec<String>>,
    /// How long ago its people may have signed in, where a request does not say it: 90s, 15m, 12h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    default_max_age: Option<Duration>,
    /// Whether it relies on being told when people signed in, which every ID token tells
    #[arg(long)]
    require_auth_time: Option<bool>,
    /// What signs answers that it wants signed; the tenant's default where none is given
    #[arg(long, value_name = "ALG")]
    authorization_signed_response_alg: Option<String>,
    #[command(flatten)]
    tokens: TokenFields,
    #[command(flatten)]
    certificate: CertificateFields,
    /// Bind its access tokens to the certificate that it shows, all of them
    #[arg(long)]
    tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Its public keys: a JWK Set; takes the place of --jwks-uri
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    jwks: Option<PathBuf>,
    /// Where it publishes its public keys itself; takes the place of --jwks
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// Where it gets logout tokens
    #[arg(long, value_name = "URL")]
    backchannel_logout_uri: Option<String>,
    /// Whether it needs sid in logout tokens; they always have it
    #[arg(long)]
    backchannel_logout_session_required: Option<bool>,
    /// A page of its that browsers load when somebody signs out, on the profile oidc
    #[arg(long, value_name = "URL")]
    frontchannel_logout_uri: Option<String>,
    /// Whether it needs iss and sid in the query of that page; they are always there
    #[arg(long)]
    frontchannel_logout_session_required: Option<bool>,
    /// What ends when it sends a browser to sign out
    #[arg(long, value_enum, value_name = "SCOPE")]
    logout_scope: Option<LogoutScope>,
    /// A resource that it speaks for, whose tokens it may introspect and exchange; may be repeated
    #[arg(long = "exchange-resource", value_name = "URI")]
    exchange_resources: Option<Vec<String>>,
    /// Leave it out of the tokens that it exchanges, instead of naming it as the party that acts
    #[arg(long)]
    exchange_impersonates: Option<bool>,
}

/// The scopes of `Client.LogoutScope`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogoutScope {
    /// What the tenant says
    Usual,
    /// The session, for every application
    Session,
    /// What the session gave this client
    Client,
}

/// The kinds of `Client.Kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Runs on a web server, or in a browser
    Web,
    /// Installed on a device
    Native,
    /// Acts for itself, without a person
    Service,
}

/// The methods of `Client.AuthMethod`.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum AuthMethod {
    /// A secret in the Authorization header
    ClientSecretBasic,
    /// A secret in the form
    ClientSecretPost,
    /// An assertion that it signs with a key of its own
    PrivateKeyJwt,
    /// An assertion that it signs with its secret
    ClientSecretJwt,
    /// A certificate for which an authority of the tenant vouches
    TlsClientAuth,
    /// A certificate of its own making, with a key that it registered
    SelfSignedTlsClientAuth,
    /// Nothing: a public client
    None,
}

/// The grants of `Client.GrantType`.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum GrantType {
    /// A person signs in
    AuthorizationCode,
    /// Beside it: new tokens without the person
    RefreshToken,
    /// The client for itself
    ClientCredentials,
    /// Tokens through the browser, for older applications
    Implicit,
    /// A token for one that reaches less
    TokenExchange,
    /// A device that cannot show a browser
    DeviceCode,
    /// What a trusted issuer asserts
    JwtBearer,
}

impl Fields {
    /// Fills in what goes without saying for a new client of a kind.
    pub(super) fn with_defaults_of(mut self, kind: Kind) -> Self {
        let (method, grant) = match kind {
            Kind::Web => (AuthMethod::ClientSecretBasic, GrantType::AuthorizationCode),
            Kind::Native => (AuthMethod::None, GrantType::AuthorizationCode),
            Kind::Service => (AuthMethod::ClientSecretBasic, GrantType::ClientCredentials),
        };
        self.auth_methods.get_or_insert_with(|| vec![method]);
        self.grant_types.get_or_insert_with(|| vec![grant]);
        self
    }

    /// Puts what was given into a client.
    pub(super) fn apply(self, client: &mut Client, mask: &mut Mask) -> Result<(), CliError> {
        let read = |file: PathBuf| CliError::reading(&file, fs::read_to_string(&file));
        let (jwks, jwks_uri) = (self.jwks.map(read).transpose()?, self.jwks_uri);
        // A client has keys in one place: what is given here leaves nothing there.
        if jwks.is_some() {
            mask.empty("jwks_uri");
        }
        if jwks_uri.is_some() {
            mask.empty("jwks");
        }
        self.tokens.apply(client, mask);
        self.certificate.apply(client, mask);
        let bound = self.tls_client_certificate_bound_access_tokens;
        let field = &mut client.tls_client_certificate_bound_access_tokens;
        mask.take("tls_client_certificate_bound_access_tokens", bound, field);
        mask.take("jwks", jwks, &mut client.jwks);
        mask.take("jwks_uri", jwks_uri, &mut client.jwks_uri);
        let methods = self.auth_methods.map(|all| all.into_iter().map(AuthMethod::number).collect());
        let grants = self.grant_types.map(|all| all.into_iter().map(GrantType::number).collect());
        mask.take("display_name", self.display_name, &mut client.display_name);
        mask.take("auth_methods", methods, &mut client.auth_methods);
        mask.take("redirect_uris", self.redirect_uris, &mut client.redirect_uris);
        let after_logout = self.post_logout_redirect_uris;
        mask.take("post_logout_redirect_uris", after_logout, &mut client.post_logout_redirect_uris);
        mask.take("grant_types", grants, &mut client.grant_types);
        mask.take("scopes", self.scopes, &mut client.scopes);
        mask.take("skip_consent", self.skip_consent, &mut client.skip_consent);
        mask.take("require_pkce", self.require_pkce, &mut client.require_pkce);
        mask.take("allowed_origins", self.allowed_origins, &mut client.allowed_origins);
        mask.take("logo_uri", self.logo_uri, &mut client.logo_uri);
        mask.take("policy_uri", self.policy_uri, &mut client.policy_uri);
        mask.take("tos_uri", self.tos_uri, &mut client.tos_uri);
        mask.take("exchange_resources", self.exchange_resources, &mut client.exchange_resources);
        mask.take("exchange_impersonates", self.exchange_impersonates, &mut client.exchange_impersonates);
        let signing = self.id_token_signed_response_alg;
        mask.take("id_token_signed_response_alg", signing, &mut client.id_token_signed_response_alg);
        let assertions = self.token_endpoint_auth_signing_alg;
        mask.take("token_endpoint_auth_signing_alg", assertions, &mut client.token_endpoint_auth_signing_alg);
        let pushed = self.require_pushed_authorization_requests;
        mask.take("require_pushed_authorization_requests", pushed, &mut client.require_pushed_authorization_requests);
        let objects = self.request_object_signing_alg;
        mask.take("request_object_signing_alg", objects, &mut client.request_object_signing_alg);
        let (alg, enc) = (self.request_object_encryption_alg, self.request_object_encryption_enc);
        mask.take("request_object_encryption_alg", alg, &mut client.request_object_encryption_alg);
        mask.take("request_object_encryption_enc", enc, &mut client.request_object_encryption_enc);
        mask.take("request_uris", self.request_uris, &mut client.request_uris);
        let signed = self.require_signed_request_object;
        mask.take("require_signed_request_object", signed, &mut client.require_signed_request_object);
        mask.take("response_types", self.response_types, &mut client.response_types);
        mask.take("default_max_age", self.default_max_age.map(Some), &mut client.default_max_age);
        mask.take("require_auth_time", self.require_auth_time, &mut client.require_auth_time);
        let answers = self.authorization_signed_response_alg;
        mask.take("authorization_signed_response_alg", answers, &mut client.authorization_signed_response_alg);
        mask.take("backchannel_logout_uri", self.backchannel_logout_uri, &mut client.backchannel_logout_uri);
        let needed = self.backchannel_logout_session_required;
        mask.take("backchannel_logout_session_required", needed, &mut client.backchannel_logout_session_required);
        mask.take("frontchannel_logout_uri", self.frontchannel_logout_uri, &mut client.frontchannel_logout_uri);
        let needed = self.frontchannel_logout_session_required;
        mask.take("frontchannel_logout_session_required", needed, &mut client.frontchannel_logout_session_required);
        mask.take("logout_scope", self.logout_scope.map(LogoutScope::number), &mut client.logout_scope);
        Ok(())
    }
}

impl Kind {
    pub(super) fn number(self) -> i32 {
        match self {
            Self::Web => client::Kind::Web,
            Self::Native => client::Kind::Native,
            Self::Service => client::Kind::Service,
        }
        .into()
    }
}

impl AuthMethod {
    fn number(self) -> i32 {
        match self {
            Self::ClientSecretBasic => client::AuthMethod::ClientSecretBasic,
            Self::ClientSecretPost => client::AuthMethod::ClientSecretPost,
            Self::PrivateKeyJwt => client::AuthMethod::PrivateKeyJwt,
            Self::ClientSecretJwt => client::AuthMethod::ClientSecretJwt,
            Self::TlsClientAuth => client::AuthMethod::TlsClientAuth,
            Self::SelfSignedTlsClientAuth => client::AuthMethod::SelfSignedTlsClientAuth,
            Self::None => client::AuthMethod::None,
        }
        .into()
    }
}

impl LogoutScope {
    fn number(self) -> i32 {
        match self {
            Self::Usual => client::LogoutScope::Unspecified,
            Self::Session => client::LogoutScope::Session,
            Self::Client => client::LogoutScope::Client,
        }
        .into()
    }
}

impl GrantType {
    fn number(self) -> i32 {
        match self {
            Self::AuthorizationCode => client::GrantType::AuthorizationCode,
            Self::RefreshToken => client::GrantType::RefreshToken,
            Self::ClientCredentials => client::GrantType::ClientCredentials,
            Self::Implicit => client::GrantType::Implicit,
            Self::TokenExchange => client::GrantType::TokenExchange,
            Self::DeviceCode => client::GrantType::DeviceCode,
            Self::JwtBearer => client::GrantType::JwtBearer,
        }
        .into()
    }
}
