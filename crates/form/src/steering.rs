//! Characters that steer a terminal, reorder or hide text, or are not seen: the one rule of all names and all that is printed.

/// Ranges of characters, sorted, that are no text to be seen: general categories Cc, Cf, Zl, Zp and Co (whose look is each
/// font's own), `Default_Ignorable_Code_Point`, and the blanks and placeholders that Unicode counts as marks or symbols.
///
/// # Source
/// Unicode Character Database 16.0, `DerivedGeneralCategory.txt` and `DerivedCoreProperties.txt`.
const STEERING: &[(u32, u32)] = &[
    (0x0000, 0x001f),     // controls of ASCII
    (0x007f, 0x009f),     // delete, and the controls C1
    (0x00ad, 0x00ad),     // soft hyphen
    (0x034f, 0x034f),     // combining grapheme joiner
    (0x0600, 0x0605),     // Arabic number signs
    (0x061c, 0x061c),     // Arabic letter mark
    (0x06dd, 0x06dd),     // Arabic end of ayah
    (0x070f, 0x070f),     // Syriac abbreviation mark
    (0x0890, 0x0891),     // Arabic pound and piastre marks
    (0x08e2, 0x08e2),     // Arabic disputed end of ayah
    (0x115f, 0x1160),     // Hangul fillers
    (0x17b4, 0x17b5),     // Khmer inherent vowels
    (0x180b, 0x180f),     // Mongolian variation selectors and vowel separator
    (0x200b, 0x200f),     // zero-width space, joiners and direction marks
    (0x2028, 0x202e),     // line and paragraph separators, embeddings and overrides
    (0x2060, 0x206f),     // word joiner, invisible operators, isolates
    (0x2800, 0x2800),     // blank of Braille
    (0x3164, 0x3164),     // Hangul filler
    (0xe000, 0xf8ff),     // private use
    (0xfe00, 0xfe0f),     // variation selectors
    (0xfeff, 0xfeff),     // byte-order mark
    (0xffa0, 0xffa0),     // Hangul filler of half width
    (0xfff0, 0xfffc),     // ignorable, interlinear annotations, object replacement
    (0x110bd, 0x110bd),   // Kaithi number sign
    (0x110cd, 0x110cd),   // Kaithi number sign above
    (0x13430, 0x13440),   // joiners and mirror of Egyptian hieroglyphs
    (0x16fe4, 0x16fe4),   // filler of Khitan
    (0x1bca0, 0x1bca3),   // shorthand format controls
    (0x1d159, 0x1d159),   // null notehead
    (0x1d173, 0x1d17a),   // beams, ties, slurs and phrases of music
    (0xe0000, 0xe0fff),   // tags, variation selectors, ignorable
    (0xf0000, 0x10_ffff), // private use
];

/// Whether a character is not to be printed as it is, nor to be part of a name.
pub(crate) fn is_steering(character: char) -> bool {
    let code = u32::from(character);
    let range = STEERING.partition_point(|&(_, last)| last < code);
    STEERING.get(range).is_some_and(|&(first, _)| first <= code) || is_noncharacter(code)
}

/// What Unicode will never assign.
fn is_noncharacter(code: u32) -> bool {
    code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_are_sorted_and_apart() {
        assert!(STEERING.iter().all(|(first, last)| first <= last));
        assert!(STEERING.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
    }

    #[test]
    fn what_is_not_seen_steers() {
        let hidden = "\u{0}\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{34f}\u{600}\u{605}\u{61c}\u{6dd}\u{70f}\u{890}\u{8e2}\u{115f}\u{1160}\
            \u{17b4}\u{180b}\u{180e}\u{180f}\u{200b}\u{200d}\u{200e}\u{2028}\u{2029}\u{202e}\u{2060}\u{2066}\u{206a}\u{2800}\
            \u{3164}\u{e000}\u{fdd0}\u{fe0f}\u{feff}\u{ffa0}\u{fff0}\u{fff9}\u{fffc}\u{fffe}\u{ffff}\u{110bd}\u{110cd}\u{13430}\
            \u{1343f}\u{1bca0}\u{1d159}\u{1d173}\u{1d17a}\u{1fffe}\u{1ffff}\u{e0001}\u{e0041}\u{e0100}\u{e01ef}\u{f0000}\
            \u{10ffff}";
        for character in hidden.chars() {
            assert!(is_steering(character), "U+{:04X}", u32::from(character));
        }
        for character in " ~\u{a0}é§–—’…合\u{301}अس한\u{2801}\u{fffd}😀𝄞".chars() {
            assert!(!is_steering(character), "U+{:04X}", u32::from(character));
        }
    }
}
