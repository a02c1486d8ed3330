//! What is private in a private key: numbers and octets of a PKCS#8 document (RFC 5958), without what its public half
//! says too.

/// Shorter ones are versions and exponents.
const SHORTEST: usize = 16;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// The private parts: an RSA key's exponents, primes and coefficient (RFC 8017 appendix A.1.2), a curve's scalar (RFC
/// 5915), an Edwards key's seed (RFC 8410 section 7).
pub(super) fn private_parts(pkcs8: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    collect(pkcs8, &mut parts);
    // The first long number of an RSA key is its modulus, which is public.
    let numbers = parts.iter().filter(|(tag, _)| *tag == INTEGER).count();
    let modulus = if numbers > 0 { parts.iter().position(|(tag, _)| *tag == INTEGER) } else { None };
    if let Some(modulus) = modulus {
        parts.remove(modulus);
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

fn collect(mut der: &[u8], parts: &mut Vec<(u8, Vec<u8>)>) {
    while let Some((tag, content, rest)) = element(der) {
        der = rest;
        match tag {
            SEQUENCE => collect(content, parts),
            OCTETS if is_document(content) => collect(content, parts),
            INTEGER | OCTETS => {
                let unsigned = content.strip_prefix(&[0]).filter(|_| tag == INTEGER).unwrap_or(content);
                if unsigned.len() >= SHORTEST {
                    parts.push((tag, unsigned.to_vec()));
                }
            }
            _ => {}
        }
    }
}

/// Whether octets hold one more document: exactly one element.
fn is_document(content: &[u8]) -> bool {
    matches!(element(content), Some((SEQUENCE | OCTETS, _, [])))
}

/// Tag, content and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
        (bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
