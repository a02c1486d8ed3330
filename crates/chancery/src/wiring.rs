//! Wiring: everything that the rooms ask for, made once and handed to them.

mod admin;
mod bootstrap;
mod certificates;
mod chance;
mod clock;
mod directory;
mod feed;
mod figures;
mod front;
mod logging;
mod overdue;
mod presented;
mod private_file;
mod signers;
mod views;

use std::sync::Arc;

use anyhow::Context as _;
use chancery_accounts::{
    password::{Cost, PasswordGate},
    throttle::{Limits, Throttle},
};
use chancery_admin::SystemTenant;
use chancery_domain::{
    issuer::PublicUrl,
    key_policy::{Margins, UsualPolicy},
    permission::PermissionSet,
    ports::{client_key_sets::ClientKeySets, platform::PlatformStore},
    random::Random,
    time::Clock,
};
use chancery_http::TrustedProxies;
use chancery_keys::{
    client_keys::ClientKeyReader,
    master::{self, MasterKeys},
};
use chancery_outbound::{KeySets, Outbound};
use chancery_storage::{Options, Storage};
use tokio_util::sync::CancellationToken;

pub(crate) use chance::SystemRandom;
pub(crate) use clock::{DatabaseClock, SystemClock};
pub(crate) use figures::Figures;
pub(crate) use front::listen;
pub(crate) use logging::{Log, start as start_log};
pub(crate) use private_file::write_new;

use crate::config::MtlsSection;
use directory::TenantDirectory;

/// What the house is built from, whoever asks for it.
pub(crate) struct Plan {
    /// Where browsers and clients reach the front.
    pub public_url: PublicUrl,
    /// The open store.
    pub storage: Storage,
    /// The clock that the store was opened with.
    pub clock: Arc<DatabaseClock>,
    /// What seals the tenants' keys.
    pub masters: MasterKeys,
    /// What else holds private keys.
    pub signers: Vec<chancery_pkcs11::Settings>,
    /// What the deployment allows for replicas that lag and clocks that disagree; only `dev` has none.
    pub margins: Margins,
    /// What the key policies of new tenants begin with.
    pub usual_policy: UsualPolicy,
    /// Whom the server may call at a client's wish.
    pub outbound: chancery_outbound::Settings,
    /// Permissions whose calls a second caller has to approve.
    pub second_approver: PermissionSet,
    /// Admin calls that are refused without the hash of a preview.
    pub preview_required: Vec<chancery_admin::Danger>,
    /// How many passwords are hashed at a time, and how many may wait.
    pub hashing: (usize, usize),
    /// How many tries people have.
    pub limits: Limits,
    /// Of which peers `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How the certificates of clients reach us, if they do.
    pub mtls: Option<MtlsSection>,
    /// What the host that all tenants share is called besides.
    pub hosts: Vec<String>,
    /// The tenant whose access tokens callers of the admin API may show.
    pub system_tenant: Option<SystemTenant>,
}

/// The house, wired.
pub(crate) struct House {
    /// Where browsers and clients reach the front.
    pub public_url: PublicUrl,
    /// The store.
    pub storage: Storage,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub random: Arc<dyn Random>,
    /// The life of keys.
    pub keys: Arc<chancery_keys::Context>,
    /// The gate that passwords are hashed behind.
    pub gate: Arc<PasswordGate>,
    /// The one client for what is fetched and delivered at a client's wish.
    pub outbound: Arc<Outbound>,
    /// Clients' keys.
    pub client_keys: Arc<dyn ClientKeySets>,
    database_clock: Arc<DatabaseClock>,
    directory: Arc<TenantDirectory>,
    throttle: Arc<Throttle>,
    usual_policy: UsualPolicy,
    second_approver: PermissionSet,
    preview_required: Vec<chancery_admin::Danger>,
    trusted_proxies: TrustedProxies,
    mtls: Option<MtlsSection>,
    hosts: Vec<String>,
    system_tenant: Option<SystemTenant>,
}

/// Opens the store on the clock that everything else will use.
pub(crate) async fn open_storage(url: &str, connections: u32) -> anyhow::Result<(Storage, Arc<DatabaseClock>)> {
    let embedded = url.starts_with("sqlite:");
    let clock = Arc::new(if embedded { DatabaseClock::embedded() } else { DatabaseClock::new() });
    let options = Options { connections, ..Options::new(url, Arc::clone(&clock) as Arc<dyn Clock>) };
    let storage = Storage::open(options).await?;
    Ok((storage, clock))
}

impl House {
    /// Wires the house. Refuses when a master key that is in use is missing or wrong, or a signer does not let us in.
    pub(crate) async fn build(plan: Plan) -> anyhow::Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let clock: Arc<dyn Clock> = Arc::clone(&plan.clock) as Arc<dyn Clock>;
        confirm_master_keys(&plan.storage, &plan.masters, &*random).await?;
        let keys = chancery_keys::Context::over(&plan.storage, Arc::clone(&clock), Arc::clone(&random), plan.masters);
        let custodians = signers::enter(plan.signers, &random).await?;
        let keys = Arc::new(chancery_keys::Context { custodians, margins: plan.margins, ..keys });
        let gate = PasswordGate::new(plan.hashing.0, plan.hashing.1, Cost::default());
        let outbound = Arc::new(Outbound::new(plan.outbound).context("[outbound]")?);
        let client_keys = KeySets::new(Arc::clone(&outbound) as _, Arc::new(ClientKeyReader), Arc::clone(&clock));
        let views = views::Views {
            public_url: plan.public_url.clone(),
            keys: Arc::clone(&keys),
            certificates: views::CertificatePlace::of(plan.mtls.as_ref()),
        };
        let directory = TenantDirectory::new(views, plan.storage.clone(), &*clock);
        Ok(Self {
            public_url: plan.public_url,
            directory: Arc::new(directory),
            throttle: Arc::new(Throttle::new(plan.limits)),
            gate: Arc::new(gate),
            outbound,
            client_keys: Arc::new(client_keys),
            storage: plan.storage,
            database_clock: plan.clock,
            usual_policy: plan.usual_policy,
            second_approver: plan.second_approver,
            preview_required: plan.preview_required,
            trusted_proxies: plan.trusted_proxies,
            mtls: plan.mtls,
            hosts: plan.hosts,
            system_tenant: plan.system_tenant,
            clock,
            random,
            keys,
        })
    }

    /// Keeps the views fresh until stopped. Returns once the feed is being followed.
    pub(crate) async fn follow_changes(&self, stop: CancellationToken) -> anyhow::Result<()> {
        let feed =
            feed::Feed::begin(self.storage.clone(), Arc::clone(&self.directory), Arc::clone(&self.database_clock));
        let feed = feed.await.context("reading the change feed")?;
        tokio::spawn(feed.follow(stop));
        Ok(())
    }
}

/// Start is refused when something is sealed under a key that is not here.
async fn confirm_master_keys(storage: &Storage, masters: &MasterKeys, random: &dyn Random) -> anyhow::Result<()> {
    let unusable = master::confirm(storage, masters).await?;
    if !unusable.is_empty() {
        let each: Vec<_> = unusable.iter().map(ToString::to_string).collect();
        anyhow::bail!(
            "this database needs master keys that the configuration does not have: {}; put the right ones back under \
             keys.master",
            each.join(", ")
        );
    }
    let stored = PlatformStore::read(storage).master_keys().await?;
    let check = masters.check(random)?;
    if stored.iter().all(|known| known.id != check.id) {
        let tx = PlatformStore::begin(storage).await?;
        // Another replica may have written it in the meantime, which is just as good.
        if tx.insert_master_key(&check).await.is_ok() {
            tx.commit().await?;
        }
    }
    Ok(())
}
