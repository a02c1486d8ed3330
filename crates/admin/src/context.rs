//! What the calls work with.

use std::{fmt, sync::Arc};

use chancery_domain::{
    issuer::PublicUrl,
    key_policy::UsualPolicy,
    permission::PermissionSet,
    ports::{platform::PlatformStore, store::Store},
    random::Random,
    time::Clock,
};

use crate::{previews::Danger, watch::WatchLimits};

/// Everything that the calls of this door work with.
#[derive(Clone)]
pub struct Context {
    /// The rows of tenants.
    pub store: Arc<dyn Store>,
    /// The tenants themselves, API keys, and what reaches over tenants.
    pub platform: Arc<dyn PlatformStore>,
    /// The keys room.
    pub keys: Arc<chancery_keys::Context>,
    /// Where the public front is reached: issuers are made of it.
    pub public_url: PublicUrl,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// Calls that are refused without the hash of a preview.
    pub preview_required: Vec<Danger>,
    /// What streams of changes may cost.
    pub watch: WatchLimits,
    /// What key policies begin with, and what a policy takes where its author leaves something out.
    pub usual_policy: UsualPolicy,
    /// Permissions whose calls a second caller has to approve.
    pub second_approver: PermissionSet,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
