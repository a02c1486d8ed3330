//! `chancery bootstrap`

use std::path::PathBuf;

use chancery_proto::v1::BootstrapRequest;
use clap::Args;
use prost_types::Duration;

use crate::connection::Connection;
use crate::duration;
use crate::error::CliError;
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
A server that is started while nobody owns the platform leaves a token in a
file, good for an hour and for one time.

Examples:
  chancery bootstrap --token-file /var/lib/chancery/bootstrap-token
  chancery bootstrap --token-file bootstrap-token --ttl 7d --system-tenant \\
      --output json";

/// Becoming the first owner.
#[derive(Args, Debug)]
pub struct Bootstrap {
    /// File with the token that the server left
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// How long the API key is accepted (24h, 30d): from a day to 90 days, which is also the default
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    ttl: Option<Duration>,
    /// Make the tenant as well that the server's configuration names as its system tenant
    #[arg(long)]
    system_tenant: bool,
}

/// Shows the token, and tells the key this once.
pub(crate) async fn run(command: Bootstrap, connection: &Connection, output: Output) -> Result<String, CliError> {
    let Bootstrap { token_file, ttl, system_tenant } = command;
    let token = CliError::reading(&token_file, std::fs::read_to_string(&token_file))?;
    let request = BootstrapRequest { token: token.trim().to_owned(), ttl, system_tenant };
    let made = connection.open_unknown()?.bootstrap().bootstrap(request).await?.into_inner();
    let mut beside = vec![("secret", made.secret.into())];
    if system_tenant {
        beside.extend([
            ("systemTenant", made.system_tenant.into()),
            ("issuer", made.issuer.into()),
            ("clientId", made.client_id.into()),
        ]);
    }
    Ok(output.one_with(&made.api_key.unwrap_or_default(), &beside))
}
