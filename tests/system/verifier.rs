//! A verifier of tokens, on a library that others wrote: it knows an issuer by its JWK Set alone, and keeps that for as
//! long as the header fields allow.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chancery_tests::party::Party;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

/// The keys of one issuer.
pub(crate) struct Verifier {
    party: Party,
    keys: BTreeMap<String, (DecodingKey, Value)>,
    fresh_until: Instant,
}

impl Verifier {
    /// Reads the keys for the first time.
    pub(crate) async fn of(party: &Party) -> Result<Self> {
        let mut verifier = Self { party: party.clone(), keys: BTreeMap::new(), fresh_until: Instant::now() };
        verifier.read().await?;
        Ok(verifier)
    }

    /// Verifies signature, issuer, audience and times. Reads the keys again only when their time is over, never because
    /// a key is unknown.
    pub(crate) async fn verify(&mut self, token: &str, audience: &str) -> Result<Value> {
        if Instant::now() >= self.fresh_until {
            self.read().await?;
        }
        let header = decode_header(token)?;
        let kid = header.kid.context("no kid")?;
        let (key, jwk) = self.keys.get(&kid).with_context(|| format!("unknown kid {kid}"))?;
        anyhow::ensure!(serde_json::to_value(header.alg)? == jwk["alg"], "alg {:?} with {jwk}", header.alg);
        let mut rules = Validation::new(header.alg);
        rules.set_audience(&[audience]);
        rules.set_issuer(&[self.party.metadata["issuer"].as_str().unwrap_or_default()]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        rules.leeway = 0;
        Ok(decode::<Value>(token, key, &rules)?.claims)
    }

    async fn read(&mut self) -> Result<()> {
        let asked = Instant::now();
        let reply = self.party.keys().await?;
        let max_age = reply.header("cache-control").split(',').find_map(|part| part.trim().strip_prefix("max-age="));
        let max_age = max_age.context("no max-age with the JWK Set")?.parse()?;
        let body = reply.success()?;
        let set: JwkSet = serde_json::from_value(body.clone())?;
        self.keys.clear();
        for (at, jwk) in set.keys.iter().enumerate() {
            let kid = jwk.common.key_id.clone().context("a key without kid")?;
            self.keys.insert(kid, (DecodingKey::from_jwk(jwk)?, body["keys"][at].clone()));
        }
        self.fresh_until = asked + Duration::from_secs(max_age);
        Ok(())
    }
}
