//! Parts of sentences.

use super::HEAVY_TAIL;

/// What [`HEAVY_TAIL`] means, of the figures of those names, or of the one before.
pub(crate) fn heavy_tail_note(names: &[&str]) -> String {
    let of = if names.is_empty() { String::new() } else { format!(" of {}", listed(names)) };
    format!(
        "{HEAVY_TAIL}: a few trials decide this figure{of}; its error cannot be estimated, and with other trials it may be much \
         larger."
    )
}

/// What stands before the item at that index of a list: `A`, `A and B`, `A, B and C`; semicolons where one of several has commas.
pub(crate) fn joint<T: AsRef<str>>(index: usize, items: &[T]) -> &'static str {
    let has_commas = items.len() > 2 && items.iter().any(|item| item.as_ref().contains(','));
    match (index, index + 1 == items.len()) {
        (0, _) => "",
        (_, true) if has_commas => "; and ",
        (_, true) => " and ",
        _ if has_commas => "; ",
        _ => ", ",
    }
}

/// Items in a sentence.
pub(crate) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    items.iter().enumerate().map(|(index, item)| format!("{}{}", joint(index, items), item.as_ref())).collect()
}

/// The text with its first letter as a sentence has it.
pub(crate) fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_6_a_list_ends_with_and() {
        assert_eq!(listed::<&str>(&[]), "");
        assert_eq!(listed(&["A"]), "A");
        assert_eq!(listed(&["A", "B"]), "A and B");
        assert_eq!(listed(&["A", "B", "C"]), "A, B and C");
        assert_eq!(listed(&["A, old", "B", "C"]), "A, old; B; and C");
        assert!(heavy_tail_note(&["A", "B"]).contains("this figure of A and B; its error"));
    }
}
