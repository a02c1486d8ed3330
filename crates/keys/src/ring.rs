//! The key ring of one tenant: its active keys ready to sign, its public keys ready to verify.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use aws_lc_rs::signature::ParsedPublicKey;
use chancery_domain::{
    fault::Fault,
    id::TenantId,
    key::{Key, KeyState},
    ports::jose::{SignTokens, Untrusted, VerifyTokens},
    vocabulary::{Algorithm, TokenType},
};
use serde_json::{Map, Value};

use crate::{
    custodian::Custodians,
    jwk,
    jws::{
        sign::Signer,
        verify::{Presented, Verifier},
    },
    kek::TenantKek,
    measure,
    private_part::PrivatePart,
};

/// Keys opened once and held ready. It cannot be printed.
pub struct Ring {
    signers: Vec<Arc<Signer>>,
    verifiers: HashMap<String, Verifier>,
}

impl Ring {
    /// Opens the keys of a tenant. What does not open is left out and reported, so that damage to one key is no
    /// damage to the others: without its signer an algorithm answers with a fault, and a row that we did not seal
    /// proves nothing. Keys that a custodian holds are opened when they are first needed.
    pub fn open(kek: &TenantKek, tenant: TenantId, keys: &[Key], custodians: &Custodians) -> Result<Self, Fault> {
        let mut ring = Self { signers: Vec::new(), verifiers: HashMap::with_capacity(keys.len()) };
        for key in keys.iter().filter(|key| key.state().proves_hints()) {
            // `jwk::published` reports the rows that we do not believe.
            let Some(public) = jwk::verifying_key(kek, tenant, key)? else { continue };
            let published = key.state().is_published();
            if let KeyState::Active { .. } = key.state() {
                match signer(kek, tenant, key, &public, custodians) {
                    Ok(signer) => ring.signers.push(Arc::new(signer)),
                    Err(fault) => {
                        tracing::error!(tenant.id = %tenant, key.id = %key.id, error = %fault, "an active key cannot sign");
                    }
                }
            }
            let verifier = Verifier { algorithm: key.algorithm, key: public, published };
            ring.verifiers.insert(key.id.as_str().to_owned(), verifier);
        }
        Ok(ring)
    }

    fn signer(&self, algorithm: Algorithm) -> Result<&Arc<Signer>, Fault> {
        let found = self.signers.iter().find(|signer| signer.algorithm() == algorithm);
        found.ok_or_else(|| Fault::bug("no active key signs with the algorithm asked for"))
    }

    /// The claims of a token that one of those keys signed.
    fn believed(
        &self,
        token: &str,
        typ: TokenType,
        proves: fn(&Verifier) -> bool,
    ) -> Result<Map<String, Value>, Untrusted> {
        let presented = Presented::read(token)?;
        let verifier = self.verifiers.get(presented.kid()?).filter(|verifier| proves(verifier));
        presented.claims(typ, verifier.ok_or(Untrusted::UnknownKey)?)
    }
}

fn signer(
    kek: &TenantKek,
    tenant: TenantId,
    key: &Key,
    public: &Arc<ParsedPublicKey>,
    custodians: &Custodians,
) -> Result<Signer, Fault> {
    match kek.open_private(tenant, key)? {
        PrivatePart::Here(pkcs8) => Signer::hot(&key.id, key.algorithm, &pkcs8),
        PrivatePart::Held { custodian, reference } => {
            let custodian = Arc::clone(custodians.needed(&custodian)?);
            Signer::held(&key.id, key.algorithm, custodian, reference, public)
        }
    }
}

#[async_trait]
impl SignTokens for Ring {
    async fn sign(&self, algorithm: Algorithm, typ: TokenType, claims: &[u8]) -> Result<String, Fault> {
        let signer = self.signer(algorithm)?;
        let key = signer.key().await?;
        if !key.is_slow() {
            return signer.sign(key.as_ref(), typ, claims);
        }
        let (signer, key, claims) = (Arc::clone(signer), Arc::clone(key), claims.to_vec());
        tokio::task::spawn_blocking(move || signer.sign(key.as_ref(), typ, &claims))
            .await
            .map_err(|error| Fault::broken("signing was cut off", error))?
    }
}

impl VerifyTokens for Ring {
    fn verify(&self, token: &str, typ: TokenType) -> Result<Map<String, Value>, Untrusted> {
        self.believed(token, typ, |verifier| verifier.published).map_err(measure::untrusted)
    }

    fn verify_hint(&self, token: &str) -> Result<Map<String, Value>, Untrusted> {
        self.believed(token, TokenType::IdToken, |_| true).map_err(measure::untrusted)
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ring(..)")
    }
}
