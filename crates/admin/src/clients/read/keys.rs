//! The public keys that a client registers.

use chancery_domain::{client::ClientKeys, ports::client_jose::ReadClientKeys};
use chancery_keys::client_keys::ClientKeyReader;
use chancery_proto::v1;

use crate::status::Refusal;

/// The keys of a client, by value or at an address, once they have been found sound. What is at the address is looked at
/// when it is needed.
pub(super) fn read(sent: &v1::Client) -> Result<Option<ClientKeys>, Refusal> {
    match (sent.jwks.as_str(), sent.jwks_uri.as_str()) {
        ("", "") => Ok(None),
        (jwks, "") => {
            let read = ClientKeyReader.read(jwks);
            read.map_err(|malformed| Refusal::malformed(format!("client.{}", malformed.what), &malformed))?;
            Ok(Some(ClientKeys::Jwks(jwks.to_owned())))
        }
        ("", uri) => {
            let uri = uri.parse().map_err(|malformed| Refusal::malformed("client.jwks_uri", &malformed))?;
            Ok(Some(ClientKeys::JwksUri(uri)))
        }
        (_, _) => Err(Refusal::field("client.jwks_uri", "must be empty where jwks is not (RFC 7591 section 2)")),
    }
}
