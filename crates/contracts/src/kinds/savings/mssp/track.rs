//! The tracks of the Medicare Shared Savings Program, under our names and CMS's.

use twosided_form::{Key, Section, Word, shortened};

/// Participation options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// BASIC level A: one-sided.
    BasicA,
    /// BASIC level B: one-sided.
    BasicB,
    /// BASIC level C: two-sided.
    BasicC,
    /// BASIC level D: two-sided.
    BasicD,
    /// BASIC level E: two-sided, the highest of BASIC.
    BasicE,
    /// ENHANCED: two-sided.
    Enhanced,
    /// Track 1 of agreements before July 2019: one-sided.
    Track1,
    /// The Track 1+ Model, 2018 to 2021: two-sided.
    Track1Plus,
    /// Track 2 of agreements before July 2019: two-sided.
    Track2,
    /// Track 3 of agreements before July 2019: two-sided, since named ENHANCED.
    Track3,
}

impl Word for Track {
    const WORDS: &'static [(&'static str, Self)] = &Self::NAMES;
}

impl Track {
    /// All tracks with the names that scenario files use.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("basic_a", Self::BasicA),
        ("basic_b", Self::BasicB),
        ("basic_c", Self::BasicC),
        ("basic_d", Self::BasicD),
        ("basic_e", Self::BasicE),
        ("enhanced", Self::Enhanced),
        ("track_1", Self::Track1),
        ("track_1_plus", Self::Track1Plus),
        ("track_2", Self::Track2),
        ("track_3", Self::Track3),
    ];

    /// The name for readers.
    pub const fn title(self) -> &'static str {
        match self {
            Self::BasicA => "BASIC Level A",
            Self::BasicB => "BASIC Level B",
            Self::BasicC => "BASIC Level C",
            Self::BasicD => "BASIC Level D",
            Self::BasicE => "BASIC Level E",
            Self::Enhanced => "ENHANCED",
            Self::Track1 => "Track 1",
            Self::Track1Plus => "Track 1+",
            Self::Track2 => "Track 2",
            Self::Track3 => "Track 3",
        }
    }

    /// Reads a track by its name; for CMS's words the name is suggested.
    pub(super) fn read(section: &Section<'_>, key: &Key<Self>) -> Option<Self> {
        if section.is_text(key.name)
            && let Some(text) = section.text(key.name)
            && let Some(meant) = Self::of_cms(text.value).filter(|meant| meant.name() != text.value)
        {
            let message = format!("{} is \"{}\"", section.path_of(key.name), shortened(text.value, 60));
            section.wrong(&text.span, message, format!("did you mean `{}`?", meant.name()));
            return None;
        }
        section.read(key)
    }

    /// The track that CMS writes so, in its rules or in its files: `BASIC Level E`, `E`, `EN`, `Track 1+`.
    fn of_cms(text: &str) -> Option<Self> {
        let text = text.to_lowercase().replace(['_', '-'], " ");
        let says_nothing = |word: &str| "basic level track the".split(' ').any(|known| known == word);
        let words: Vec<&str> = text.split_whitespace().filter(|word| !says_nothing(word)).collect();
        let name = match &*words.join(" ") {
            "en" | "enh" | "enhanced" => "enhanced".to_owned(),
            "1+" | "1 plus" => "track_1_plus".to_owned(),
            "1" | "2" | "3" => format!("track_{}", words[0]),
            level if level.len() == 1 && "abcde".contains(level) => format!("basic_{level}"),
            _ => return None,
        };
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, track)| track)
    }

    /// Whether there was no such track any more.
    pub(super) fn has_ended(self, performance_year: u16) -> bool {
        matches!(self, Self::Track1 | Self::Track1Plus | Self::Track2 | Self::Track3) && performance_year > 2021
    }

    /// The name that scenario files use.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

#[cfg(test)]
mod tests {
    use super::{super::MsspKeys, *};
    use twosided_form::Document;

    #[test]
    fn names_stand_where_their_track_says() {
        for (name, track) in Track::NAMES {
            assert_eq!(track.name(), name);
        }
    }

    #[test]
    fn words_of_cms_have_their_track() {
        for (word, name) in [
            ("E", "basic_e"),
            ("Level E", "basic_e"),
            ("BASIC Level A", "basic_a"),
            ("BASIC Track Level C", "basic_c"),
            ("ENHANCED", "enhanced"),
            ("Enhanced Track", "enhanced"),
            ("EN", "enhanced"),
            ("Track 1+", "track_1_plus"),
            ("3", "track_3"),
        ] {
            assert_eq!(Track::of_cms(word).map(Track::name), Some(name), "{word}");
        }
        assert!(Track::NAMES.iter().all(|&(name, track)| Track::of_cms(name) == Some(track)));
        assert_eq!([Track::of_cms("basic"), Track::of_cms("f"), Track::of_cms("")], [None; 3]);
        let read = |track: &str| {
            let document = Document::new("x", format!("track = \"{track}\""));
            document.read(|root| {
                let track = Track::read(&root, &MsspKeys::TRACK);
                root.finish();
                track
            })
        };
        assert!(format!("{:?}", read("Level E").err()).contains("did you mean `basic_e`?"));
        assert!(read("basic_f").is_err());
        assert!(read("basic_e").is_ok());
    }
}
