//! Laws and their parameters as people write them.

/// Words of keys and titles that are written otherwise in a sentence.
const WRITTEN: [(&str, &str); 9] = [
    ("_", " "),
    ("zero inflated", "zero-inflated"),
    ("poisson", "Poisson"),
    ("weibull", "Weibull"),
    ("pareto", "Pareto"),
    ("of 2 ", "of two "),
    ("of 3 ", "of three "),
    ("of 4 ", "of four "),
    ("of 5 ", "of five "),
];

/// The name of a law or a parameter, of its key or its title.
pub(crate) fn written(name: &str) -> String {
    WRITTEN.iter().fold(name.to_owned(), |name, (key, word)| name.replace(key, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_have_the_names_that_people_write() {
        for (key, name) in [
            ("poisson", "Poisson"),
            ("zero_inflated_negative_binomial", "zero-inflated negative binomial"),
            ("zero_inflation", "zero inflation"),
            ("weibull with Pareto tail", "Weibull with Pareto tail"),
            ("mixture of 2 lognormals", "mixture of two lognormals"),
            ("tail_weight", "tail weight"),
        ] {
            assert_eq!(written(key), name);
        }
    }
}
