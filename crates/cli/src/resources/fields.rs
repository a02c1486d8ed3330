//! What may be set of a resource, at creation and later.

use chancery_proto::v1::Resource;
use clap::Args;
use prost_types::Duration;

use crate::duration;
use crate::mask::Mask;

/// The fields of a resource beside its identifier.
#[derive(Args, Debug)]
pub(super) struct Fields {
    /// What people call it
    #[arg(long, value_name = "TEXT")]
    display_name: Option<String>,
    /// A scope that belongs to it, by its value; may be repeated, and takes the place of those before
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Option<Vec<String>>,
    /// Life of access tokens for it: 90s, 15m, 12h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    access_token_ttl: Option<Duration>,
    /// What access tokens for it are signed with
    #[arg(long, value_name = "ALG")]
    signing_algorithm: Option<String>,
}

impl Fields {
    /// Puts what was given into a resource.
    pub(super) fn apply(self, resource: &mut Resource, mask: &mut Mask) {
        mask.take("display_name", self.display_name, &mut resource.display_name);
        mask.take("scopes", self.scopes, &mut resource.scopes);
        mask.take("access_token_ttl", self.access_token_ttl.map(Some), &mut resource.access_token_ttl);
        mask.take("signing_algorithm", self.signing_algorithm, &mut resource.signing_algorithm);
    }
}
