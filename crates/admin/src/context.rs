//! What the calls work with.

use std::{fmt, sync::Arc};

use crate::bootstrap::Tries;
use chancery_domain::{
    id::TenantSlug,
    issuer::PublicUrl,
    key_policy::UsualPolicy,
    permission::PermissionSet,
    ports::{
        directory::Directory,
        outbound::{CheckUris, Fetch},
        platform::PlatformStore,
        store::Store,
    },
    random::Random,
    resource::ResourceUri,
    scope,
    time::Clock,
};
use tokio_util::sync::CancellationToken;

use crate::{
    previews::Danger,
    watch::{Seats, WatchLimits},
};

/// Everything that the calls of this door work with.
#[derive(Clone)]
pub struct Context {
    /// The rows of tenants.
    pub store: Arc<dyn Store>,
    /// The tenants themselves, API keys, and what reaches over tenants.
    pub platform: Arc<dyn PlatformStore>,
    /// Tenants and clients in memory: it verifies the access tokens that callers show.
    pub directory: Arc<dyn Directory>,
    /// The keys room.
    pub keys: Arc<chancery_keys::Context>,
    /// Where the public front is reached: issuers are made of it.
    pub public_url: PublicUrl,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// What this deployment calls: places that clients register are held against it.
    pub uris: Arc<dyn CheckUris>,
    /// Reads what issuers say of themselves, before they are trusted by their names alone.
    pub fetch: Arc<dyn Fetch>,
    /// Calls that are refused without the hash of a preview.
    pub preview_required: Vec<Danger>,
    /// What streams may cost.
    pub watch: WatchLimits,
    /// Which streams there are.
    pub seats: Seats,
    /// What key policies begin with, and what a policy takes where its author leaves something out.
    pub usual_policy: UsualPolicy,
    /// Permissions whose calls a second caller has to approve.
    pub second_approver: PermissionSet,
    /// The tenant whose access tokens callers may show, if there is one.
    pub system_tenant: Option<SystemTenant>,
    /// How often somebody may try to become the first owner.
    pub bootstrap_tries: Arc<Tries>,
    /// When the server stops: streams end then.
    pub stop: CancellationToken,
}

/// The tenant whose people and programs call this API with access tokens.
#[derive(Clone, Debug)]
pub struct SystemTenant {
    /// Its name.
    pub slug: TenantSlug,
    /// What must stand in the `aud` of their tokens: the identifier of this API as a resource (RFC 8707).
    pub audience: ResourceUri,
}

impl SystemTenant {
    /// The scope that a token must have beside the audience: without it an application of that tenant may do nothing
    /// here, whatever the person may who uses it.
    pub const SCOPE: &str = scope::ADMIN_API;
    /// The client that operators sign in with on the command line.
    pub const CLIENT: &str = "chancery-cli";
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}
