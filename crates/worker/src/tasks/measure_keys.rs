//! Measures how the keys of all tenants stand. Every process does so for itself, since each is asked for its figures.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault, key_census::KeyCensus, ports::platform::PlatformStore, time::Clock, time::Timestamp,
    vocabulary::Algorithm,
};
use metrics::gauge;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::{
    Context,
    measure::{NEXT_DUE, OLDEST_ACTIVE, OVERDUE, STORED},
    task::Task,
};

/// How long keys may wait before their tenant is overdue: four looks of the task that moves them.
const PATIENCE: Duration = Duration::from_secs(60);

/// The task.
pub(crate) struct MeasureKeys {
    platform: Arc<dyn PlatformStore>,
    clock: Arc<dyn Clock>,
    /// What has been told of, and is told to be none once it is gone.
    told: Mutex<BTreeSet<(&'static str, Algorithm)>>,
}

impl MeasureKeys {
    pub(crate) fn new(cx: &Context) -> Self {
        Self { platform: Arc::clone(&cx.platform), clock: Arc::clone(&cx.keys.clock), told: Mutex::default() }
    }

    async fn tell(&self, census: &KeyCensus, now: Timestamp) {
        let mut told = self.told.lock().await;
        told.extend(census.counts.iter().map(|count| (count.state, count.algorithm)));
        for (state, algorithm) in told.iter() {
            let count = census.counts.iter().find(|count| (count.state, count.algorithm) == (*state, *algorithm));
            let keys = number(count.map_or(0, |count| count.keys));
            gauge!(STORED, "algorithm" => algorithm.as_str(), "state" => *state).set(keys);
            if *state == "active" {
                let since = count.and_then(|count| count.active_since).unwrap_or(now);
                gauge!(OLDEST_ACTIVE, "algorithm" => algorithm.as_str()).set(now.since(since));
            }
        }
        gauge!(NEXT_DUE).set(census.next_due.map_or(0.0, |due| seconds_until(due, now)));
        gauge!(OVERDUE).set(number(census.overdue));
    }
}

#[async_trait]
impl Task for MeasureKeys {
    fn name(&self) -> &'static str {
        "measure_keys"
    }

    fn is_shared(&self) -> bool {
        false
    }

    async fn is_due(&self) -> Result<bool, Fault> {
        Ok(true)
    }

    async fn run(&self, _stop: CancellationToken) -> Result<(), Fault> {
        let now = self.clock.now();
        let census = self.platform.read().key_census(now - PATIENCE).await?;
        self.tell(&census, now).await;
        Ok(())
    }
}

fn seconds_until(due: Timestamp, now: Timestamp) -> f64 {
    due.since(now).as_secs_f64() - now.since(due).as_secs_f64()
}

/// Four thousand million of anything is as many as more.
fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
