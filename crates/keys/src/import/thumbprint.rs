//! The thumbprint of a key (RFC 7638, RFC 8037 section 2): the same for the same key, whatever its form and name.

use aws_lc_rs::digest::{SHA256, digest};
use chancery_domain::secret::base64url;
use serde::Serialize;

use crate::jwk::{Curve, Numbers};

/// The members that RFC 7638 section 3.2 asks for, in the order of their names.
#[derive(Serialize)]
#[serde(untagged)]
enum Required<'a> {
    Ec { crv: Curve, kty: &'static str, x: &'a str, y: &'a str },
    Okp { crv: Curve, kty: &'static str, x: &'a str },
    Rsa { e: &'a str, kty: &'static str, n: &'a str },
}

/// SHA-256, in base64url.
pub(super) fn thumbprint(numbers: &Numbers) -> String {
    let required = match numbers {
        Numbers::Ec { crv, x, y } => Required::Ec { crv: *crv, kty: "EC", x, y },
        Numbers::Okp { crv, x } => Required::Okp { crv: *crv, kty: "OKP", x },
        Numbers::Rsa { n, e } => Required::Rsa { e, kty: "RSA", n },
    };
    // Strings in a struct always have a JSON form.
    let json = serde_json::to_vec(&required).unwrap_or_default();
    base64url(digest(&SHA256, &json).as_ref())
}
