//! The JWK Sets that the replicas gave out, and when.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chancery_tests::party::Party;

/// The answers of one issuer that a verifier may still hold.
#[derive(Default)]
pub(crate) struct Answers(Mutex<VecDeque<(Instant, BTreeSet<String>)>>);

impl Answers {
    /// Asks for one more; forgets those that are older than `cache`.
    pub(crate) async fn ask(&self, party: &Party, cache: Duration) -> Result<()> {
        let asked = Instant::now();
        let body = party.keys().await?.success()?;
        let keys = body["keys"].as_array().context("no keys")?;
        let kids = keys.iter().filter_map(|key| Some(key["kid"].as_str()?.to_owned())).collect();
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.push_back((asked, kids));
        while answers.front().is_some_and(|(asked, _)| asked.elapsed() > cache) {
            answers.pop_front();
        }
        Ok(())
    }

    /// How many answers no older than `cache` there are, and how many of them lack the key.
    pub(crate) fn lacking(&self, kid: &str, cache: Duration) -> (usize, usize) {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = || answers.iter().filter(|(asked, _)| asked.elapsed() <= cache);
        (held().count(), held().filter(|(_, kids)| !kids.contains(kid)).count())
    }
}
