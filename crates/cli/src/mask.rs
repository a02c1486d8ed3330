//! What an update changes (AIP-134): exactly what was given on the command line.

use prost_types::FieldMask;

use crate::arguments::Clear;
use crate::error::CliError;
use crate::output::{self, View};

/// Collects the paths of the fields that were given.
#[derive(Debug, Default)]
pub(crate) struct Mask(Vec<String>);

impl Mask {
    /// Puts a given value into its field and notes the path; leaves the field alone when there is none.
    pub(crate) fn take<T>(&mut self, path: &str, given: Option<T>, field: &mut T) {
        if let Some(value) = given {
            *field = value;
            self.0.push(path.to_owned());
        }
    }

    /// Notes a field that becomes empty because another took its place.
    pub(crate) fn empty(&mut self, path: &str) {
        self.0.push(path.to_owned());
    }

    /// Notes the fields that are to become empty, where the resource has them and may be without.
    pub(crate) fn clear<T: View>(&mut self, clear: Clear) -> Result<(), CliError> {
        let known = output::clearable::<T>();
        if let Some(path) = clear.clear.iter().find(|path| !known.contains(path)) {
            let known = known.join(", ");
            return Err(CliError::Usage(format!(
                "--clear {path}: it has no such field that can be empty, but {known}"
            )));
        }
        self.0.extend(clear.clear);
        Ok(())
    }

    /// The mask, if it changes anything.
    pub(crate) fn finish(self) -> Result<FieldMask, CliError> {
        if self.0.is_empty() {
            return Err(CliError::Usage("nothing to change: give at least one field, see --help".to_owned()));
        }
        Ok(FieldMask { paths: self.0 })
    }
}

#[cfg(test)]
mod tests {
    use chancery_proto::v1::Client;

    use super::*;

    #[test]
    fn only_what_is_given_is_in_the_mask() {
        let (mut name, mut kept) = ("old".to_owned(), 1);
        let mut mask = Mask::default();
        mask.take("display_name", Some("new".to_owned()), &mut name);
        mask.take("count", None, &mut kept);
        mask.empty("logo_uri");
        assert_eq!((name.as_str(), kept), ("new", 1));
        assert_eq!(mask.finish().expect("something").paths, ["display_name", "logo_uri"]);
    }

    #[test]
    fn only_what_can_be_empty_is_cleared() {
        let clear = |path: &str| {
            let mut mask = Mask::default();
            mask.clear::<Client>(Clear { clear: vec![path.to_owned()] }).map(|()| mask.0)
        };
        for path in ["logo_uri", "token_lifetimes", "token_lifetimes.id_token_ttl"] {
            assert_eq!(clear(path).expect(path), [path]);
        }
        for path in ["nonsense", "name", "etag", "kind", "create_time", "token_lifetimes.nonsense"] {
            let refusal = clear(path).expect_err(path).to_string();
            assert!(refusal.contains(path) && refusal.contains("logo_uri, "), "{refusal}");
        }
    }

    #[test]
    fn an_update_of_nothing_is_refused() {
        assert!(Mask::default().finish().is_err());
    }
}
