//! The signers: hardware security modules that hold private keys.

use std::{collections::BTreeSet, path::PathBuf};

use chancery_domain::{id::SignerName, secret::Secret};
use chancery_pkcs11::Settings;

use super::leaves::Leaves;

/// Reads `[[keys.signer]]` entries of `name`, `module`, `token` and `pin` or `pin_file`; none is the usual.
pub(super) fn read(leaves: &mut Leaves) -> Option<Vec<Settings>> {
    let (mut signers, mut names, mut whole) = (Vec::new(), BTreeSet::new(), true);
    for index in 0.. {
        let path = format!("keys.signer.{index}");
        if !leaves.has(&path) {
            break;
        }
        match one(leaves, &path) {
            Some(signer) if !names.insert(signer.name.clone()) => {
                leaves.fault_at(&format!("{path}.name"), "two signers have this name");
                whole = false;
            }
            Some(signer) => signers.push(signer),
            None => whole = false,
        }
    }
    whole.then_some(signers)
}

fn one(leaves: &mut Leaves, path: &str) -> Option<Settings> {
    let name = leaves.required_by(&format!("{path}.name"), "keys know their signer by it", |text| {
        text.parse::<SignerName>().map_err(|error| error.to_string())
    });
    let module = leaves.required_by(&format!("{path}.module"), "it is the PKCS#11 library of the vendor", |text| {
        match std::fs::metadata(text) {
            Ok(file) if file.is_file() => Ok(PathBuf::from(text)),
            Ok(_) => Err(format!("{text} is not a file")),
            Err(error) => Err(format!("cannot read {text}: {error}")),
        }
    });
    let token = leaves.required_by(&format!("{path}.token"), "it is the label of the token", |text| {
        if text.is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
    });
    let pin = leaves.required_secret(&format!("{path}.pin"), "give the PIN of the token's user as pin or pin_file");
    Some(Settings { name: name?, module: module?, token: token?, pin: Secret::new(pin?) })
}
