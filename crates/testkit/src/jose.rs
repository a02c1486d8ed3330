//! Signing, verifying and sealing for tests: the same forms as the real keys, and no cryptography to speak of.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    ports::jose::{Purpose, Sealer, SignTokens, Untrusted, VerifyTokens},
    secret::{Digest, base64url, from_base64url},
    vocabulary::{Algorithm, TokenType},
};
use serde_json::{Map, Value, json};

/// The keys of one tenant: what one tenant's signed or sealed, another's does not believe or open.
#[derive(Debug)]
pub struct FakeKeys {
    name: String,
}

impl FakeKeys {
    /// Keys that share nothing with those of another name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    fn signature(&self, signed: &str) -> String {
        base64url(Digest::of(&self.name, signed.as_bytes()).bytes())
    }

    /// Seals by appending a tag over everything that must be the same when it opens.
    fn tag(&self, context: &[&[u8]], plain: &[u8]) -> [u8; 32] {
        let mut bytes = Vec::new();
        for part in context.iter().chain([&plain]) {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        *Digest::of(&self.name, &bytes).bytes()
    }

    fn sealed(&self, context: &[&[u8]], plain: &[u8]) -> Vec<u8> {
        [plain, &self.tag(context, plain)].concat()
    }

    fn opened(&self, context: &[&[u8]], sealed: &[u8]) -> Option<Vec<u8>> {
        let (plain, tag) = sealed.split_at_checked(sealed.len().checked_sub(32)?)?;
        (self.tag(context, plain) == tag).then(|| plain.to_vec())
    }
}

#[async_trait]
impl SignTokens for FakeKeys {
    async fn sign(&self, algorithm: Algorithm, typ: TokenType, claims: &[u8]) -> Result<String, Fault> {
        let header = json!({ "alg": algorithm, "kid": self.name, "typ": typ }).to_string();
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(claims));
        let signature = self.signature(&signed);
        Ok(format!("{signed}.{signature}"))
    }
}

impl VerifyTokens for FakeKeys {
    fn verify(&self, token: &str, typ: TokenType) -> Result<Map<String, Value>, Untrusted> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Untrusted::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Untrusted::Malformed)?;
        let parsed = |part| {
            let bytes = from_base64url(part).ok_or(Untrusted::Malformed)?;
            serde_json::from_slice::<Map<String, Value>>(&bytes).map_err(|_| Untrusted::Malformed)
        };
        let header = parsed(header)?;
        if header.get("kid") != Some(&json!(self.name)) {
            return Err(Untrusted::UnknownKey);
        }
        if header.get("typ") != Some(&json!(typ)) {
            return Err(Untrusted::WrongType);
        }
        if self.signature(signed) != signature {
            return Err(Untrusted::BadSignature);
        }
        parsed(claims)
    }

    fn verify_hint(&self, token: &str) -> Result<Map<String, Value>, Untrusted> {
        self.verify(token, TokenType::IdToken)
    }
}

impl Sealer for FakeKeys {
    fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.sealed(&[purpose.label().as_bytes(), context], plain))
    }

    fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.opened(&[purpose.label().as_bytes(), context], sealed)
    }

    fn seal_under(&self, secret: &str, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.sealed(&[b"under", purpose.label().as_bytes(), secret.as_bytes()], plain))
    }

    fn open_under(&self, secret: &str, purpose: Purpose, sealed: &[u8]) -> Option<Vec<u8>> {
        self.opened(&[b"under", purpose.label().as_bytes(), secret.as_bytes()], sealed)
    }
}
