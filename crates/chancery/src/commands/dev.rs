//! `chancery dev`: a provider on this machine, ready to sign in to.

mod announce;
mod credentials;
mod demo;

use std::{net::TcpListener, path::Path, sync::Arc};

use anyhow::Context as _;
use chancery_accounts::throttle::Limits;
use chancery_cli::Output;
use chancery_domain::{
    id::MasterKeyId,
    issuer::PublicUrl,
    key_policy::{Margins, UsualPolicy},
    outbound::Reach,
    permission::PermissionSet,
};
use chancery_http::TrustedProxies;
use chancery_keys::master::MasterKeys;
use chancery_outbound::Settings;
use tokio::task::JoinSet;

use super::{serve, stop};
use crate::{
    command::Dev,
    config::{Config, LogFormat, LogSection, WorkerSection, new_master_key, read_master_key},
    wiring::{self, Figures, House, Plan, SystemRandom},
};

/// Serves everything from one directory until a signal.
pub(super) async fn run(dev: Dev, output: Output) -> anyhow::Result<()> {
    let _log = wiring::start_log(&LogSection { format: LogFormat::Text, filter: LogSection::USUAL_FILTER.to_owned() })?;
    let stop = stop::on_signal()?;
    let http = wiring::listen(dev.http, "--http")?;
    let admin = wiring::listen(dev.admin, "--admin")?;
    let figures = dev.metrics.map(Figures::collect).transpose()?;
    let house = Arc::new(open(&dev.data, &http).await?);
    let demo = demo::ensure(&house, &dev.data).await?;
    house.follow_changes(stop.clone()).await?;

    let admin_address = admin.local_addr()?;
    let mut roles = JoinSet::new();
    let (front, stopping) = (house.clone(), stop.clone());
    roles.spawn(async move { front.serve_front(http, None, stopping).await });
    let (door, stopping) = (house.clone(), stop.clone());
    roles.spawn(async move { door.serve_admin(admin, None, stopping).await });
    let (clock, stopping) = (house.clone(), stop.clone());
    let worker = WorkerSection {
        rotate_keys: "* * * * * *".to_owned(),
        purge_expired: "0 * * * * *".to_owned(),
        measure_keys: figures.is_some().then(|| "0/2 * * * * *".to_owned()),
    };
    roles.spawn(async move { clock.run_worker(worker, stopping).await });
    let metrics = figures.as_ref().map(Figures::address).transpose()?;
    if let Some(figures) = figures {
        roles.spawn(figures.serve(stop.clone()));
    }

    announce::print(&demo, &house.public_url, admin_address, metrics, output)?;
    if dev.open {
        announce::open_start_page(&demo, &house.public_url);
    }
    let done = serve::finish(roles, &stop).await;
    let _ = tokio::time::timeout(Config::STOP_WITHIN, house.storage.clone().close()).await;
    done
}

/// Opens the directory: made, with a master key, on first use.
async fn open(data: &Path, http: &TcpListener) -> anyhow::Result<House> {
    std::fs::create_dir_all(data).with_context(|| format!("making {}", data.display()))?;
    let masters = MasterKeys::new(vec![master_key(&data.join("master.key"))?])?;
    let file = data.join("chancery.db");
    let file = std::path::absolute(&file)?;
    let (storage, clock) = wiring::open_storage(&format!("sqlite://{}", file.display()), 4).await?;
    storage.migrate().await?;
    let plan = Plan {
        public_url: PublicUrl::parse(&format!("http://{}", http.local_addr()?))?,
        storage,
        clock,
        masters,
        signers: Vec::new(),
        margins: Margins::NONE,
        usual_policy: UsualPolicy::default(),
        outbound: Settings { reach: Reach::public().and_loopback(), roots: Vec::new() },
        second_approver: PermissionSet::EMPTY,
        preview_required: Vec::new(),
        hashing: (std::thread::available_parallelism().map_or(2, std::num::NonZero::get), 256),
        limits: Limits::wide(),
        trusted_proxies: TrustedProxies::None,
        mtls: None,
        hosts: Vec::new(),
        system_tenant: None,
    };
    House::build(plan).await
}

/// The master key of the directory, made on first use.
fn master_key(path: &Path) -> anyhow::Result<(MasterKeyId, [u8; 32])> {
    if !path.exists() {
        credentials::write_private(path, new_master_key(&SystemRandom).as_bytes())?;
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let bytes = read_master_key(text.trim()).map_err(|rule| anyhow::anyhow!("{}: {rule}", path.display()))?;
    Ok(("dev".parse()?, bytes))
}
