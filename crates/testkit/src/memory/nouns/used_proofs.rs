//! Used proofs of possession in memory.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::used_proofs::{UsedProofReads, UsedProofs},
    time::Timestamp,
    used_assertion::Novelty,
    used_proof::UsedProof,
};

use super::super::Fenced;

#[async_trait]
impl UsedProofReads for Fenced {
    async fn is_used(&self, proof: &UsedProof) -> Result<bool, Fault> {
        self.nouns(|rows| rows.used_proofs.contains_key(&(proof.client, *proof.digest.bytes())))
    }
}

#[async_trait]
impl UsedProofs for Fenced {
    async fn spend(&self, proof: &UsedProof, now: Timestamp) -> Result<Novelty, Fault> {
        let (least, greatest) = proof.digest.part();
        let part = (proof.client, least)..=(proof.client, greatest);
        self.nouns(|rows| {
            let there = rows.used_proofs.range(part).filter(|(_, expires_at)| now < **expires_at).count();
            if there >= usize::try_from(UsedProof::MOST_IN_A_PART).unwrap_or(usize::MAX) {
                return Novelty::TooMany;
            }
            let before = rows.used_proofs.insert((proof.client, *proof.digest.bytes()), proof.expires_at);
            if before.is_none() { Novelty::New } else { Novelty::Used }
        })
    }
}
