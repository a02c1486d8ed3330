//! The listener of the admin API.

use std::{net::TcpListener, sync::Arc};

use anyhow::Context as _;
use chancery_admin::Tls;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{House, certificates::Certificates};
use crate::config::{TlsFiles, WorkerSection};

impl House {
    /// What the admin door needs.
    fn admin_context(&self, stop: CancellationToken) -> chancery_admin::Context {
        chancery_admin::Context {
            store: Arc::new(self.storage.clone()),
            platform: Arc::new(self.storage.clone()),
            directory: Arc::clone(&self.directory) as _,
            keys: Arc::clone(&self.keys),
            public_url: self.public_url.clone(),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            uris: Arc::clone(&self.outbound) as _,
            fetch: Arc::clone(&self.outbound) as _,
            preview_required: self.preview_required.clone(),
            watch: chancery_admin::WatchLimits::default(),
            seats: chancery_admin::Seats::default(),
            usual_policy: self.usual_policy.clone(),
            second_approver: self.second_approver,
            system_tenant: self.system_tenant.clone(),
            bootstrap_tries: Arc::default(),
            stop,
        }
    }

    /// Serves the admin API until stopped.
    pub(crate) async fn serve_admin(
        &self,
        listener: TcpListener,
        tls: Option<(TlsFiles, watch::Receiver<()>)>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let tls = tls.map(|(files, asked)| follow(&files, asked, stop.clone())).transpose()?;
        chancery_admin::serve(self.admin_context(stop), listener, tls).await.context("the admin listener")
    }

    /// What messages to clients are made and sent with.
    fn outbox(&self) -> chancery_worker::Outbox {
        chancery_worker::Outbox {
            make: Arc::new(chancery_oauth::logout::LogoutTokens::new(self.oauth())),
            post: Arc::clone(&self.outbound) as _,
        }
    }

    /// Runs the worker until stopped; tasks that have begun are finished.
    pub(crate) async fn run_worker(&self, section: WorkerSection, stop: CancellationToken) -> anyhow::Result<()> {
        let holder = format!("{:016x}", u64::from_be_bytes(chancery_domain::random::bytes(&*self.random)));
        let context = chancery_worker::Context {
            platform: Arc::new(self.storage.clone()),
            keys: Arc::clone(&self.keys),
            holder,
            rotate_cron: section.rotate_keys,
            purge_cron: section.purge_expired,
            measure_cron: section.measure_keys,
            outbox: Some(self.outbox()),
        };
        chancery_worker::run(context, stop).await.context("the worker")
    }
}

/// TLS as the files say, now and whenever they change.
fn follow(files: &TlsFiles, asked: watch::Receiver<()>, stop: CancellationToken) -> anyhow::Result<Arc<Tls>> {
    let (certificates, settings) = Certificates::read(files, &[b"h2"])?;
    let tls = Arc::new(Tls::new(settings));
    let door = Arc::clone(&tls);
    tokio::spawn(certificates.follow(move |settings| door.replace(settings), asked, stop));
    Ok(tls)
}
