//! What clients sign with their secrets.

use aws_lc_rs::hmac;
use chancery_domain::{
    client::Client,
    ports::{
        client_jose::{ClientJws, ClientMacs, TypRule},
        jose::Untrusted,
    },
    time::Timestamp,
    vocabulary::{ClientAlgorithm, MacAlgorithm},
};

use super::Macs;
use crate::{client_keys::Signed, measure};

impl ClientMacs for Macs {
    fn verify(
        &self,
        client: &Client,
        token: &str,
        algorithms: &[MacAlgorithm],
        typ: TypRule,
        now: Timestamp,
    ) -> Result<ClientJws, Untrusted> {
        self.proven(client, token, algorithms, typ, now).map_err(measure::untrusted)
    }
}

impl Macs {
    fn proven(
        &self,
        client: &Client,
        token: &str,
        algorithms: &[MacAlgorithm],
        typ: TypRule,
        now: Timestamp,
    ) -> Result<ClientJws, Untrusted> {
        let signed = Signed::read(token)?;
        let algorithm = match signed.algorithm() {
            Some(ClientAlgorithm::Secret(algorithm)) if algorithms.contains(&algorithm) => algorithm,
            Some(ClientAlgorithm::Secret(_) | ClientAlgorithm::Key(_)) | None => return Err(Untrusted::WrongAlgorithm),
        };
        signed.is_of(typ)?;
        let mut keys = client
            .sealed_secrets(now)
            .filter_map(|(secret, sealed)| self.client_key_for(hash(algorithm), client, secret, sealed))
            .peekable();
        if keys.peek().is_none() {
            return Err(Untrusted::UnknownKey);
        }
        let (bytes, mac) = signed.bytes();
        // The comparison takes the same time wherever two MACs differ.
        if keys.any(|key| hmac::verify(&key, bytes, mac).is_ok()) { signed.jws() } else { Err(Untrusted::BadSignature) }
    }
}

const fn hash(algorithm: MacAlgorithm) -> hmac::Algorithm {
    match algorithm {
        MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
        MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
        MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
    }
}
