//! What may be set of a tenant, at creation and later.

use std::{fs, path::PathBuf};

use chancery_proto::v1::{RegistrationPolicy, Tenant, registration_policy, tenant, tenant_settings};
use clap::{Args, ValueEnum};
use prost_types::Duration;

use crate::{duration, error::CliError, mask::Mask};

/// The fields of a tenant.
#[derive(Args, Debug)]
pub(super) struct Fields {
    /// What people see on its pages
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// The rules of protocol that it keeps
    #[arg(long, value_enum)]
    profile: Option<Profile>,
    /// A host for it alone, such as login.customer.example, which becomes its issuer
    #[arg(long, value_name = "HOST")]
    issuer_host: Option<String>,
    /// The form of access tokens
    #[arg(long, value_enum, value_name = "FORMAT")]
    access_token_format: Option<AccessTokenFormat>,
    /// Whether the key policy may name ML-DSA, which few verifiers know yet
    #[arg(long)]
    ml_dsa: Option<bool>,
    /// A response type that its authorization endpoint gives; may be repeated; code is always among them
    #[arg(long = "response-type", value_name = "TYPE")]
    response_types: Option<Vec<String>>,
    /// Whether authorization requests are refused that were not pushed before
    #[arg(long)]
    require_pushed_authorization_requests: Option<bool>,
    /// Where people make themselves an account
    #[arg(long, value_name = "URL")]
    sign_up_uri: Option<String>,
    /// Whether browsers load pages of applications when somebody signs out, on the profile oidc
    #[arg(long)]
    frontchannel_logout: Option<bool>,
    /// Whether pages of applications can ask whether a session is the same, on the profile oidc
    #[arg(long)]
    session_management: Option<bool>,
    /// What ends when an application sends a browser to sign out
    #[arg(long, value_enum, value_name = "SCOPE")]
    logout_scope: Option<LogoutScope>,
    /// Whether its clients may exchange tokens (RFC 8693)
    #[arg(long)]
    token_exchange: Option<bool>,
    /// Whether devices that cannot show a browser may ask for tokens (RFC 8628)
    #[arg(long)]
    device_authorization: Option<bool>,
    /// Whether its clients may come with what trusted issuers assert (RFC 7523)
    #[arg(long)]
    jwt_bearer: Option<bool>,
    /// What it makes of DPoP proofs (RFC 9449), which bind tokens to a key
    #[arg(long, value_enum, value_name = "POLICY")]
    dpop: Option<DpopPolicy>,
    /// Whether each DPoP proof must have a nonce of the server
    #[arg(long)]
    dpop_nonce_required: Option<bool>,
    /// Who may register clients; numbers and everything else about it but the two below take their defaults
    #[arg(long, value_enum, value_name = "WHO")]
    registration: Option<Registration>,
    /// A scope that clients which register themselves may have; may be repeated [default: those that every tenant has]
    #[arg(long = "registration-scope", value_name = "SCOPE", requires = "registration")]
    registration_scopes: Option<Vec<String>>,
    /// A host that clients which register themselves may lead to, .app.example for all below it; may be repeated
    /// [default: every host]
    #[arg(long = "registration-host", value_name = "HOST", requires = "registration")]
    registration_hosts: Option<Vec<String>>,
    /// Whether its clients may encrypt their authorization requests (RFC 9101), on the profile oidc
    #[arg(long)]
    request_object_encryption: Option<bool>,
    /// The certificate of an authority that vouches for certificates of clients (PEM); may be repeated
    #[arg(long = "client-certificate-authority", value_name = "FILE")]
    client_certificate_authorities: Option<Vec<PathBuf>>,
    #[command(flatten)]
    settings: Settings,
}

/// The accesses of `RegistrationPolicy.Access`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Registration {
    /// Nobody
    Closed,
    /// Whoever has an initial access token
    InitialAccessToken,
    /// Everybody
    Open,
}

/// How long what it issues lives: 90s, 15m, 12h, 30d.
#[derive(Args, Debug)]
#[command(next_help_heading = "Lifetimes (90s, 15m, 12h, 30d)")]
struct Settings {
    /// Life of access tokens
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    access_token_ttl: Option<Duration>,
    /// Life of ID tokens
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    id_token_ttl: Option<Duration>,
    /// Life of authorization codes
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    code_ttl: Option<Duration>,
    /// How long a refresh token may lie unused
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    refresh_idle_ttl: Option<Duration>,
    /// How long a family of refresh tokens lives
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    refresh_absolute_ttl: Option<Duration>,
    /// How long a rotated refresh token still answers with its successor
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    refresh_grace: Option<Duration>,
    /// How long a session may lie unused
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    session_idle_ttl: Option<Duration>,
    /// How long a session lives
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    session_absolute_ttl: Option<Duration>,
}

/// The profiles of `Tenant.Profile`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Profile {
    /// OAuth 2.1: code flow only, PKCE from every client
    Oauth21,
    /// OpenID Connect as certified, for older relying parties too
    Oidc,
}

/// The formats of `TenantSettings.AccessTokenFormat`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum AccessTokenFormat {
    /// RFC 9068, signed with the tenant's key
    Jwt,
    /// Signed by HS256 with a key derived from a token secret
    Hmac,
    /// Readable for this server alone: resource servers ask it
    Opaque,
}

/// The policies of `TenantSettings.DpopPolicy`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum DpopPolicy {
    /// They are not looked at
    Off,
    /// Who sends one gets bound tokens
    Offered,
    /// Every client sends one
    Required,
}

/// The scopes of `TenantSettings.LogoutScope`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogoutScope {
    /// The session, for every application
    Session,
    /// What the session gave that application
    Client,
}

impl Fields {
    /// Puts what was given into a tenant.
    pub(super) fn apply(self, tenant: &mut Tenant, mask: &mut Mask) -> Result<(), CliError> {
        mask.take("display_name", self.display_name, &mut tenant.display_name);
        mask.take("profile", self.profile.map(Profile::number), &mut tenant.profile);
        mask.take("issuer_host", self.issuer_host, &mut tenant.issuer_host);
        let given = self.settings;
        let settings = tenant.settings.get_or_insert_default();
        let format = self.access_token_format.map(AccessTokenFormat::number);
        mask.take("settings.access_token_format", format, &mut settings.access_token_format);
        mask.take("settings.ml_dsa", self.ml_dsa, &mut settings.ml_dsa);
        mask.take("settings.response_types", self.response_types, &mut settings.response_types);
        let pushed = self.require_pushed_authorization_requests;
        let require = &mut settings.require_pushed_authorization_requests;
        mask.take("settings.require_pushed_authorization_requests", pushed, require);
        mask.take("settings.sign_up_uri", self.sign_up_uri, &mut settings.sign_up_uri);
        let frames = self.frontchannel_logout.map(Some);
        mask.take("settings.frontchannel_logout", frames, &mut settings.frontchannel_logout);
        let states = self.session_management.map(Some);
        mask.take("settings.session_management", states, &mut settings.session_management);
        let scope = self.logout_scope.map(LogoutScope::number);
        mask.take("settings.logout_scope", scope, &mut settings.logout_scope);
        mask.take("settings.token_exchange", self.token_exchange, &mut settings.token_exchange);
        mask.take("settings.jwt_bearer", self.jwt_bearer, &mut settings.jwt_bearer);
        let encrypted = self.request_object_encryption;
        mask.take("settings.request_object_encryption", encrypted, &mut settings.request_object_encryption);
        mask.take("settings.dpop", self.dpop.map(DpopPolicy::number), &mut settings.dpop);
        mask.take("settings.dpop_nonce_required", self.dpop_nonce_required, &mut settings.dpop_nonce_required);
        let read = |file: PathBuf| CliError::reading(&file, fs::read_to_string(&file));
        let authorities = self.client_certificate_authorities.map(|files| files.into_iter().map(read).collect());
        let authorities = authorities.transpose()?;
        mask.take("settings.client_certificate_authorities", authorities, &mut settings.client_certificate_authorities);
        let devices = self.device_authorization;
        mask.take("settings.device_authorization", devices, &mut settings.device_authorization);
        let registration = self.registration.map(|who| {
            let scopes = self.registration_scopes.unwrap_or_default();
            let hosts = self.registration_hosts.unwrap_or_default();
            RegistrationPolicy { access: who.number(), scopes, hosts, ..RegistrationPolicy::default() }
        });
        mask.take("settings.registration", registration.map(Some), &mut settings.registration);
        for (path, given, field) in [
            ("settings.access_token_ttl", given.access_token_ttl, &mut settings.access_token_ttl),
            ("settings.id_token_ttl", given.id_token_ttl, &mut settings.id_token_ttl),
            ("settings.code_ttl", given.code_ttl, &mut settings.code_ttl),
            ("settings.refresh_idle_ttl", given.refresh_idle_ttl, &mut settings.refresh_idle_ttl),
            ("settings.refresh_absolute_ttl", given.refresh_absolute_ttl, &mut settings.refresh_absolute_ttl),
            ("settings.refresh_grace", given.refresh_grace, &mut settings.refresh_grace),
            ("settings.session_idle_ttl", given.session_idle_ttl, &mut settings.session_idle_ttl),
            ("settings.session_absolute_ttl", given.session_absolute_ttl, &mut settings.session_absolute_ttl),
        ] {
            mask.take(path, given.map(Some), field);
        }
        Ok(())
    }
}

impl Registration {
    fn number(self) -> i32 {
        match self {
            Self::Closed => registration_policy::Access::Closed,
            Self::InitialAccessToken => registration_policy::Access::InitialAccessToken,
            Self::Open => registration_policy::Access::Open,
        }
        .into()
    }
}

impl AccessTokenFormat {
    fn number(self) -> i32 {
        match self {
            Self::Jwt => tenant_settings::AccessTokenFormat::Jwt,
            Self::Hmac => tenant_settings::AccessTokenFormat::Hmac,
            Self::Opaque => tenant_settings::AccessTokenFormat::Opaque,
        }
        .into()
    }
}

impl DpopPolicy {
    fn number(self) -> i32 {
        match self {
            Self::Off => tenant_settings::DpopPolicy::Off,
            Self::Offered => tenant_settings::DpopPolicy::Offered,
            Self::Required => tenant_settings::DpopPolicy::Required,
        }
        .into()
    }
}

impl LogoutScope {
    fn number(self) -> i32 {
        match self {
            Self::Session => tenant_settings::LogoutScope::Session,
            Self::Client => tenant_settings::LogoutScope::Client,
        }
        .into()
    }
}

impl Profile {
    fn number(self) -> i32 {
        match self {
            Self::Oauth21 => tenant::Profile::Oauth21,
            Self::Oidc => tenant::Profile::Oidc,
        }
        .into()
    }
}
