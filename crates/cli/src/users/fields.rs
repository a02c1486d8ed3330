//! What may be set of a user, at creation and later.

use chancery_proto::v1::User;
use clap::Args;

use crate::claims::Claim;
use crate::mask::Mask;

/// The fields of a user beside the username.
#[derive(Args, Debug)]
pub(super) struct Fields {
    /// Signs in with this as well
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// The person is known to read mail sent there
    #[arg(long)]
    email_verified: Option<bool>,
    /// A claim about the person, all of them taking the place of those before: NAME=TEXT or NAME:=JSON; may be repeated
    #[arg(long = "claim", value_name = "CLAIM", value_parser = Claim::parse)]
    claims: Option<Vec<Claim>>,
}

impl Fields {
    /// Puts what was given into a user.
    pub(super) fn apply(self, user: &mut User, mask: &mut Mask) {
        mask.take("email", self.email, &mut user.email);
        mask.take("email_verified", self.email_verified, &mut user.email_verified);
        mask.take("claims", self.claims.map(Claim::collect).map(Some), &mut user.claims);
    }
}
