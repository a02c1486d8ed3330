//! `chancery clients create`

use chancery_proto::v1::{Client, CreateClientRequest, GenerateClientSecretRequest, client};
use clap::Args;

use super::fields::{Fields, Kind};
use crate::arguments::Once;
use crate::connection::Api;
use crate::error::CliError;
use crate::mask::Mask;
use crate::name::{self, TenantId};
use crate::output::{Output, to_json};

/// A client to register.
#[derive(Args, Debug)]
pub struct Create {
    /// Id of the tenant
    tenant: TenantId,
    /// Its `client_id`; the server chooses one if there is none
    #[arg(long, default_value = "", hide_default_value = true)]
    id: String,
    /// What sort of application it is; decides how it authenticates and obtains tokens, unless that is given
    #[arg(long, value_enum, default_value_t = Kind::Web)]
    kind: Kind,
    #[command(flatten)]
    fields: Fields,
    #[command(flatten)]
    once: Once,
}

impl Create {
    pub(super) async fn run(self, api: &Api, output: Output) -> Result<String, CliError> {
        let trial = self.once.trial.validate_only;
        let client = api.clients().create_client(self.request()?).await?.into_inner();
        if trial || !authenticates(&client) {
            return Ok(output.one(&client));
        }
        let secret = GenerateClientSecretRequest { parent: client.name.clone(), ttl: None };
        let generated = api.clients().generate_client_secret(secret).await.map_err(|status| CliError::HalfDone {
            done: format!("{} is registered, and has no secret yet", client.name),
            then: Box::new(status.into()),
        })?;
        let generated = generated.into_inner();
        let entry = generated.client_secret.unwrap_or_default();
        Ok(output.one_with(&client, &[("clientSecret", to_json(&entry)), ("secret", generated.secret.into())]))
    }

    fn request(self) -> Result<CreateClientRequest, CliError> {
        let mut client = Client { kind: self.kind.number(), ..Client::default() };
        self.fields.with_defaults_of(self.kind).apply(&mut client, &mut Mask::default())?;
        Ok(CreateClientRequest {
            parent: name::tenant(&self.tenant),
            client_id: self.id,
            client: Some(client),
            request_id: self.once.request_id,
            validate_only: self.once.trial.validate_only,
        })
    }
}

fn authenticates(client: &Client) -> bool {
    use client::AuthMethod::{None, PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth};
    let secretless = [None, PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth];
    client.auth_methods().any(|method| !secretless.contains(&method))
}
