//! The script of pages whose form sends itself. Without scripts, people press its button.

/// The script: a field may be called `submit`, and hide the method of its form.
pub(super) const SCRIPT: &str = "HTMLFormElement.prototype.submit.call(document.forms[0])";

/// The hash that the policies of those pages allow.
pub(super) const SCRIPT_HASH: &str = "sha256-ox4bri+xTrW3kuLTyRoak73QX8KZGuyP3JlQYusbSlA=";

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_the_script_that_we_send() {
        assert_eq!(SCRIPT_HASH, format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT))));
    }
}
