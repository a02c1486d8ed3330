//! What may be set of a claim mapping, at creation and later.

use chancery_proto::v1::{ClaimMapping, claim_mapping};
use clap::{Args, ValueEnum};
use prost_types::Value;

use crate::claims;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name::{self, TenantId};

/// The fields of a claim mapping beside its claim.
#[derive(Args, Debug)]
pub(super) struct Fields {
    #[command(flatten)]
    source: Source,
    /// Where the claim goes; may be repeated
    #[arg(long = "target", value_enum, value_name = "TARGET")]
    targets: Option<Vec<Target>>,
    /// Only where this scope was granted
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// Only for this client
    #[arg(long, value_name = "CLIENT")]
    client: Option<String>,
}

/// Where the value comes from.
#[derive(Args, Debug)]
#[group(multiple = false)]
struct Source {
    /// A claim of the user: a name, or a path such as `/address/country`
    #[arg(long, value_name = "CLAIM")]
    user_claim: Option<String>,
    /// A text that is the same for everybody
    #[arg(long, value_name = "TEXT")]
    constant: Option<String>,
    /// A value of any type that is the same for everybody
    #[arg(long, value_name = "JSON", value_parser = claims::value)]
    constant_json: Option<Value>,
}

/// The targets of `ClaimMapping.Target`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Target {
    /// Into ID tokens
    IdToken,
    /// Into access tokens
    AccessToken,
    /// Into the answers of UserInfo
    Userinfo,
}

impl Fields {
    /// Puts what was given into a claim mapping of that tenant. A source that is given takes the place of the one before.
    pub(super) fn apply(self, tenant: &TenantId, mapping: &mut ClaimMapping, mask: &mut Mask) -> Result<(), CliError> {
        let Source { user_claim, constant, constant_json } = self.source;
        let constant = constant.map(claims::text).or(constant_json);
        if user_claim.is_some() || constant.is_some() {
            mask.take("user_claim", Some(user_claim.unwrap_or_default()), &mut mapping.user_claim);
            mask.take("constant", Some(constant), &mut mapping.constant);
        }
        let targets = self.targets.map(|all| all.into_iter().map(Target::number).collect());
        mask.take("targets", targets, &mut mapping.targets);
        mask.take("scope", self.scope, &mut mapping.scope);
        let client = self.client.map(|client| name::child(tenant, "clients", &client)).transpose()?;
        mask.take("client", client, &mut mapping.client);
        Ok(())
    }
}

impl Target {
    fn number(self) -> i32 {
        match self {
            Self::IdToken => claim_mapping::Target::IdToken,
            Self::AccessToken => claim_mapping::Target::AccessToken,
            Self::Userinfo => claim_mapping::Target::Userinfo,
        }
        .into()
    }
}
