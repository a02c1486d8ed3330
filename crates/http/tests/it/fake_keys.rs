//! Keys that protect nothing: readable, so that a test can look inside, and yet bound to purpose, context and type.

use async_trait::async_trait;
use chancery_domain::{
    fault::Fault,
    id::UserId,
    ports::jose::{Purpose, Sealer, SignTokens, Untrusted, VerifyTokens},
    secret::{Digest, base64url, from_base64url},
    vocabulary::{Algorithm, TokenType},
};
use serde_json::{Map, Value};

/// Signs, verifies and seals for the tenant of that name.
pub(crate) struct FakeKeys(pub(crate) String);

#[async_trait]
impl SignTokens for FakeKeys {
    async fn sign(&self, algorithm: Algorithm, typ: TokenType, claims: &[u8]) -> Result<String, Fault> {
        let header = serde_json::json!({ "alg": algorithm, "typ": typ.typ() }).to_string();
        Ok(format!("{}.{}.{}", base64url(header.as_bytes()), base64url(claims), base64url(self.0.as_bytes())))
    }
}

impl VerifyTokens for FakeKeys {
    fn verify(&self, token: &str, typ: TokenType) -> Result<Map<String, Value>, Untrusted> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return Err(Untrusted::Malformed) };
        let read = |part| from_base64url(part).ok_or(Untrusted::Malformed);
        if read(signature)? != self.0.as_bytes() {
            return Err(Untrusted::BadSignature);
        }
        let header: Value = serde_json::from_slice(&read(header)?).map_err(|_| Untrusted::Malformed)?;
        if header["typ"].as_str() != typ.typ() {
            return Err(Untrusted::WrongType);
        }
        serde_json::from_slice(&read(claims)?).map_err(|_| Untrusted::Malformed)
    }

    fn verify_hint(&self, token: &str) -> Result<Map<String, Value>, Untrusted> {
        self.verify(token, TokenType::IdToken)
    }
}

impl Sealer for FakeKeys {
    fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Fault> {
        let parts = [self.0.clone(), purpose.label().to_owned(), base64url(context), base64url(plain)];
        Ok(parts.join("|").into_bytes())
    }

    fn open(&self, purpose: Purpose, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(sealed).ok()?;
        let (head, plain) = text.rsplit_once('|')?;
        let expected = [self.0.clone(), purpose.label().to_owned(), base64url(context)].join("|");
        if head == expected { from_base64url(plain) } else { None }
    }

    fn seal_under(&self, secret: &str, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        self.seal(purpose, secret.as_bytes(), plain)
    }

    fn open_under(&self, secret: &str, purpose: Purpose, sealed: &[u8]) -> Option<Vec<u8>> {
        self.open(purpose, secret.as_bytes(), sealed)
    }

    fn tag(&self, purpose: Purpose, text: &[u8]) -> Result<[u8; 32], Fault> {
        Ok(*Digest::of("tag", &self.seal(purpose, b"tag", text)?).bytes())
    }

    fn pseudonym(&self, sector: &str, user: UserId) -> Result<String, Fault> {
        Ok(base64url(format!("{sector}|{user}").as_bytes()))
    }

    fn behind_pseudonym(&self, sector: &str, pseudonym: &str) -> Option<UserId> {
        let text = String::from_utf8(from_base64url(pseudonym)?).ok()?;
        text.strip_prefix(sector)?.strip_prefix('|')?.parse().ok()
    }
}
