//! `chancery keys import`

use std::io::{self, Read as _};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use chancery_proto::v1::ImportKeyRequest;
use clap::Args;
use prost_types::{Duration, Timestamp};

use crate::arguments::Once;
use crate::connection::Api;
use crate::duration;
use crate::error::CliError;
use crate::name::{self, TenantId};
use crate::output::Output;

/// Which key to take in, and what for.
#[derive(Args, Debug)]
pub struct Import {
    /// Id of the tenant
    tenant: TenantId,
    /// The key: PEM, OpenSSH or JWK; - for standard input
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The passphrase of an encrypted key is the first line of this file
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// What the key is to sign with; needed for RSA
    #[arg(long, default_value = "", hide_default_value = true)]
    algorithm: String,
    /// The `kid` of what it has signed already
    #[arg(long, value_name = "KID", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    key_id: String,
    /// Let it verify for so long what another provider signed, and never sign here
    #[arg(long, value_name = "TIME", value_parser = duration::parse, conflicts_with = "already_known")]
    verify_for: Option<Duration>,
    /// Verifiers know it already, because it stood in the JWK Set of this very issuer; needs a reason
    #[arg(long, requires = "reason")]
    already_known: bool,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    once: Once,
}

impl Import {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let passphrase = match &self.passphrase_file {
            None => String::new(),
            Some(file) => read(file)?.lines().next().unwrap_or_default().to_owned(),
        };
        let request = ImportKeyRequest {
            parent: name::tenant(&self.tenant),
            material: read(&self.file)?,
            passphrase,
            algorithm: self.algorithm,
            key_id: self.key_id,
            verify_until_time: self.verify_for.map(|span| Timestamp { seconds: now() + span.seconds, nanos: 0 }),
            already_known: self.already_known,
            reason: self.reason.unwrap_or_default(),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        };
        let key = api.keys().import_key(request).await?;
        Ok(output.one(key.get_ref()))
    }
}

fn read(file: &std::path::Path) -> Result<String, CliError> {
    if file.as_os_str() == "-" {
        let mut text = String::new();
        return CliError::reading(file, io::stdin().lock().read_to_string(&mut text)).map(|_| text);
    }
    CliError::reading(file, std::fs::read_to_string(file))
}

#[expect(clippy::disallowed_methods, reason = "a command on the operator's machine, where time comes in")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
