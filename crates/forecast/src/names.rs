//! Names of organizations, which link rows of files without identifiers.

/// Words that say what kind of company it is.
const COMPANY: [&str; 12] =
    ["llc", "inc", "the", "corp", "corporation", "lp", "llp", "pc", "pllc", "co", "company", "ltd"];

/// A name without what is written differently from year to year: capital letters, punctuation, kinds of company, and
/// "accountable care organization" for "ACO".
pub fn plain_name(name: &str) -> String {
    let spaced: String = name
        .to_lowercase()
        .replace('&', " and ")
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { ' ' })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().filter(|word| !COMPANY.contains(word)).collect();
    words.join(" ").replace("accountable care organization", "aco").replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_agree_and_other_names_do_not() {
        let one = plain_name("Palm Beach Accountable Care Organization, LLC");
        assert_eq!(one, plain_name("PALM BEACH ACO"));
        assert_eq!(plain_name("Smith & Sons, Inc."), plain_name("Smith and Sons"));
        assert_ne!(plain_name("Physicians ACO I"), plain_name("Physicians ACO II"));
    }
}
