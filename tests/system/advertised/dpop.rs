//! What proofs of possession may be signed with.

use anyhow::{Context as _, Result, ensure};
use chancery_tests::party::claims;

use super::trial::Trial;
use crate::{
    authorization::scene::text,
    client_keys::ClientKey,
    dpop::{Prover, by_itself},
};

pub(super) async fn algorithms(trial: &Trial<'_>) -> Result<()> {
    for alg in trial.listed("dpop_signing_alg_values_supported") {
        let prover = Prover::with(ClientKey::generate(alg)?);
        let tokens = by_itself(&trial.party, &prover).await?.success().with_context(|| alg.to_owned())?;
        ensure!(tokens["token_type"] == "DPoP", "{alg}: {tokens}");
        let bound = claims(text(&tokens, "access_token")?)?["cnf"]["jkt"].clone();
        ensure!(bound == prover.thumbprint()?.as_str(), "{alg}: {bound}");
    }
    Ok(())
}

/// Those that are not listed.
pub(super) async fn others(trial: &Trial<'_>, algorithms: &[&str]) -> Result<()> {
    for alg in algorithms {
        // A key that fits, where there is one.
        let key = ClientKey::generate(alg).or_else(|_| ClientKey::generate("ES256"))?;
        let reply = by_itself(&trial.party, &Prover::with(key).naming(alg)).await?;
        ensure!(reply.refusal() == (400, "invalid_dpop_proof"), "{alg}: {reply:?}");
    }
    Ok(())
}
