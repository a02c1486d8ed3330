//! What a client may call itself. People see it beside what they are asked to allow, so it must look like what it is.

use chancery_domain::fault::Malformed;
use icu_normalizer::ComposingNormalizerBorrowed;

use super::reading::rule;

/// The longest name, in characters.
const MOST: usize = 100;

/// The name in its compatibility form (Unicode Standard Annex #15, NFKC), so that letters in fancy dress are plain ones,
/// with single spaces. Characters that nobody sees, and those that turn the direction of a line, are refused rather than
/// removed: no honest name has them.
pub(super) fn read(text: &str) -> Result<String, Malformed> {
    if text.chars().any(is_hidden) {
        return Err(rule("must not have control characters, direction marks or invisible characters"));
    }
    let plain = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let name = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match name.chars().count() {
        1..=MOST => Ok(name),
        _ => Err(rule("must be 1 to 100 characters")),
    }
}

/// Controls, directions (Unicode Standard Annex #9), and what has no width.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t243_a_name_is_what_it_looks_like() {
        assert_eq!(read("  Ｇｏｏｄ \u{a0} App ").as_deref(), Ok("Good App"));
        assert_eq!(read("𝐁𝐚𝐧𝐤 ﬁrst").as_deref(), Ok("Bank first"));
        let long = "x".repeat(10_240);
        for bad in
            ["a\u{202e}b", "a\u{200f}", "a\u{200b}b", "a\nb", "a\u{0}", "\u{2066}x", "", "   ", "\u{3164}", &long]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }
}
