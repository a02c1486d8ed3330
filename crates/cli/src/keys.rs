//! `chancery keys …`

mod alarm;
mod compromise;
mod everywhere;
mod import;
mod policy;
mod rotate;
mod rule;
mod taint;
mod timeline;

use chancery_proto::v1::{GetKeyRequest, ListKeysRequest};
use clap::{Args, Subcommand};

use crate::connection::Api;
use crate::error::CliError;
use crate::listing::{Asked, List};
use crate::name::{self, TenantId};
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
RS256 is for tenants of the profile oidc, unless the key policy names it.

Examples:
  chancery keys list acme
  chancery keys rotate acme --validate-only \\
      --immediate --reason 'key server replaced'
  chancery keys rotate shop --validate-only \\
      --algorithm RS256 --immediate --reason 'odd traffic'
  chancery keys timeline acme --days 180
  chancery keys import shop --file old.pem --algorithm RS256
  chancery keys import shop --file old.jwk --verify-for 30d
  chancery keys taint acme KEY --reason 'odd traffic' --validate-only
  chancery keys compromise acme KEY --reason 'seen on a forum'
  chancery keys compromise shop --all --algorithm RS256 \\
      --reason 'server lost'
  chancery keys compromise --everywhere --algorithm RS256 --reason 'broken'
  chancery keys policy get acme
  chancery keys policy set acme --period 30d --announce 26h --retain 25h";

/// Shown under the help of `policy`.
const POLICY_EXAMPLES: &str = "\
Examples:
  chancery keys policy get acme
  chancery keys policy set acme --period 30d --announce 26h --retain 25h
  chancery keys policy set acme --cron '0 3 1 * *' --time-zone Europe/Vienna
  chancery keys policy set shop --rule 'RS256:period=90d,announce=7d'
  chancery keys policy set shop --clear rules
  chancery keys policy set shop --algorithm ES256 --algorithm RS256 \\
      --validate-only
  chancery keys policy set shop --default-algorithm RS256";

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the keys of a tenant
    List(List),
    /// Show a key
    Get(Which),
    /// Put the announced standby keys to work and announce the next ones
    Rotate(rotate::Rotate),
    /// Take in a key that another provider made, to sign with or to verify for a while
    Import(Box<import::Import>),
    /// Suspect a key: it signs no more, and what it signed is still believed
    Taint(taint::Taint),
    /// Give keys up that others may have: they are believed no more, at once
    Compromise(compromise::Compromise),
    /// Draw the life of a tenant's keys, past and planned
    Timeline(timeline::Timeline),
    /// When keys change, and what the tenant signs with
    #[command(subcommand, after_help = POLICY_EXAMPLES)]
    Policy(policy::Verb),
}

/// A key.
#[derive(Args, Debug)]
pub struct Which {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the key: the `kid` of what it signs
    #[arg(allow_hyphen_values = true)]
    key: String,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListKeysRequest { parent, page_size, page_token, filter, order_by };
                let page = api.keys().list_keys(request).await?.into_inner();
                Ok((page.keys, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Get(Which { tenant, key }) => {
            let request = GetKeyRequest { name: name::child(&tenant, "keys", &key)? };
            let key = api.keys().get_key(request).await?;
            Ok(output.one(key.get_ref()))
        }
        Verb::Rotate(verb) => verb.run(api, output).await,
        Verb::Import(verb) => verb.run(api, output).await,
        Verb::Taint(verb) => verb.run(api, output).await,
        Verb::Compromise(verb) => verb.run(api, output).await,
        Verb::Timeline(verb) => verb.run(api, output).await,
        Verb::Policy(verb) => policy::run(verb, api, output).await,
    }
}
