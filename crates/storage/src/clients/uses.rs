//! When clients' secrets were used. No version and no change feed: replicas would forget each client once a minute.

use async_trait::async_trait;
use chancery_domain::{client::SecretUse, fault::Fault, ports::client_secrets::SecretUses};

use crate::{
    line::WriteLine,
    rows::{Rows, unguarded},
};

const NOTE: &str = "UPDATE client_secrets SET last_used_at = $4
     WHERE tenant_id = $1 AND client_uid = $2 AND id = $3 AND (last_used_at IS NULL OR last_used_at < $4)";

#[async_trait]
impl<L: WriteLine> SecretUses for Rows<L> {
    async fn note(&self, uses: &[SecretUse]) -> Result<(), Fault> {
        for used in uses.iter().filter(|used| used.tenant == self.tenant_id()) {
            let values = [used.client.uuid().into(), used.secret.uuid().into(), used.at.millis().into()];
            self.execute(self.statement(NOTE, values)).await.map_err(unguarded)?;
        }
        Ok(())
    }
}
