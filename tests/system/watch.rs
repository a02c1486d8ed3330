//! Verifiers that others wrote, watching over tokens for all of their lives: each is verified at once, in the middle of
//! its life and in its last second.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, ChildStdin},
    sync::Mutex,
};

use crate::script;

/// The libraries, each behind its script.
pub(crate) const LIBRARIES: [&str; 2] = ["jose_watch.mjs", "pyjwt_watch.py"];

/// A running verifier.
pub(crate) struct Watch {
    script: &'static str,
    child: Child,
    input: Mutex<ChildStdin>,
}

/// What a verifier saw.
#[derive(Debug, Deserialize)]
pub(crate) struct Seen {
    /// How many tokens it verified.
    pub(crate) verified: Verified,
    /// How many it came to when their lives were over.
    pub(crate) late: u32,
    /// How many times it could not read the keys, and tried again.
    pub(crate) unreachable: u32,
    /// Those that did not verify, and why.
    pub(crate) failures: Vec<String>,
}

/// How many tokens were verified, by the moment of their lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Verified {
    pub(crate) first: u32,
    pub(crate) middle: u32,
    pub(crate) last: u32,
}

impl Watch {
    /// One that keeps a JWK Set for `cache`, and believes a token for `leeway` beyond its end.
    pub(crate) async fn start(script: &'static str, cache: Duration, leeway: Duration) -> Result<Self> {
        let mut child = script::start(script)?;
        let input = Mutex::new(child.stdin.take().context("stdin")?);
        let watch = Self { script, child, input };
        let task = json!({ "cache_millis": cache.as_millis(), "leeway_seconds": leeway.as_secs() });
        watch.say(&task).await?;
        Ok(watch)
    }

    /// Names a token that is to be watched, the keys that it is to be verified by, and what to say of it if it fails.
    pub(crate) async fn over(&self, token: &str, jwks_uri: &str, about: &str) -> Result<()> {
        self.say(&json!({ "token": token, "jwks_uri": jwks_uri, "about": about })).await
    }

    async fn say(&self, line: &Value) -> Result<()> {
        let said = self.input.lock().await.write_all(format!("{line}\n").as_bytes()).await;
        said.with_context(|| format!("{} does not listen", self.script))
    }

    /// Waits until the last token's life is over, and asks what was seen.
    pub(crate) async fn finish(self) -> Result<Seen> {
        drop(self.input);
        let ended = tokio::time::timeout(Duration::from_secs(60), self.child.wait_with_output()).await;
        let output = ended.with_context(|| format!("{} does not end", self.script))??;
        let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        anyhow::ensure!(output.status.success(), "{}: {}\n{said}\n{complaint}", self.script, output.status);
        serde_json::from_str(&said).with_context(|| format!("{}: {said}", self.script))
    }
}
