//! Pairwise names of people (OpenID Connect Core section 8.1): the id of the user, wrapped (RFC 3394) under a key of the
//! sector that is derived from the tenant's own.
//!
//! Wrapping is fit for it as little else is: the same id under the same key gives the same name, whoever has not the key
//! learns nothing from it and cannot make one up, and we read it back without having to remember it.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap};
use chancery_domain::{
    fault::Fault,
    id::UserId,
    secret::{base64url, from_base64url},
};

use crate::envelope::Root;

/// An id of 16 bytes, with the 8 by which unwrapping sees that it was wrapped under this key.
const WRAPPED: usize = 24;

/// The name under which the sector knows the user.
pub(crate) fn of(root: &Root, sector: &str, user: UserId) -> Result<String, Fault> {
    let mut wrapped = [0; WRAPPED];
    let failed = |_| Fault::bug("the id of a user could not be wrapped");
    key(root, sector)?.wrap(user.uuid().as_bytes(), &mut wrapped).map_err(failed)?;
    Ok(base64url(&wrapped))
}

/// The user whom the sector knows under that name, if we gave it that name.
pub(crate) fn user(root: &Root, sector: &str, pseudonym: &str) -> Option<UserId> {
    let wrapped = from_base64url(pseudonym).filter(|wrapped| wrapped.len() == WRAPPED)?;
    let mut id = [0; WRAPPED];
    let id = key(root, sector).ok()?.unwrap(&wrapped, &mut id).ok()?;
    let id: [u8; 16] = (&*id).try_into().ok()?;
    Some(UserId::from_bytes(id))
}

fn key(root: &Root, sector: &str) -> Result<AesKek, Fault> {
    let key = root.derive(&format!("pairwise:{sector}"))?;
    AesKek::new(&AES_256, key.as_slice()).map_err(|_| Fault::bug("no key for pairwise names"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_of(byte: u8) -> UserId {
        UserId::from_bytes([byte; 16])
    }

    #[test]
    fn a_user_has_one_name_in_each_sector_and_we_alone_read_it() {
        let root = Root::new(b"salt", b"the tenant's own key");
        let name = of(&root, "app.example", user_of(7)).expect("a name");
        assert_eq!(of(&root, "app.example", user_of(7)).expect("a name"), name);
        assert_eq!(user(&root, "app.example", &name), Some(user_of(7)));
        assert!(name.len() <= 255 && name.is_ascii());
        for other in [
            of(&root, "other.example", user_of(7)),
            of(&root, "app.example", user_of(8)),
            of(&Root::new(b"salt", b"another"), "app.example", user_of(7)),
        ] {
            assert_ne!(other.expect("a name"), name);
        }
        assert_eq!(user(&root, "other.example", &name), None);
        assert_eq!(user(&Root::new(b"salt", b"another"), "app.example", &name), None);
        for bad in ["", "x", &user_of(7).to_string(), &name[1..], &format!("{name}AAAA")] {
            assert_eq!(user(&root, "app.example", bad), None, "{bad}");
        }
    }
}
