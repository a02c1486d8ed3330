//! `chancery serve`: the roles that are asked for, until a signal.

use chancery_accounts::throttle::Limits;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Opened, open, reload, stop};
use crate::{
    command::{Role, Serve},
    config::{Config, MtlsWay},
    wiring::{self, Figures, House, Plan},
};

/// Serves until a signal. A role that fails stops the others, and the process says why.
pub(super) async fn run(serve: Serve) -> anyhow::Result<()> {
    let stop = stop::on_signal()?;
    let reload = reload::on_signal()?;
    let Opened { config, log: _log, storage, clock } = open(&serve.config).await?;
    if !storage.pending_migrations().await?.is_empty() {
        anyhow::bail!(
            "the database is behind this version; run `chancery migrate --config {}` first",
            serve.config.display()
        );
    }
    // Before the rooms are wired, so that they count from the first request on.
    let figures = config.metrics.map(Figures::collect).transpose()?;
    let plan = Plan {
        public_url: config.public_url.clone(),
        storage: storage.clone(),
        clock,
        masters: config.master_keys,
        signers: config.signers,
        margins: config.margins,
        usual_policy: config.usual_policy,
        outbound: config.outbound,
        second_approver: config.second_approver,
        preview_required: config.preview_required,
        hashing: (config.sign_in.concurrent_hashes, config.sign_in.queue),
        limits: Limits::strict(),
        trusted_proxies: config.trusted_proxies,
        mtls: config.mtls.clone(),
        hosts: config.hosts.clone(),
        system_tenant: config.system_tenant,
    };
    let house = std::sync::Arc::new(House::build(plan).await?);
    house.follow_changes(stop.clone()).await?;

    // All are taken before the first role answers, so that whoever finds one ready may go on to the other.
    let http = serve.has(Role::Front).then(|| wiring::listen(config.http, "http.listen")).transpose()?;
    let mtls = match config.mtls.as_ref().map(|mtls| &mtls.way) {
        Some(MtlsWay::Listener(address, files)) if serve.has(Role::Front) => {
            Some((wiring::listen(*address, "http.mtls.listen")?, files.clone()))
        }
        Some(MtlsWay::Listener(..) | MtlsWay::Header(_)) | None => None,
    };
    let admin = serve.has(Role::Admin).then(|| wiring::listen(config.admin, "admin.listen")).transpose()?;
    if let Some(listener) = &admin {
        let scheme = if config.admin_tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr()?);
        house.offer_ownership(config.bootstrap_token_file.as_deref(), &url).await;
    }
    let mut roles = JoinSet::new();
    if let Some(listener) = http {
        tracing::info!(address = %listener.local_addr()?, tls = config.http_tls.is_some(), "the front listens");
        let tls = config.http_tls.map(|files| (files, reload.clone()));
        let (house, stop) = (house.clone(), stop.clone());
        roles.spawn(async move { house.serve_front(listener, tls, stop).await });
    }
    if let Some((listener, files)) = mtls {
        tracing::info!(address = %listener.local_addr()?, "the front for clients with certificates listens");
        let (house, stop, reload) = (house.clone(), stop.clone(), reload.clone());
        roles.spawn(async move { house.serve_certificates(listener, &files, reload, stop).await });
    }
    if let Some(listener) = admin {
        tracing::info!(address = %listener.local_addr()?, tls = config.admin_tls.is_some(), "the admin API listens");
        let tls = config.admin_tls.map(|files| (files, reload));
        let (house, stop) = (house.clone(), stop.clone());
        roles.spawn(async move { house.serve_admin(listener, tls, stop).await });
    }
    if serve.has(Role::Worker) {
        tracing::info!("the worker runs");
        let (house, stop, section) = (house.clone(), stop.clone(), config.worker);
        roles.spawn(async move { house.run_worker(section, stop).await });
    }
    if let Some(figures) = figures {
        tracing::info!(address = %figures.address()?, "figures are given");
        roles.spawn(figures.serve(stop.clone()));
    }
    let done = finish(roles, &stop).await;
    let _ = tokio::time::timeout(Config::STOP_WITHIN, storage.close()).await;
    done
}

/// Waits for every role; the first that ends takes the others with it.
pub(super) async fn finish(mut roles: JoinSet<anyhow::Result<()>>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut done = Ok(());
    while let Some(ended) = roles.join_next().await {
        stop.cancel();
        let ended = ended.map_err(anyhow::Error::from).and_then(|result| result);
        if done.is_ok() {
            done = ended;
        }
    }
    done
}
