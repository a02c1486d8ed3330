//! What clients sign with their secrets.

use chancery_domain::{
    client::Client,
    ports::{
        client_jose::{ClientJws, ClientMacs, TypRule},
        jose::Untrusted,
    },
    time::Timestamp,
    vocabulary::MacAlgorithm,
};

use super::Macs;

impl ClientMacs for Macs {
    fn verify(
        &self,
        _client: &Client,
        _token: &str,
        _algorithms: &[MacAlgorithm],
        _typ: TypRule,
        _now: Timestamp,
    ) -> Result<ClientJws, Untrusted> {
        Err(Untrusted::UnknownKey)
    }
}
