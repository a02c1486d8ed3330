//! Text with PEM blocks (RFC 7468). Line lengths, text around the blocks and headers are taken as they come, because
//! tools differ in them; the base64 itself must be whole.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::error::ImportError;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One block: its label, and the bytes within.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    pub(super) der: Zeroizing<Vec<u8>>,
}

/// The blocks of a text, in its order. None when no line begins one.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, ImportError> {
    let mut lines = text.lines().map(str::trim);
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix(BEGIN) else { continue };
        let label = label.strip_suffix(DASHES).ok_or(BROKEN)?;
        let mut base64 = Zeroizing::new(String::with_capacity(text.len()));
        loop {
            let line = lines.next().ok_or(BROKEN)?;
            if let Some(end) = line.strip_prefix(END) {
                if end.strip_suffix(DASHES) != Some(label) {
                    return Err(BROKEN);
                }
                break;
            }
            match line.split_once(':') {
                Some(("Proc-Type", kind)) if kind.contains("ENCRYPTED") => return Err(OLD_ENCRYPTION),
                Some(_) => {}
                None => base64.push_str(line),
            }
        }
        let der = STANDARD.decode(base64.as_bytes()).map_err(|_| BROKEN)?;
        blocks.push(Block { label, der: Zeroizing::new(der) });
    }
    Ok(blocks)
}

const BROKEN: ImportError = ImportError::garbled("a PEM block");

const OLD_ENCRYPTION: ImportError = ImportError::Foreign {
    found: "a key in the old encryption of OpenSSL (Proc-Type: 4,ENCRYPTED), which is too weak to be relied on",
    advice: "convert it with `openssl pkcs8 -topk8 -in OLD -out NEW`",
};

/// What a block is that holds no key that we read.
pub(super) fn foreign(label: &str) -> ImportError {
    let (found, advice) = match label {
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => (
            "a certificate",
            "take its key out with `openssl x509 -pubkey -noout -in CERTIFICATE`, or give the private key",
        ),
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => (
            "a certificate request",
            "take its key out with `openssl req -pubkey -noout -in REQUEST`, or give the private key",
        ),
        "PKCS7" | "CMS" | "X509 CRL" => ("a collection of certificates", GIVE_A_KEY),
        "DSA PRIVATE KEY" | "DSA PUBLIC KEY" => ("a DSA key", "tokens are not signed with DSA: make an EC or RSA key"),
        "DSA PARAMETERS" | "DH PARAMETERS" | "X9.42 DH PARAMETERS" => ("a set of parameters and not a key", GIVE_A_KEY),
        "EC PARAMETERS" => ("the name of a curve without a key", "give the block EC PRIVATE KEY or PUBLIC KEY as well"),
        "PGP PRIVATE KEY BLOCK" | "PGP PUBLIC KEY BLOCK" | "PGP MESSAGE" => ("an OpenPGP block", GIVE_A_KEY),
        _ => ("a PEM block of a kind that holds no key", GIVE_A_KEY),
    };
    ImportError::Foreign { found, advice }
}

pub(super) const GIVE_A_KEY: &str =
    "give a key as PEM (PKCS#8, PKCS#1, SEC 1, SPKI), in the form of OpenSSH, or as a JWK";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_around_blocks_and_long_lines_are_taken() {
        let text = "Bag Attributes: none\r\n-----BEGIN A B-----\r\nComment: x\r\n\r\nAAEC\r\nAwQF\r\n-----END A B-----\r\nrest";
        let blocks = blocks(text).expect("blocks");
        assert_eq!((blocks[0].label, blocks[0].der.as_slice()), ("A B", [0, 1, 2, 3, 4, 5].as_slice()));
    }

    #[test]
    fn a_broken_block_is_no_block() {
        for text in [
            "-----BEGIN A",
            "-----BEGIN A-----",
            "-----BEGIN A-----\nAAEC",
            "-----BEGIN A-----\nAAEC\n-----END B-----",
            "-----BEGIN A-----\nAAE\n-----END A-----",
            "-----BEGIN A-----\nAA_C\n-----END A-----",
        ] {
            assert_eq!(blocks(text).err(), Some(BROKEN), "{text}");
        }
    }
}
