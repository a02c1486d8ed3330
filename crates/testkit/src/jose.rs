//! Signing, verifying and sealing for tests: the same forms as the real keys, and no cryptography to speak of.

use async_trait::async_trait;
use chancery_domain::{
    client::{Client, ClientSecret},
    fault::Fault,
    id::{ClientId, UserId},
    ports::jose::{MacTokens, Purpose, Sealer, SignTokens, Untrusted, VerifyTokens},
    secret::{Digest, SealedSecret, base64url, from_base64url},
    time::Timestamp,
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

    /// The MAC that a client's secret makes, if its sealed copy opens.
    pub(crate) fn mac(
        &self,
        client: &Client,
        (secret, sealed): (&ClientSecret, &SealedSecret),
        signed: &str,
    ) -> Option<String> {
        let context = ClientSecret::context(client.uid, secret.id);
        let text = self.open(Purpose::ClientSecret, &context, &sealed.0)?;
        Some(base64url(Digest::of(&base64url(&text), signed.as_bytes()).bytes()))
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
        let header = typed(json!({ "alg": algorithm, "kid": self.name }), typ);
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(claims));
        let signature = self.signature(&signed);
        Ok(format!("{signed}.{signature}"))
    }
}

impl VerifyTokens for FakeKeys {
    fn verify(&self, token: &str, typ: TokenType) -> Result<Map<String, Value>, Untrusted> {
        let Parts { header, claims, signed, signature } = Parts::of(token)?;
        if header.get("kid") != Some(&json!(self.name)) {
            return Err(Untrusted::UnknownKey);
        }
        if typ.typ().is_none() || header.get("typ") != Some(&json!(typ.typ())) {
            return Err(Untrusted::WrongType);
        }
        if self.signature(signed) != signature {
            return Err(Untrusted::BadSignature);
        }
        Ok(claims)
    }

    fn verify_hint(&self, token: &str) -> Result<Map<String, Value>, Untrusted> {
        self.verify(token, TokenType::IdToken)
    }
}

impl MacTokens for FakeKeys {
    fn sign_for_client(&self, client: &Client, typ: TokenType, claims: &[u8], now: Timestamp) -> Result<String, Fault> {
        let header = typed(json!({ "alg": "HS256" }), typ);
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(claims));
        let mac = client.signing_secret(now).and_then(|secret| self.mac(client, secret, &signed));
        Ok(format!("{signed}.{}", mac.ok_or_else(|| Fault::bug("no secret signs"))?))
    }

    fn verify_id_token(&self, client: &Client, token: &str, now: Timestamp) -> Result<Map<String, Value>, Untrusted> {
        let Parts { header, claims, signed, signature } = Parts::of(token)?;
        if header != Map::from_iter([("alg".to_owned(), json!("HS256")), ("typ".to_owned(), json!("JWT"))]) {
            return Err(Untrusted::WrongAlgorithm);
        }
        let mut secrets = client.sealed_secrets(now);
        let fits = secrets.any(|secret| self.mac(client, secret, signed).as_deref() == Some(signature));
        if fits { Ok(claims) } else { Err(Untrusted::BadSignature) }
    }

    fn sign_access_token(&self, claims: &[u8]) -> Result<String, Fault> {
        let header = json!({ "alg": "HS256", "kid": self.name, "typ": TokenType::AccessToken.typ() }).to_string();
        let signed = format!("{}.{}", base64url(header.as_bytes()), base64url(claims));
        let signature = self.signature(&signed);
        Ok(format!("{signed}.{signature}"))
    }

    fn claimed_client(&self, token: &str) -> Option<ClientId> {
        let Parts { header, claims, .. } = Parts::of(token).ok()?;
        (header.get("alg") == Some(&json!("HS256"))).then(|| claims.get("aud")?.as_str()?.parse().ok()).flatten()
    }
}

/// The header, with a `typ` where the type has one.
fn typed(mut header: Value, typ: TokenType) -> String {
    if let Some(typ) = typ.typ() {
        header["typ"] = json!(typ);
    }
    header.to_string()
}

/// A token taken apart.
struct Parts<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, Untrusted> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Untrusted::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Untrusted::Malformed)?;
        let parsed = |part| {
            let bytes = from_base64url(part).ok_or(Untrusted::Malformed)?;
            serde_json::from_slice(&bytes).map_err(|_| Untrusted::Malformed)
        };
        Ok(Self { header: parsed(header)?, claims: parsed(claims)?, signed, signature })
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

    fn tag(&self, purpose: Purpose, text: &[u8]) -> Result<[u8; 32], Fault> {
        let sealed = self.sealed(&[b"tag", purpose.label().as_bytes()], text);
        Ok(*Digest::of("tag", &sealed).bytes())
    }

    fn pseudonym(&self, sector: &str, user: UserId) -> Result<String, Fault> {
        Ok(base64url(format!("{sector}|{user}").as_bytes()))
    }

    fn behind_pseudonym(&self, sector: &str, pseudonym: &str) -> Option<UserId> {
        let text = String::from_utf8(from_base64url(pseudonym)?).ok()?;
        text.strip_prefix(sector)?.strip_prefix('|')?.parse().ok()
    }
}
