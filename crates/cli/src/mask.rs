//! What an update changes (AIP-134): exactly what was given on the command line.

use prost_types::FieldMask;

use crate::error::CliError;

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

    /// Notes paths of fields that are to become empty. The server knows which there are.
    pub(crate) fn clear(&mut self, paths: Vec<String>) {
        self.0.extend(paths);
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
    use super::*;

    #[test]
    fn only_what_is_given_is_in_the_mask() {
        let (mut name, mut kept) = ("old".to_owned(), 1);
        let mut mask = Mask::default();
        mask.take("display_name", Some("new".to_owned()), &mut name);
        mask.take("count", None, &mut kept);
        mask.clear(vec!["logo_uri".to_owned()]);
        assert_eq!((name.as_str(), kept), ("new", 1));
        assert_eq!(mask.finish().expect("something").paths, ["display_name", "logo_uri"]);
    }

    #[test]
    fn an_update_of_nothing_is_refused() {
        assert!(Mask::default().finish().is_err());
    }
}
