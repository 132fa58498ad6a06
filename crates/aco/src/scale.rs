//! Segments with other use and other prices.

use std::collections::BTreeMap;

use twosided_population::{EndOfLife, Segment, Service, Utilization};
use twosided_prob::{Frequency, ParameterError, Severity};
use twosided_scenario::rounded;

/// Digits to which numbers are kept, so that the people who are sampled are those who are written.
pub(crate) const DIGITS: usize = 6;

/// What use and amounts of each service are multiplied by, by its name.
pub(crate) struct ServiceFactors<'a> {
    pub(crate) uses: BTreeMap<&'a str, f64>,
    pub(crate) amounts: BTreeMap<&'a str, f64>,
}

/// The segment with other use and other amounts; a service of which nothing is used is taken out.
///
/// # Errors
/// A law that cannot have its new numbers.
pub(crate) fn scaled(segment: &Segment, factors: &ServiceFactors<'_>) -> Result<Segment, ParameterError> {
    let is_used = |service: &&Service| factors.uses[service.name.as_str()] != 0.0;
    let services = segment.services.iter().filter(is_used).map(|service| of_service(service, factors));
    let mut scaled = Segment { services: services.collect::<Result<_, _>>()?, ..segment.clone() };
    if let Some(mortality) = &mut scaled.life.mortality
        && let Some(end) = &mortality.end_of_life
    {
        let of_part = |service: &str| factors.uses[service] * factors.amounts[service];
        mortality.end_of_life = of_deaths(end, of_part)?;
    }
    Ok(scaled)
}

fn of_service(service: &Service, factors: &ServiceFactors<'_>) -> Result<Service, ParameterError> {
    let (used, amount) = (factors.uses[service.name.as_str()], factors.amounts[service.name.as_str()]);
    let utilization = match &service.utilization {
        Utilization::Events { frequency, severity } => {
            Utilization::Events { frequency: times(*frequency, used)?, severity: priced(severity, amount)? }
        }
        Utilization::Following { after, frequency, severity, severity_elasticity } => Utilization::Following {
            after: after.clone(),
            frequency: times(*frequency, used / factors.uses[after.as_str()])?,
            severity: priced(severity, amount)?,
            severity_elasticity: *severity_elasticity,
        },
        Utilization::Annual { zero, amount: law } => {
            Utilization::Annual { zero: *zero, amount: priced(law, amount * used)? }
        }
    };
    Ok(Service { utilization, ..service.clone() })
}

fn digits(number: f64) -> f64 {
    rounded(number, DIGITS)
}

/// The law of this many times the events. More than one event for each is no probability: it becomes a Poisson.
fn times(frequency: Frequency, factor: f64) -> Result<Frequency, ParameterError> {
    let scaled = match frequency.of_part(factor) {
        Frequency::Bernoulli { probability } if probability > 1.0 => Frequency::Poisson { mean: probability },
        scaled => scaled,
    };
    let scaled = scaled.restated(digits);
    scaled.check().map(|()| scaled)
}

/// The law of this many times the amount.
fn priced(amount: &Severity, factor: f64) -> Result<Severity, ParameterError> {
    amount.scaled(factor).restated(&digits)
}

/// What a death costs is spent on services, each with its factor; nothing where none of them is used. Parts add to one to the
/// last digit: the last takes what rounding leaves.
fn of_deaths(end: &EndOfLife, factor: impl Fn(&str) -> f64) -> Result<Option<EndOfLife>, ParameterError> {
    let scaled: Vec<(&String, f64)> = end.services.iter().map(|(name, part)| (name, part * factor(name))).collect();
    let all: f64 = scaled.iter().map(|(_, part)| part).sum();
    let Some(last) = scaled.iter().rposition(|(_, part)| *part > 0.0) else { return Ok(None) };
    let mut left = 1_000_000;
    let millionths = scaled.into_iter().enumerate().map(|(index, (name, part))| {
        let millionths = if index == last { left } else { (part / all * 1e6).round() as i64 };
        left -= millionths;
        (name.clone(), millionths)
    });
    let services = millionths.filter(|(_, millionths)| *millionths > 0);
    let services = services.map(|(name, millionths)| (name, millionths as f64 / 1e6)).collect();
    Ok(Some(EndOfLife { amount: priced(&end.amount, all)?, services }))
}

#[cfg(test)]
mod tests {
    use twosided_prob::Family;

    use super::*;

    #[test]
    fn more_than_one_event_for_each_is_poisson() {
        let frequency = Frequency::Bernoulli { probability: 0.9 };
        assert_eq!(times(frequency, 0.5), Ok(Frequency::Bernoulli { probability: 0.45 }));
        assert_eq!(times(frequency, 2.0), Ok(Frequency::Poisson { mean: 1.8 }));
        assert!(times(Frequency::Poisson { mean: 900.0 }, 2.0).is_err());
    }

    #[test]
    fn numbers_are_kept_to_the_digits_that_are_written() {
        let amount = Severity::Family(Family::gamma(1_234.56, 0.7).expect("valid parameters"));
        let expected = Severity::Family(Family::gamma(411.52, 0.7).expect("valid parameters"));
        assert_eq!(priced(&amount, 1.0 / 3.0), Ok(expected));
    }

    #[test]
    fn parts_of_the_cost_of_a_death_follow_their_services_and_add_to_one() {
        let amount = |mean| Severity::Family(Family::gamma(mean, 1.0).expect("valid parameters"));
        let services = [("a", 0.5), ("b", 0.25), ("c", 0.25)].map(|(name, part)| (name.to_owned(), part)).to_vec();
        let end = EndOfLife { amount: amount(1_000.0), services };
        let found = of_deaths(&end, |service| if service == "c" { 0.0 } else { 2.0 });
        // 1,000 × (0.5 + 0.25) × 2.
        let services = vec![("a".to_owned(), 0.666_667), ("b".to_owned(), 0.333_333)];
        assert_eq!(found, Ok(Some(EndOfLife { amount: amount(1_500.0), services })));
        assert_eq!(of_deaths(&end, |_| 0.0), Ok(None));
    }
}
