//! `chancery encryption-keys …`

use chancery_proto::v1::{
    DeleteEncryptionKeyRequest, EncryptionKey, ListEncryptionKeysRequest, RotateEncryptionKeysRequest,
};
use clap::{Args, Subcommand};

use crate::arguments::{InTenant, Trial};
use crate::connection::Api;
use crate::error::CliError;
use crate::listing::{Asked, List};
use crate::name::{self, TenantId};
use crate::output::Output;

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "\
Applications encrypt their authorization requests to these keys where a tenant
takes that, on the profile oidc. They are made and replaced by themselves.

Examples:
  chancery tenants update shop --request-object-encryption
  chancery encryption-keys list shop
  chancery encryption-keys rotate shop --reason 'yearly drill'
  chancery encryption-keys delete shop 3nO1xLr5cZ2d8bQkUuYw0A";

/// What can be done with encryption keys.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List the keys that applications encrypt to
    List(List),
    /// Publish new keys; those of before go on opening
    Rotate(Rotate),
    /// Destroy a key that others may have: what was encrypted to it is refused
    Delete(Delete),
}

/// Whose keys to rotate.
#[derive(Args, Debug)]
pub struct Rotate {
    #[command(flatten)]
    of: InTenant,
    /// Why, for the audit trail
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Which key to destroy.
#[derive(Args, Debug)]
pub struct Delete {
    /// Id of the tenant
    tenant: TenantId,
    /// Id of the encryption key
    encryption_key: String,
    #[command(flatten)]
    trial: Trial,
}

pub(crate) async fn run(verb: Verb, api: &Api, output: Output) -> Result<String, CliError> {
    match verb {
        Verb::List(list) => {
            let page = async |Asked { parent, page_size, page_token, filter, order_by }| {
                let request = ListEncryptionKeysRequest { parent, page_size, page_token, filter, order_by };
                let page = api.encryption_keys().list_encryption_keys(request).await?.into_inner();
                Ok((page.encryption_keys, page.next_page_token))
            };
            list.show(output, page).await
        }
        Verb::Rotate(verb) => verb.run(api, output).await,
        Verb::Delete(verb) => verb.run(api, output).await,
    }
}

impl Rotate {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let parent = name::tenant(&self.of.tenant);
        let request = RotateEncryptionKeysRequest { parent, reason: self.reason, ..Default::default() };
        let rotated = api.encryption_keys().rotate_encryption_keys(request).await?.into_inner();
        let keys: Vec<EncryptionKey> = rotated.published_keys.into_iter().chain(rotated.withdrawn_keys).collect();
        Ok(output.many(&keys))
    }
}

impl Delete {
    async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let name = name::child(&self.tenant, "encryptionKeys", &self.encryption_key)?;
        let outcome = self.trial.outcome("deleted", &name);
        let request = DeleteEncryptionKeyRequest { name, validate_only: self.trial.validate_only };
        api.encryption_keys().delete_encryption_key(request).await?;
        Ok(output.done(&outcome))
    }
}
