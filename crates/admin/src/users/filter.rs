//! The filter of `ListUsers` (AIP-160): exactly one user, by name or by address.

use chancery_domain::user::Login;

use crate::status::Refusal;

/// Reads `username = "x"` or `email = "x"`; nothing is no filter.
pub(super) fn read(sent: &str) -> Result<Option<Login>, Refusal> {
    if sent.trim().is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::field("filter", "must be username = \"x\" or email = \"x\"");
    let (field, value) = sent.split_once('=').ok_or_else(wrong)?;
    let value = value.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or_else(wrong)?;
    let login = match field.trim() {
        "username" => value.parse().map(Login::Username),
        "email" => value.parse().map(Login::Email),
        _ => return Err(wrong()),
    };
    login.map(Some).map_err(|malformed| Refusal::malformed("filter", &malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_one_user() {
        assert!(matches!(read(""), Ok(None)));
        assert!(matches!(read("username = \"Ada\""), Ok(Some(Login::Username(name))) if name.as_str() == "ada"));
        assert!(matches!(read("email=\"ada@example.com\""), Ok(Some(Login::Email(_)))));
        for bad in ["ada", "username = ada", "name = \"ada\"", "username = \"\"", "username = \"a\" OR 1=1", "="] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
