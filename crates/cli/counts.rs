//! Counts: as arguments, in digits with `_` or `,` between thousands or without, and in messages, with their nouns.

use std::ops::RangeInclusive;

use twosided_units::grouped;

/// A count and what it counts: `1 row`, `1,234 rows`.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(&count.to_string()), if count == 1 { one } else { several })
}

/// Reads a count within a range, whose ends `T` can hold.
pub(crate) fn count<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let found = digits(text).filter(|count| range.contains(count)).and_then(|count| T::try_from(count).ok());
        found.ok_or_else(|| {
            if let Some(count) = meant(text).filter(|count| range.contains(count)) {
                return format!("write {count}");
            }
            let (low, high) = (range.start(), range.end());
            let example = 2_000.clamp(*low, *high);
            let shown = |count: &u64| grouped(&count.to_string());
            format!("write a whole number from {} to {} in digits, such as {example}", shown(low), shown(high))
        })
    }
}

/// The count that digits state, alone or in groups of three.
fn digits(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split(['_', ',']).collect();
    let (first, others) = groups.split_first()?;
    let is_grouped = first.len() <= 3 && others.iter().all(|group| group.len() == 3);
    let is_digits = groups.iter().all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    ((others.is_empty() || is_grouped) && is_digits).then(|| groups.concat().parse().ok()).flatten()
}

/// What a text that is no count is likely to mean: thousands set apart by spaces, or a power of ten.
fn meant(text: &str) -> Option<u64> {
    let count = digits(&text.trim().replace(' ', "_"));
    let power = || {
        let number: f64 = text.trim().parse().ok().filter(|_| text.contains(['e', 'E']))?;
        (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
    };
    count.or_else(power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_has_the_number_of_its_noun() {
        let rows = [0, 1, 2, 1_234].map(|count| counted(count, "row", "rows"));
        assert_eq!(rows, ["0 rows", "1 row", "2 rows", "1,234 rows"]);
    }

    #[test]
    fn thousands_may_be_set_apart_and_what_is_wrong_is_set_right() {
        let read = count::<u32>(2..=1_000_000);
        for text in ["10000", "10_000", "10,000", "010000"] {
            assert_eq!(read(text), Ok(10_000), "{text}");
        }
        for text in ["1e4", "10 000", " 10000"] {
            assert_eq!(read(text), Err("write 10000".to_owned()), "{text}");
        }
        for text in ["", "_", "1_0", "10_00", "1000_000", "1,5", "1.5e0", "-3", "2.000", "ten", "1", "1_000_001", "1e9"]
        {
            let message = "write a whole number from 2 to 1,000,000 in digits, such as 2000".to_owned();
            assert_eq!(read(text), Err(message), "{text}");
        }
    }
}
