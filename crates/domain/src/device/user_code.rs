//! The code that a person reads from one screen and types at another (RFC 8628 section 6.1).

use std::fmt;

use crate::{
    random::{self, Random},
    secret::Digest,
};

/// Letters that make no words and are not taken for one another.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The largest multiple of the alphabet's size that a byte can be below: what lies above would favour the first letters.
const FAIR: u8 = 240;

/// Letters between two hyphens.
const GROUP: usize = 4;

/// How many letters a code has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeLength {
    /// Eight: 34 bits.
    Usual,
    /// Twelve: 51 bits, for times at which many guess or many wait.
    Long,
}

/// A user code. It is shown to the device alone and typed by whoever holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode(String);

impl CodeLength {
    const ALL: [Self; 2] = [Self::Usual, Self::Long];

    const fn letters(self) -> usize {
        match self {
            Self::Usual => 8,
            Self::Long => 12,
        }
    }
}

impl UserCode {
    /// A new code, each letter as likely as any other.
    #[must_use]
    pub fn generate(length: CodeLength, random: &dyn Random) -> Self {
        let mut letters = String::with_capacity(length.letters());
        while letters.len() < length.letters() {
            let [byte] = random::bytes::<1>(random);
            if byte < FAIR {
                letters.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
        Self(letters)
    }

    /// Reads what somebody typed: small letters are as good, and what stands between letters is passed over. `None` when it
    /// cannot be a code.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let between = |c: &char| c.is_ascii_whitespace() || matches!(c, '-' | '.' | '_');
        let letters: String = typed.chars().filter(|c| !between(c)).map(|c| c.to_ascii_uppercase()).collect();
        let known = letters.bytes().all(|byte| ALPHABET.contains(&byte));
        (known && CodeLength::ALL.iter().any(|length| length.letters() == letters.len())).then_some(Self(letters))
    }

    /// How long it is.
    #[must_use]
    pub fn length(&self) -> CodeLength {
        if self.0.len() == CodeLength::Usual.letters() { CodeLength::Usual } else { CodeLength::Long }
    }

    /// What is stored in its place.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of("user-code", self.0.as_bytes())
    }

    /// The code as people read it. Name the reason at the place where you call this.
    #[must_use]
    pub fn expose(&self) -> String {
        let groups: Vec<&str> = (0..self.0.len()).step_by(GROUP).map(|at| &self.0[at..at + GROUP]).collect();
        groups.join("-")
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::atomic::{AtomicU8, Ordering},
    };

    use super::*;

    /// Every byte in turn.
    struct Counting(AtomicU8);

    impl Random for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn t222_a_code_has_34_bits_at_least() {
        assert_eq!(ALPHABET.iter().collect::<BTreeSet<_>>().len(), 20);
        let choices = u64::try_from(ALPHABET.len()).expect("small").pow(8);
        assert!(choices.ilog2() >= 34, "{choices}");
        // Of all bytes in turn, each letter comes equally often.
        let random = Counting(AtomicU8::new(0));
        let mut counts = [0_u32; 256];
        for _ in 0..30 {
            UserCode::generate(CodeLength::Usual, &random).0.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
        }
        assert!(ALPHABET.iter().all(|letter| counts[usize::from(*letter)] == 12), "{counts:?}");
    }

    #[test]
    fn a_code_is_read_however_people_type_it() {
        let code = UserCode::parse("WDJB-MJHT").expect("a code");
        assert_eq!((code.expose().as_str(), code.length()), ("WDJB-MJHT", CodeLength::Usual));
        for typed in ["wdjbmjht", " wdjb mjht ", "WDJB.MJHT", "w-d-j-b-m-j-h-t"] {
            assert_eq!(UserCode::parse(typed), Some(code.clone()), "{typed}");
        }
        assert_eq!(UserCode::parse("wdjb-mjht-bcdf").map(|code| code.length()), Some(CodeLength::Long));
        for typed in ["", "WDJB-MJH", "WDJB-MJHA", "WDJB-MJHT-B", "WDJB/MJHT", "ＷDJB-MJHT", &"-".repeat(65)] {
            assert_eq!(UserCode::parse(typed), None, "{typed}");
        }
    }
}
