//! The issuer: its metadata (OpenID Connect Discovery section 4, RFC 8414) and its token endpoint.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, Response, redirect::Policy};
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use crate::context::Login;
use crate::error::CliError;
use crate::secret::Secret;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const LONGEST: usize = 256 * 1024;

/// An issuer whose metadata are known.
pub(super) struct Issuer {
    metadata: Metadata,
    client: Client,
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
}

/// What the token endpoint gave (RFC 6749 section 5.1).
#[derive(Deserialize)]
pub(super) struct Tokens {
    access_token: Secret,
    refresh_token: Option<Secret>,
    expires_in: i64,
}

/// What it refused (RFC 6749 section 5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

impl Issuer {
    /// Reads the metadata. They must be of that very issuer (OpenID Connect Discovery section 4.3), and nothing is sent
    /// in the clear beyond this machine.
    pub(super) async fn discover(url: &str, ca_file: Option<&Path>) -> Result<Self, CliError> {
        let client = client(ca_file)?;
        let asked = format!("{}/.well-known/openid-configuration", url.trim_end_matches('/'));
        let asked = Url::parse(&asked).map_err(|_| CliError::Usage(format!("--issuer {url}: must be a URL")))?;
        if !is_safe(&asked) {
            return Err(CliError::Usage(format!("--issuer {url}: must begin with https://")));
        }
        let answer = client.get(asked.clone()).send().await.map_err(|error| away(&asked, &error))?;
        if !answer.status().is_success() {
            return Err(CliError::sign_in(format!("{asked} answers {}", answer.status())));
        }
        let metadata: Metadata = read(answer).await?;
        if metadata.issuer != url {
            return Err(CliError::sign_in(format!("{asked} is of another issuer: {}", metadata.issuer)));
        }
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint];
        if let Some(endpoint) = endpoints.into_iter().find(|url| !is_safe(url)) {
            return Err(CliError::sign_in(format!("{endpoint} does not begin with https://")));
        }
        Ok(Self { metadata, client })
    }

    /// The issuer identifier.
    pub(super) fn url(&self) -> &str {
        &self.metadata.issuer
    }

    /// Where the browser goes.
    pub(super) fn authorization_url(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.metadata.authorization_endpoint.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }

    /// Asks the token endpoint.
    pub(super) async fn token(&self, parameters: &[(&str, &str)]) -> Result<Tokens, CliError> {
        let endpoint = &self.metadata.token_endpoint;
        let answer = self.client.post(endpoint.clone()).form(parameters).send().await;
        let answer = answer.map_err(|error| away(endpoint, &error))?;
        if answer.status().is_success() {
            return read(answer).await;
        }
        let status = answer.status();
        let why = match read::<Refused>(answer).await {
            Ok(Refused { error, error_description: Some(text) }) => format!("{error}: {text}"),
            Ok(Refused { error, error_description: None }) => error,
            Err(_) => status.to_string(),
        };
        Err(CliError::sign_in(why))
    }
}

impl Tokens {
    /// What to keep of them. Where no new refresh token came, the old one is still good (RFC 6749 section 6).
    pub(super) fn login(self, issuer: &str, client_id: &str, before: Option<Secret>) -> Login {
        Login {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            access_token: self.access_token,
            refresh_token: self.refresh_token.or(before),
            expires_at: OffsetDateTime::now_utc().unix_timestamp().saturating_add(self.expires_in),
        }
    }
}

fn client(ca_file: Option<&Path>) -> Result<Client, CliError> {
    let mut builder = Client::builder().timeout(WITHIN).redirect(Policy::none());
    if let Some(file) = ca_file {
        let pem = CliError::reading(file, std::fs::read(file))?;
        let wrong = |error| CliError::Usage(format!("{}: {error}", file.display()));
        builder = builder.tls_certs_only(Certificate::from_pem_bundle(&pem).map_err(wrong)?);
    }
    builder.build().map_err(|error| CliError::sign_in(error.to_string()))
}

/// https, or http on this machine.
fn is_safe(url: &Url) -> bool {
    let is_loopback = || matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback())
}

async fn read<T: serde::de::DeserializeOwned>(mut answer: Response) -> Result<T, CliError> {
    let url = answer.url().clone();
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| away(&url, &error))? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err(CliError::sign_in(format!("{url} answers with too much")));
        }
    }
    // What does not fit is not shown: it may hold tokens.
    serde_json::from_slice(&body).map_err(|_| CliError::sign_in(format!("{url} answers with something else")))
}

/// The server cannot be reached.
fn away(url: &Url, error: &reqwest::Error) -> CliError {
    let mut why = format!("{url} cannot be reached");
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause.and_then(std::error::Error::source) {
        why = format!("{why}: {error}");
        cause = Some(error);
    }
    CliError::SignIn { why, is_away: true }
}
