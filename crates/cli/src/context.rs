//! Contexts: deployments by name, and who one is there.
//!
//! They live in one file of the user's own, `$XDG_CONFIG_HOME/chancery/contexts.toml`, which nobody else may read.

mod file;
mod verbs;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::file::Contexts;
pub use self::verbs::Verb;
pub(crate) use self::verbs::{EXAMPLES, run};
use crate::secret::Secret;

/// One deployment, and who one is there. Every secret in it is stored as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Where the admin API listens.
    pub admin_url: String,
    /// Certificates (PEM) to trust instead of those of the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_key: Option<Secret>,
    /// A file with the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_key_file: Option<PathBuf>,
    /// The certificate (PEM) to show, for mutual TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate: Option<PathBuf>,
    /// Its private key (PEM).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_key: Option<PathBuf>,
    /// Id of the tenant that commands are about when they name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The person who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
}

/// A person who signed in, as the tokens that say so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The issuer that they signed in to.
    pub issuer: String,
    /// The client that they signed in with.
    pub client_id: String,
    /// What the admin API is shown.
    pub access_token: Secret,
    /// What another access token is obtained with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// When the access token is over, in seconds since 1970-01-01T00:00:00Z.
    pub expires_at: i64,
}

impl Context {
    /// What one proves with who one is, in words; empty when there is nothing.
    fn credential(&self) -> &'static str {
        let bearer = self.admin_key.is_some() || self.admin_key_file.is_some();
        match (self.login.is_some(), bearer, self.client_certificate.is_some()) {
            (true, _, _) => "sign-in",
            (false, true, _) => "API key",
            (false, false, true) => "certificate",
            (false, false, false) => "",
        }
    }
}
