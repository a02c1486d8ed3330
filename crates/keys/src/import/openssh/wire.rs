//! The data types of SSH (RFC 4251 section 5), read from the front.

use super::{super::error::ImportError, trimmed};

pub(super) struct Wire<'a> {
    bytes: &'a [u8],
    /// What is being read, for the error.
    what: &'static str,
}

impl<'a> Wire<'a> {
    pub(super) const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { bytes, what }
    }

    /// `uint32`.
    pub(super) fn number(&mut self) -> Result<u32, ImportError> {
        let (head, tail) = self.bytes.split_first_chunk().ok_or(ImportError::garbled(self.what))?;
        self.bytes = tail;
        Ok(u32::from_be_bytes(*head))
    }

    /// `string`: a length, and as many bytes.
    pub(super) fn string(&mut self) -> Result<&'a [u8], ImportError> {
        let length = self.number()? as usize;
        let (head, tail) = self.bytes.split_at_checked(length).ok_or(ImportError::garbled(self.what))?;
        self.bytes = tail;
        Ok(head)
    }

    /// `mpint` above zero, without the zero that keeps it positive.
    pub(super) fn positive(&mut self) -> Result<&'a [u8], ImportError> {
        let number = self.string()?;
        match number.first() {
            Some(first) if first & 0x80 == 0 => Ok(trimmed(number)),
            Some(_) | None => Err(ImportError::garbled(self.what)),
        }
    }

    /// What has not been read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_beyond_the_end_is_an_error() {
        for bytes in [&[][..], &[0, 0, 0], &[0, 0, 0, 2, 1], &[0xff; 8]] {
            assert!(Wire::new(bytes, "it").string().is_err(), "{bytes:?}");
        }
        assert_eq!(Wire::new(&[0, 0, 0, 1, 7, 8], "it").string(), Ok([7].as_slice()));
    }

    #[test]
    fn a_number_is_positive() {
        assert_eq!(Wire::new(&[0, 0, 0, 2, 0, 0x80], "it").positive(), Ok([0x80].as_slice()));
        for bytes in [&[0, 0, 0, 0][..], &[0, 0, 0, 1, 0x80]] {
            assert!(Wire::new(bytes, "it").positive().is_err(), "{bytes:?}");
        }
    }
}
