//! `chancery keys policy …`

use chancery_proto::v1::{AlgorithmRule, GetKeyPolicyRequest, KeyPolicy, UpdateKeyPolicyRequest};
use clap::{Args, Subcommand};
use prost_types::Duration;

use super::rule;
use crate::arguments::{Clear, InTenant, This, Trial};
use crate::connection::Api;
use crate::duration;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name::{self, TenantId};
use crate::output::Output;
use crate::preview::{Ask, Sure};

/// What can be done with the policy.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show the policy
    Get(InTenant),
    /// Change the policy
    Set(Box<Set>),
}

/// What to change in a policy. Times are written 90s, 15m, 12h, 30d.
#[derive(Args, Debug)]
pub struct Set {
    #[command(flatten)]
    this: This<InTenant>,
    /// An algorithm to keep keys for, in place of those before; may be repeated
    #[arg(long = "algorithm", value_name = "ALGORITHM")]
    algorithms: Option<Vec<String>>,
    /// What signs where a client asks for nothing else
    #[arg(long, value_name = "ALGORITHM")]
    default_algorithm: Option<String>,
    /// How long a key signs, in place of a time table
    #[arg(long, value_name = "TIME", value_parser = duration::parse, conflicts_with = "cron")]
    period: Option<Duration>,
    /// When keys change, as a cron expression of five or six fields, in place of a period
    #[arg(long, value_name = "EXPRESSION")]
    cron: Option<String>,
    /// The time zone of the cron expression, such as Europe/Vienna
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// How far tenants are spread so that they do not rotate all at once, from 0 to 20
    #[arg(long, value_name = "PERCENT")]
    jitter_percent: Option<u32>,
    /// The size of new RSA keys: 2048, 3072 or 4096
    #[arg(long, value_name = "BITS")]
    rsa_bits: Option<u32>,
    /// What is different for one algorithm, such as RS256:period=90d,announce=7d, in place of the rules before; may be
    /// repeated
    #[arg(long = "rule", value_name = "RULE", value_parser = rule::parse)]
    rules: Option<Vec<AlgorithmRule>>,
    /// How long a key is published before it signs
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    announce: Option<Duration>,
    /// How long a key stays published after it stopped signing
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    retain: Option<Duration>,
    /// The `max-age` that is served with the JWK Set
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    max_age: Option<Duration>,
    /// How long the slowest honest verifier keeps a JWK Set
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    verifier_cache: Option<Duration>,
    /// The longest life of anything that the tenant signs
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    longest_token_life: Option<Duration>,
    #[command(flatten)]
    clear: Clear,
    #[command(flatten)]
    trial: Trial,
    #[command(flatten)]
    sure: Sure,
}

pub(super) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    let mut service = api.keys();
    let trial = matches!(&verb, Verb::Set(set) if set.trial.validate_only);
    let policy = match verb {
        Verb::Get(InTenant { tenant }) => service.get_key_policy(GetKeyPolicyRequest { name: policy(&tenant) }).await,
        Verb::Set(set) => {
            let (mut request, sure) = set.request()?;
            let mut previews = api.previews();
            let preview = previews.preview_update_key_policy(request.clone());
            request.preview_hash = sure.of(trial, Ask::IfItEnds, preview).await?;
            service.update_key_policy(request).await
        }
    }?;
    let policy = policy.into_inner();
    Ok(match output {
        Output::Table if trial => {
            let changes = output.many(&policy.key_changes);
            format!("{}\nwhat it does to keys:\n{changes}", output.one(&KeyPolicy { key_changes: vec![], ..policy }))
        }
        Output::Table | Output::Json | Output::Yaml => output.one(&policy),
    })
}

/// The name of the one policy of a tenant.
fn policy(tenant: &TenantId) -> String {
    format!("{}/keyPolicy", name::tenant(tenant))
}

impl Set {
    fn request(self) -> Result<(UpdateKeyPolicyRequest, Sure), CliError> {
        let name = policy(&self.this.which.tenant);
        let mut policy = KeyPolicy { name, etag: self.this.guard.etag, ..KeyPolicy::default() };
        let mut mask = Mask::default();
        mask.take("algorithms", self.algorithms, &mut policy.algorithms);
        mask.take("default_algorithm", self.default_algorithm, &mut policy.default_algorithm);
        mask.take("cron", self.cron, &mut policy.cron);
        mask.take("time_zone", self.time_zone, &mut policy.time_zone);
        mask.take("jitter_percent", self.jitter_percent.map(Some), &mut policy.jitter_percent);
        mask.take("rsa_bits", self.rsa_bits, &mut policy.rsa_bits);
        mask.take("rules", self.rules, &mut policy.rules);
        mask.clear::<KeyPolicy>(self.clear)?;
        for (path, given, field) in [
            ("period", self.period, &mut policy.period),
            ("announce", self.announce, &mut policy.announce),
            ("retain", self.retain, &mut policy.retain),
            ("max_age", self.max_age, &mut policy.max_age),
            ("verifier_cache", self.verifier_cache, &mut policy.verifier_cache),
            ("longest_token_life", self.longest_token_life, &mut policy.longest_token_life),
        ] {
            mask.take(path, given.map(Some), field);
        }
        let request = UpdateKeyPolicyRequest {
            key_policy: Some(policy),
            update_mask: Some(mask.finish()?),
            validate_only: self.trial.validate_only,
            ..Default::default()
        };
        Ok((request, self.sure))
    }
}
