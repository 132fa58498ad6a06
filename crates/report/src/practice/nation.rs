//! Shares of the nation's payments by category, as published.

/// A line of business in the nation.
pub(super) struct Payments {
    /// Whose payments.
    pub(super) business: &'static str,
    /// Percent in categories 3 and 4; none where it was not found.
    pub(super) categories_3_and_4: Option<f64>,
    /// Percent in 3B and category 4.
    pub(super) two_sided: Option<f64>,
}

const fn direct(business: &'static str, categories_3_and_4: f64, two_sided: f64) -> Payments {
    Payments { business, categories_3_and_4: Some(categories_3_and_4), two_sided: Some(two_sided) }
}

/// Payments of 2023.
///
/// # Source
/// LAN measurement 2024; of all payers together, a secondary note on the same survey.
pub(super) const PAYMENTS: [Payments; 5] = [
    direct("traditional Medicare", 42.0, 33.7),
    direct("Medicare Advantage", 64.3, 43.0),
    direct("commercial", 39.2, 21.6),
    direct("Medicaid", 43.7, 21.1),
    Payments { business: "all payers", categories_3_and_4: None, two_sided: Some(28.5) },
];

/// What stands below the table.
pub(super) const NOTE: &str = "LAN is the Health Care Payment Learning and Action Network. Payments without a link to quality, 3N and 4N, count as \
    neither. US: payments of 2023 by the LAN's survey of 2024 (hcp-lan.org/apm-measurement-effort/2024-apm), of the payers that answered it; the figure of \
    all payers together is from a secondary note on it and not confirmed.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sided_payments_are_part_of_categories_3_and_4() {
        for line in &PAYMENTS {
            let two_sided = line.two_sided.expect("every line has it");
            assert!(line.categories_3_and_4.is_none_or(|both| two_sided < both && both < 100.0), "{}", line.business);
        }
    }
}
