//! The signers of the configuration, entered.

use std::sync::Arc;

use anyhow::Context as _;
use chancery_domain::random::Random;
use chancery_keys::custodian::{Custodian, Custodians};
use chancery_pkcs11::{Hsm, Settings};

/// Enters every token. One that cannot be entered refuses the start: to try a wrong PIN with every key that is needed
/// would lock the token.
pub(super) async fn enter(signers: Vec<Settings>, random: &Arc<dyn Random>) -> anyhow::Result<Custodians> {
    let mut custodians: Vec<Arc<dyn Custodian>> = Vec::with_capacity(signers.len());
    for settings in signers {
        let (name, random) = (settings.name.clone(), Arc::clone(random));
        let entered = tokio::task::spawn_blocking(move || Hsm::open(settings, random)).await?;
        custodians.push(Arc::new(entered.with_context(|| format!("keys.signer {name}"))?));
        tracing::info!(signer = %name, "the signer is ready");
    }
    Ok(Custodians::new(custodians))
}
