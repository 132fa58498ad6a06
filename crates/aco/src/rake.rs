//! Prices by service and by enrollment type that meet what services cost and what types cost after truncation.
//!
//! Truncation is of a person's total, so what a type is to cost before it is found from persons; then services and types are
//! two margins of one table, met in turn until they stay.

/// One enrollment type, with its use already that of the row.
pub(crate) struct Type<'a> {
    /// People.
    pub(crate) members: f64,
    /// Expected dollars of a person, by service.
    pub(crate) dollars: Vec<f64>,
    /// What the persons' dollars are multiplied by, by service.
    pub(crate) uses: &'a [f64],
    /// `[service][person]`, dollars.
    pub(crate) persons: &'a [Vec<f32>],
    /// Truncated dollars of a person that are to be met.
    pub(crate) truncated: f64,
    /// The truncation point.
    pub(crate) point: f64,
}

/// What amounts are to be multiplied by.
pub(crate) struct Factors {
    pub(crate) services: Vec<f64>,
    pub(crate) types: Vec<f64>,
    /// Dollars of all types over those that services were to cost.
    pub(crate) over: f64,
    /// The largest relative change of what a type costs.
    pub(crate) moved: f64,
}

const MOST_ROUNDS: usize = 60;
const CLOSE: f64 = 1e-5;

/// Finds the factors; otherwise the index of a type whose spending no prices meet.
pub(crate) fn rake(types: &[Type<'_>], groups: &[(Vec<usize>, f64)]) -> Result<Factors, usize> {
    let mut services = vec![1.0; types[0].dollars.len()];
    let mut factors = vec![1.0; types.len()];
    let of_type = |of: &Type<'_>, services: &[f64]| -> f64 {
        of.dollars.iter().zip(services).map(|(dollars, factor)| dollars * factor).sum()
    };
    let wanted: f64 = groups.iter().map(|(_, dollars)| dollars).sum();
    let mut over = 1.0;
    for _ in 0..MOST_ROUNDS {
        let before = factors.clone();
        let mut spending = Vec::with_capacity(types.len());
        for (index, of) in types.iter().enumerate() {
            let mean = of_type(of, &services);
            factors[index] = factor_of(of, &services, mean).ok_or(index)?;
            spending.push(factors[index] * mean);
        }
        over = types.iter().zip(&spending).map(|(of, spending)| of.members * spending).sum::<f64>() / wanted;
        for _ in 0..MOST_ROUNDS {
            for (indices, dollars) in groups {
                let now: f64 = types
                    .iter()
                    .zip(&factors)
                    .map(|(of, factor)| {
                        of.members
                            * factor
                            * indices.iter().map(|&index| of.dollars[index] * services[index]).sum::<f64>()
                    })
                    .sum();
                for &index in indices {
                    services[index] *= over * dollars / now;
                }
            }
            let last = factors.clone();
            for ((factor, of), spending) in factors.iter_mut().zip(types).zip(&spending) {
                *factor = spending / of_type(of, &services);
            }
            if is_close(&last, &factors) {
                break;
            }
        }
        if is_close(&before, &factors) {
            break;
        }
    }
    let unscaled = vec![1.0; services.len()];
    let change =
        |(of, factor): (&Type<'_>, &f64)| (factor * of_type(of, &services) / of_type(of, &unscaled) - 1.0).abs();
    let moved = types.iter().zip(&factors).map(change).fold(0.0, f64::max);
    Ok(Factors { services, types: factors, over, moved })
}

fn is_close(before: &[f64], after: &[f64]) -> bool {
    before.iter().zip(after).all(|(before, after)| (after / before - 1.0).abs() < CLOSE)
}

/// The factor on all dollars of a type with which its truncated spending is met.
///
/// ```text
/// factor × mean × Σ min(factor × x, point) / Σ factor × x = truncated
/// ```
/// Newton's method from below: the left side rises and bends down, so that no step goes too far.
fn factor_of(of: &Type<'_>, services: &[f64], mean: f64) -> Option<f64> {
    let mut totals = vec![0.0; of.persons[0].len()];
    for ((costs, used), factor) in of.persons.iter().zip(of.uses).zip(services) {
        let by = used * factor;
        for (total, &cost) in totals.iter_mut().zip(costs) {
            *total += f64::from(cost) * by;
        }
    }
    let scale = mean / totals.iter().sum::<f64>();
    let mut factor = of.truncated / mean;
    for _ in 0..MOST_ROUNDS {
        let (mut below, mut above) = (0.0, 0.0);
        for &total in &totals {
            if factor * total < of.point {
                below += total;
            } else {
                above += of.point;
            }
        }
        let lacking = of.truncated - (factor * below + above) * scale;
        if lacking.abs() < 1e-9 * of.truncated {
            return Some(factor);
        }
        factor += lacking / (below * scale);
        if !(1e-3..=1e3).contains(&factor) {
            return None;
        }
    }
    Some(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two persons in each of two types, of whom one has all the cost of the first service.
    fn of<'a>(persons: &'a [Vec<f32>], uses: &'a [f64], truncated: f64, point: f64) -> Type<'a> {
        Type { members: 1.0, dollars: vec![100.0, 100.0], uses, persons, truncated, point }
    }

    #[test]
    fn without_truncation_both_margins_are_met() {
        let persons = [vec![200.0, 0.0], vec![100.0, 100.0]];
        let uses = [1.0, 1.0];
        let types = [of(&persons, &uses, 300.0, 1e9), of(&persons, &uses, 100.0, 1e9)];
        let found = rake(&types, &[(vec![0], 300.0), (vec![1], 100.0)]).expect("there are prices");
        assert!((found.over - 1.0).abs() < 1e-9);
        // Independent margins: 400 × 3/4 × 3/4 of the first type's first service.
        let dollars = |of: usize, service: usize| found.types[of] * found.services[service] * 100.0;
        for (of, service, expected) in [(0, 0, 225.0), (0, 1, 75.0), (1, 0, 75.0), (1, 1, 25.0)] {
            assert!((dollars(of, service) - expected).abs() < 1e-3, "{of} {service}");
        }
    }

    #[test]
    fn what_truncation_takes_is_made_up_for() {
        let persons = [vec![200.0, 0.0], vec![100.0, 100.0]];
        let uses = [1.0, 1.0];
        // Persons cost 300 and 100 times the factor; cut at 300 they come to 250 each when the factor is 2: 300 and 200.
        let types = [of(&persons, &uses, 250.0, 300.0)];
        let found = rake(&types, &[(vec![0, 1], 200.0)]).expect("there are prices");
        assert!((found.types[0] * found.services[0] - 2.0).abs() < 1e-6);
        assert!((found.over - 2.0).abs() < 1e-6);
        assert_eq!(rake(&[of(&persons, &uses, 301.0, 300.0)], &[(vec![0, 1], 200.0)]).err(), Some(0));
    }
}
