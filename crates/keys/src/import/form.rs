//! Telling the forms apart, and taking the numbers out.

use zeroize::Zeroizing;

use super::{
    der::{self, Shape},
    encrypted,
    error::ImportError,
    jwk, openssh,
    pem::{self, Block, GIVE_A_KEY},
    unproved::{Found, Unproved},
};

/// Reads material of any form.
pub(super) fn read(material: &[u8], passphrase: Option<&[u8]>) -> Result<Found, ImportError> {
    if Shape::of(material).is_some() {
        return binary(material, passphrase).map(Found::from);
    }
    let Ok(text) = std::str::from_utf8(material) else { return Err(no_text(material)) };
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(ImportError::Empty);
    }
    if text.starts_with('{') {
        clear(passphrase)?;
        return jwk::read(text);
    }
    let blocks = pem::blocks(text)?;
    if !blocks.is_empty() {
        return blocks_of_one_key(&blocks, passphrase).map(Found::from);
    }
    if ["ssh-", "ecdsa-sha2-", "sk-"].iter().any(|kind| text.starts_with(kind)) {
        clear(passphrase)?;
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        if lines > 1 {
            return Err(ImportError::Several { count: lines, things: "lines" });
        }
        return openssh::line(text).map(Found::from);
    }
    Err(other_text(text))
}

/// A structure in DER. Encrypted or not, it says so itself.
fn binary(material: &[u8], passphrase: Option<&[u8]>) -> Result<Unproved, ImportError> {
    let clear = || clear(passphrase);
    match Shape::of(material) {
        Some(Shape::Pkcs8) => clear().and_then(|()| der::pkcs8(material)),
        Some(Shape::EncryptedPkcs8) => encrypted::read(material, passphrase),
        Some(Shape::Pkcs1) => clear().and_then(|()| der::pkcs1(material)),
        Some(Shape::Pkcs1Public) => clear().and_then(|()| der::pkcs1_public(material)),
        Some(Shape::Sec1) => clear().and_then(|()| der::sec1(material, None)),
        Some(Shape::Spki) => clear().and_then(|()| der::spki(material)),
        Some(Shape::Certificate) => Err(pem::foreign("CERTIFICATE")),
        Some(Shape::Pkcs12) => Err(ImportError::Foreign {
            found: "a PKCS#12 store",
            advice: "take its key out with `openssl pkcs12 -nocerts -in STORE -out KEY`",
        }),
        None => Err(ImportError::garbled("the DER")),
    }
}

fn blocks_of_one_key(blocks: &[Block<'_>], passphrase: Option<&[u8]>) -> Result<Unproved, ImportError> {
    // OpenSSL writes the name of the curve before an EC key.
    let (parameters, block) = match blocks {
        [block] => (None, block),
        [parameters, block] if parameters.label == "EC PARAMETERS" => (Some(&parameters.der), block),
        several => return Err(ImportError::Several { count: several.len(), things: "PEM blocks" }),
    };
    let der = block.der.as_slice();
    match block.label {
        "ENCRYPTED PRIVATE KEY" => encrypted::read(der, passphrase),
        "OPENSSH PRIVATE KEY" => openssh::private(der, passphrase),
        "PRIVATE KEY" => clear(passphrase).and_then(|()| der::pkcs8(der)),
        "RSA PRIVATE KEY" => clear(passphrase).and_then(|()| der::pkcs1(der)),
        "EC PRIVATE KEY" => {
            clear(passphrase)?;
            der::sec1(der, parameters.map(|parameters| der::curve_name(parameters)).transpose()?)
        }
        "PUBLIC KEY" => clear(passphrase).and_then(|()| der::spki(der)),
        "RSA PUBLIC KEY" => clear(passphrase).and_then(|()| der::pkcs1_public(der)),
        other => Err(pem::foreign(other)),
    }
}

/// A passphrase for a key that needs none is a sign of the wrong file.
const fn clear(passphrase: Option<&[u8]>) -> Result<(), ImportError> {
    if passphrase.is_some() { Err(ImportError::PassphraseNeedless) } else { Ok(()) }
}

fn no_text(material: &[u8]) -> ImportError {
    match material {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
            ImportError::Foreign { found: "text in UTF-16", advice: "save it as UTF-8" }
        }
        [0x30, 0x80..=0x84, ..] => ImportError::garbled("the DER"),
        [0xfe, 0xed, 0xfe, 0xed, ..] => ImportError::Foreign {
            found: "a Java key store",
            advice: "turn it into a PKCS#12 store with `keytool -importkeystore -deststoretype PKCS12`, and take its key \
                     out with `openssl pkcs12 -nocerts -in STORE -out KEY`",
        },
        _ => ImportError::Foreign { found: "neither text nor a key in DER", advice: GIVE_A_KEY },
    }
}

fn other_text(text: &str) -> ImportError {
    let (found, advice) = if text.starts_with("PuTTY-User-Key-File-") {
        ("a key of PuTTY", "convert it with `puttygen KEY -O private-openssh -o NEW`")
    } else if text.starts_with("---- BEGIN SSH2 ") {
        ("a key in the form of RFC 4716", "convert it with `ssh-keygen -i -f KEY`")
    } else if text.starts_with("eyJ") && text.contains('.') {
        ("a token or an encrypted JWK", "decrypt it first, and give the JWK itself")
    } else if text.starts_with('[') {
        ("a JSON array", "give one JWK alone")
    } else if is_base64_of_der(text) {
        (
            "the base64 of a key without the lines around it",
            "put it between -----BEGIN PRIVATE KEY----- and its END line",
        )
    } else {
        ("no key in a form that is read", GIVE_A_KEY)
    };
    ImportError::Foreign { found, advice }
}

fn is_base64_of_der(text: &str) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};

    let base64: Zeroizing<String> = Zeroizing::new(text.split_ascii_whitespace().collect());
    STANDARD.decode(base64.as_bytes()).is_ok_and(|der| Shape::of(&Zeroizing::new(der)).is_some())
}
