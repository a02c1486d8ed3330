//! The public keys of clients: read with care, to verify what clients sign and to encrypt for them.

use std::sync::Arc;

use chancery_domain::{
    fault::Malformed,
    ports::{
        client_jose::{ClientJws, ClientKeySet, ReadClientKeys},
        jose::Untrusted,
    },
};

/// Reads clients' JWK Sets.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClientKeyReader;

impl ReadClientKeys for ClientKeyReader {
    fn read(&self, _jwks: &str) -> Result<Arc<dyn ClientKeySet>, Malformed> {
        Err(Malformed::new("jwks", "cannot be read yet"))
    }

    fn unproven(&self, _token: &str) -> Result<ClientJws, Untrusted> {
        Err(Untrusted::Malformed)
    }
}
