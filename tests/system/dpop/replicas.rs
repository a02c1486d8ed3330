//! Two replicas on one PostgreSQL know the same proofs and the same nonces.

use anyhow::Result;
use chancery_tests::{
    http::{Http, Reply},
    party::Party,
};
use serde_json::json;

use super::{MACHINE, NONCE, PROOF, Prover, is, nonce, said};
use crate::databases::Database;

/// Asks for a token by that way.
async fn token(way: &Http, party: &Party, proof: &str) -> Result<Reply> {
    let request = way.post(party.endpoint("token_endpoint")?)?.form(&MACHINE);
    let request = request.basic_auth(&party.client.client_id, party.client.client_secret.as_ref());
    Reply::read(request.header("dpop", proof).send().await?).await
}

#[tokio::test]
async fn t131_t138_what_one_replica_knows_the_other_knows() -> Result<()> {
    let site = Database::Postgres.site().await?;
    let second = site.installation.replica("second")?;
    let _program = site.installation.serve(&second).await?;
    let ways = [Http::new()?, site.installation.way_to(&second)?];
    let tenant = &site.first;
    let party = Party::discover(tenant, tenant.confidential_client()?).await?;
    let (prover, url) = (Prover::new()?, party.endpoint("token_endpoint")?);
    for (one, other) in [(0, 1), (1, 0)] {
        let proof = prover.proof("POST", url)?;
        token(&ways[one], &party, &proof).await?.success()?;
        is(&token(&ways[other], &party, &proof).await?, PROOF)?;

        let mut said = said("POST", url);
        said["nonce"] = json!("unknown");
        let reply = token(&ways[one], &party, &prover.prove(&said)?).await?;
        is(&reply, NONCE)?;
        said["nonce"] = json!(nonce(&reply)?);
        token(&ways[other], &party, &prover.prove(&said)?).await?.success()?;
    }
    // Of many at once, at both, one is believed.
    let proof = prover.proof("POST", url)?;
    let many = (0..16).map(|n| token(&ways[n % 2], &party, &proof));
    let answered = futures::future::try_join_all(many).await?;
    let good = answered.iter().filter(|reply| reply.status == 200).count();
    anyhow::ensure!(good == 1, "{answered:?}");
    answered.iter().filter(|reply| reply.status != 200).try_for_each(|reply| is(reply, PROOF))
}
