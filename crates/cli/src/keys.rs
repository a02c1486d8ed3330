//! `chancery keys …`

mod list;
mod policy;
mod rotate;

use chancery_proto::v1::GetKeyRequest;
use clap::{Args, Subcommand};

use crate::connection::Api;
use crate::error::CliError;
use crate::name;
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Examples:
  chancery keys list acme
  chancery keys rotate acme
  chancery keys rotate acme --algorithm RS256 --immediate --reason 'key server replaced'
  chancery keys policy get acme
  chancery keys policy set acme --period 30d --announce 26h --retain 25h";

/// Shown under the help of `policy`.
const POLICY_EXAMPLES: &str = "\
Examples:
  chancery keys policy get acme
  chancery keys policy set acme --period 30d --announce 26h --retain 25h
  chancery keys policy set acme --algorithm ES256 --algorithm RS256 --validate-only
  chancery keys policy set acme --default-algorithm RS256";

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the keys of a tenant
    List(list::List),
    /// Show a key
    Get(Which),
    /// Put the announced standby keys to work and announce the next ones
    Rotate(rotate::Rotate),
    /// When keys change, and what the tenant signs with
    #[command(subcommand, after_help = POLICY_EXAMPLES)]
    Policy(policy::Verb),
}

/// A key.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: String,
    /// Id of the key: the `kid` of what it signs
    #[arg(allow_hyphen_values = true)]
    key: String,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(verb) => verb.run(api, output).await,
        Verb::Get(Which { tenant, key }) => {
            let request = GetKeyRequest { name: name::child(&tenant, "keys", &key) };
            let key = api.keys().get_key(request).await?;
            Ok(output.one(key.get_ref()))
        }
        Verb::Rotate(verb) => verb.run(api, output).await,
        Verb::Policy(verb) => policy::run(verb, api, output).await,
    }
}
