//! The figures: collected in this process, and given to Prometheus on a listener of their own.

use std::{
    future::IntoFuture as _,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use anyhow::Context as _;
use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

use super::listen;
use crate::config::is_private;

/// The bounds of the time that requests take, in seconds.
const REQUEST_SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// The bounds of how late rotations come, in seconds.
const DELAY_SECONDS: [f64; 9] = [1.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0, 604_800.0];
/// How often what was noted is added up, though nobody asks: it lies in memory until then.
const ADD_UP_EVERY: Duration = Duration::from_secs(5);
/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The figures of this process and the port where they are given.
pub(crate) struct Figures {
    handle: PrometheusHandle,
    listener: TcpListener,
}

impl Figures {
    /// Begins to collect; to be called once and before anything is wired. Nothing is collected in a process that never
    /// calls this.
    pub(crate) fn collect(address: SocketAddr) -> anyhow::Result<Self> {
        anyhow::ensure!(
            is_private(address),
            "{address} is no loopback or private address: figures are not for everybody"
        );
        let listener = listen(address, "metrics.listen (or --metrics)")?;
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(chancery_http::REQUEST_DURATION.to_owned()), &REQUEST_SECONDS)?
            .set_buckets_for_metric(Matcher::Full(chancery_keys::measure::ROTATION_DELAY.to_owned()), &DELAY_SECONDS)?
            .build_recorder();
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).context("figures are collected already")?;
        chancery_http::describe_figures();
        chancery_keys::measure::describe();
        chancery_worker::describe_figures();
        Ok(Self { handle, listener })
    }

    /// Where they are given.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Gives them until stopped.
    pub(crate) async fn serve(self, stop: CancellationToken) -> anyhow::Result<()> {
        tokio::spawn(add_up(self.handle.clone(), stop.clone()));
        let router = Router::new().route("/metrics", get(text)).with_state(self.handle);
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        tokio::select! {
            served = axum::serve(listener, router).into_future() => served.context("the listener of the figures"),
            () = stop.cancelled() => Ok(()),
        }
    }
}

async fn text(State(figures): State<PrometheusHandle>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, "no-store")], figures.render())
}

async fn add_up(figures: PrometheusHandle, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ADD_UP_EVERY) => figures.run_upkeep(),
        }
    }
}
