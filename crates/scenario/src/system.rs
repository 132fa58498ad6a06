//! The `[system]` and `[organization]` blocks: factors on costs and benchmarks, and how they move together.

use std::collections::BTreeMap;

use twosided_contracts::Known;
use twosided_form::{
    At, ByName, Holds, Key, List,
    Literal::{self, Number, Truth},
    Names, Nested, Range, Section, Word, figure, keys, unique,
};
use twosided_population::{Factor, FactorCorrelation, FactorCorrelationError, FactorLaw, Loading, System, Trend};
use twosided_prob::{CorrelationError, Family, Lognormal, Severity};

use crate::laws::{LAW, SeverityKeys, has_severity, law_of, read_severity};

const MOST_FACTORS: usize = 50;
const LOADING: Range = Range::of(-10.0, 10.0);

const PERSISTENCE: Key<f64> = Key::number("persistence", Range::of(-0.99, 0.99))
    .default(Number(0.0))
    .meaning("the correlation of its normal score with that of the year before");

keys! {
    /// The block `[system]`.
    pub(crate) struct SystemKeys "system" {
        FACTORS: List = Key::tables("factors", FactorKeys::TABLE, MOST_FACTORS)
            .absent("none", "[{ name = \"flu\", lognormal = { mean = 1, cv = 0.02 } }]")
            .meaning("the factors, each drawn once a year");
        CORRELATIONS: List = Key::tables("correlations", CorrelationKeys::TABLE, MOST_FACTORS * MOST_FACTORS)
            .absent("none", "[{ between = [\"flu\", \"prices\"], value = 0.5 }]")
            .meaning("the correlations of the normal scores of factors")
            .more("Those of `[organization]` are named `benchmark error` and `efficiency`. They hold in every year, whatever the persistences. A matrix that is not positive definite, as stated or as it must be renewed each year, is refused with the nearest one that is. `population.trend` is not among them: write a compounding factor instead");
        COPULA: Copula =
            Key::new("copula", Holds::Either(&[Holds::Word(|| vec!["gaussian"]), Holds::Table(CopulaKeys::TABLE)]))
                .default(Literal::Word("gaussian"))
                .meaning("how extremes go together")
                .more("A correlation is that of normal scores under either; [below](#the-t-copula)");
    }
}

keys! {
    /// A copula with parameters.
    pub(crate) struct CopulaKeys "system.copula" {
        T: f64 = Key::number("t", Range::of(1.0, 1_000.0)).required("5")
            .ask("write copula = \"gaussian\", or the degrees of freedom of a t copula as copula = { t = 5 }")
            .meaning("the degrees of freedom of a t copula");
    }
}

keys! {
    /// Two factors that go together.
    pub(crate) struct CorrelationKeys "system.correlations" {
        BETWEEN: Vec<At<String>> = Key::names("between", "two names of factors")
            .required("[\"national trend\", \"unit price\"]").meaning("two factors");
        VALUE: f64 = Key::number("value", Range::of(-1.0, 1.0)).required("0.5").meaning("their correlation");
    }
}

keys! {
    /// A factor.
    pub(crate) struct FactorKeys "system.factors" with [SeverityKeys::OWN] {
        NAME: String = Key::name().more("Unique among factors");
        SHOCK: Nested = Key::table("shock", ShockKeys::TABLE)
            .one_of(LAW, "{ probability = 0.04, mean = 0.9 }").meaning("a factor that is 1 except in years of a shock");
        LOADING: Nested = Key::table("loading", LoadingKeys::TABLE)
            .absent("costs in full", "{ cost = 1, benchmark = 1 }").meaning("what it moves, by the power of the loading");
        COMPOUNDING: bool = Key::truth("compounding").default(Truth(false))
            .meaning("whether a year's value also moves the years after it, as a trend does");
        PERSISTENCE: f64 = PERSISTENCE;
    }
}

keys! {
    /// A factor that is 1 except in years of a shock.
    pub(crate) struct ShockKeys "system.factors.shock" {
        PROBABILITY: f64 = Key::number("probability", Range::between(0.0, 1.0)).required("0.04")
            .meaning("the chance of a shock in a year");
        MEAN: f64 = Key::number("mean", Range::of(1e-6, 1e12)).required("0.9").meaning("the mean factor in such a year");
        CV: f64 = Key::number("cv", Range::of(0.0, 100.0)).default(Number(0.0))
            .meaning("the standard deviation over the mean");
    }
}

keys! {
    /// What a factor moves.
    pub(crate) struct LoadingKeys "system.factors.loading" {
        BENCHMARK: f64 = Key::number("benchmark", LOADING).default(Number(0.0)).meaning("the loading of benchmarks");
        COST: f64 = Key::number("cost", LOADING).default(Number(1.0)).meaning("the loading of every service's cost")
            .more("1 takes the factor in full");
        SERVICES: ByName<f64> = Key::by_name("services", "service", &Holds::Number(LOADING))
            .absent("none", "{ inpatient = 1.5 }").meaning("the loadings of services that have their own");
        SEGMENTS: ByName<f64> = Key::by_name("segments", "segment", &Holds::Number(LOADING))
            .absent("none", "{ aged = 0.5 }").meaning("the loadings of segments that have their own");
    }
}

keys! {
    /// The block `[organization]`.
    pub(crate) struct OrganizationKeys "organization" {
        BENCHMARK_ERROR: Nested = Key::table("benchmark_error", LastingKeys::TABLE).absent("none", "{ sd = 0.03 }")
            .meaning("a factor on benchmarks")
            .more("It makes them differ from what these people are expected to cost");
        EFFICIENCY: Nested = Key::table("efficiency", LastingKeys::TABLE).absent("none", "{ sd = 0.03 }")
            .meaning("a factor on all costs").more("It is what the provider's care really costs, over what the laws say");
    }
}

keys! {
    /// A lasting difference of the provider.
    pub(crate) struct LastingKeys "organization.efficiency" {
        MEAN: f64 = Key::number("mean", Range::of(0.1, 10.0)).default(Number(1.0))
            .meaning("the mean factor").more("1 is no difference on average");
        SD: f64 = Key::number("sd", Range::UNIT).required("0.03").meaning("the standard deviation of the factor");
        PERSISTENCE: f64 = PERSISTENCE;
        TAIL: Nested = Key::table("tail", TailKeys::TABLE).absent("none", "{ weight = 0.14, ratio = 2.3 }")
            .meaning("a tail that is heavier than a lognormal's, at the same mean and nearly the same standard deviation");
    }
}

keys! {
    /// A heavier tail: the logarithm of the factor is a mixture of two normals with one center.
    pub(crate) struct TailKeys "organization.efficiency.tail" {
        WEIGHT: f64 = Key::number("weight", Range::between(0.0, 1.0)).required("0.14")
            .meaning("the weight of the wider of the two normals");
        RATIO: f64 = Key::number("ratio", Range::of(1.0, 20.0)).required("2.3")
            .meaning("its standard deviation over that of the other");
    }
}

/// Reads both blocks.
pub(crate) fn read(
    root: &Section<'_>,
    (system, organization): (&Key<Nested>, &Key<Nested>),
    trend: Trend,
    known: &Known,
) -> Option<System> {
    type Keys = SystemKeys;
    let mut names: Vec<At<String>> = Vec::new();
    let own = root.optional_table(organization, |section| read_organization(section, &mut names));
    let own = own.map(Option::unwrap_or_default);
    if !root.has(system.name) {
        return Some(System::new(trend, own?, None));
    }
    let section = root.table(system)?;
    let factors = section.optional_tables(&Keys::FACTORS, |factor| read_factor(factor, known, &mut names));
    let copula = read_copula(&section);
    let mut factor_names = Names::new("there is no factor");
    factor_names.extend(names.into_iter().map(|name| name.value));
    factor_names.complete();
    if factors.is_none() {
        factor_names.may_be_more();
    }
    let pairs = section.optional_tables(&Keys::CORRELATIONS, |pair| read_pair(pair, &factor_names));
    let system = (|| {
        let mut factors: Vec<Factor> = own?.into_iter().chain(factors?).collect();
        // What correlated factors turn out to be depends on their order: let it be that of their names, not of the file.
        factors.sort_by(|a, b| a.name.cmp(&b.name));
        let (pairs, freedom) = (pairs?, copula?.freedom());
        if factors.is_empty() || pairs.is_empty() && freedom.is_none() {
            return Some(System::new(trend, factors, None));
        }
        let correlation = correlate(&section, &factors, &pairs, freedom)?;
        Some(System::new(trend, factors, Some(correlation)))
    })();
    section.finish();
    system
}

/// A lasting factor of the organization: how far its benchmark is off, or how efficient its care is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastingFactor {
    /// Mean; 1 is no difference on average.
    pub mean: f64,
    /// Standard deviation, which may be zero.
    pub sd: f64,
    /// Correlation from year to year.
    pub persistence: f64,
    /// Weight of the wider of two normals whose mixture its logarithm is, and its standard deviation over that of the other.
    pub tail: Option<(f64, f64)>,
}

impl LastingFactor {
    /// The law of its values: lognormal, or a mixture of two lognormals with one median.
    fn law(self) -> FactorLaw {
        let variance = libm::log1p(self.sd / self.mean * (self.sd / self.mean));
        match self.tail {
            Some((weight, ratio)) if variance > 0.0 => {
                let narrow = variance / (1.0 - weight + weight * ratio * ratio);
                let parts = [(1.0 - weight, narrow), (weight, narrow * ratio * ratio)];
                let mean_of_one: f64 = parts.iter().map(|(weight, variance)| weight * libm::exp(0.5 * variance)).sum();
                let part = |(weight, variance): (f64, f64)| {
                    (weight, self.mean * libm::exp(0.5 * variance) / mean_of_one, libm::expm1(variance).sqrt())
                };
                let law = Severity::lognormal_mixture(&parts.map(part)).expect("weights and moments of lognormals");
                FactorLaw::other(&law)
            }
            _ => FactorLaw::Lognormal { location: libm::log(self.mean) - 0.5 * variance, scale: variance.sqrt() },
        }
    }

    /// The factor, which does not compound, with its loadings on benchmarks and on costs.
    fn factor(self, name: &str, benchmark: f64, cost: f64) -> Factor {
        let law = self.law();
        let loading = Loading { benchmark, cost, services: BTreeMap::new(), segments: BTreeMap::new() };
        Factor { name: name.to_owned(), law, loading, compounding: false, persistence: self.persistence }
    }
}

/// The lasting difference between provider and benchmark, and how efficient care really is: factors that do not compound.
fn read_organization(section: Section<'_>, names: &mut Vec<At<String>>) -> Option<Vec<Factor>> {
    let mut read = |key: &Key<Nested>, name: &str, benchmark: f64, cost: f64| {
        section.optional_table(key, |section| {
            names.push(At { value: name.to_owned(), span: section.span.clone() });
            let (mean, sd) = (section.read(&LastingKeys::MEAN), section.read(&LastingKeys::SD));
            let persistence = section.read(&LastingKeys::PERSISTENCE);
            let tail = section.optional_table(&LastingKeys::TAIL, |section| {
                let (weight, ratio) = (section.read(&TailKeys::WEIGHT), section.read(&TailKeys::RATIO));
                section.finish();
                weight.zip(ratio)
            });
            section.finish();
            let lasting = LastingFactor { mean: mean?, sd: sd?, persistence: persistence?, tail: tail? };
            Some(lasting.factor(name, benchmark, cost))
        })
    };
    let benchmark_error = read(&OrganizationKeys::BENCHMARK_ERROR, "benchmark error", 1.0, 0.0);
    let efficiency = read(&OrganizationKeys::EFFICIENCY, "efficiency", 0.0, 1.0);
    section.finish();
    Some(benchmark_error?.into_iter().chain(efficiency?).collect())
}

fn read_factor(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Factor> {
    type Keys = FactorKeys;
    let name = section.read_at(&Keys::NAME).filter(|name| unique(&section, names, name, "factor"));
    let law = read_law(&section);
    let loading = section.optional_table(&Keys::LOADING, |section| read_loading(section, known));
    let compounding = section.read(&Keys::COMPOUNDING);
    let persistence = section.read(&Keys::PERSISTENCE);
    section.finish();
    let (name, law) = (name?.value, law?);
    let loading = loading?.unwrap_or_default();
    Some(Factor { name, law, loading, compounding: compounding?, persistence: persistence? })
}

fn read_law(section: &Section<'_>) -> Option<FactorLaw> {
    if section.has(FactorKeys::SHOCK.name) {
        type Keys = ShockKeys;
        let shock = section.table(&FactorKeys::SHOCK)?;
        let probability = shock.read(&Keys::PROBABILITY);
        let (mean, cv) = (shock.read(&Keys::MEAN), shock.read(&Keys::CV));
        let law = law_of(&shock, [(mean, 1.0), (cv.map(|cv| if cv == 0.0 { 1e-6 } else { cv }), 0.1)], |[mean, cv]| {
            Lognormal::new(mean, cv)
        });
        shock.finish();
        let (probability, Lognormal { location, scale }) = (probability?, law?);
        return Some(FactorLaw::Shock { probability, location, scale });
    }
    if !has_severity(section) {
        let message = format!("{} has no law", section.path);
        let help = "give the law of a year's value: `lognormal`, another severity law, or `shock`";
        section.wrong(&section.span, message, help);
        return None;
    }
    let law = read_severity(section)?;
    match law {
        Severity::Family(Family::Lognormal(Lognormal { location, scale })) => {
            Some(FactorLaw::Lognormal { location, scale })
        }
        other => Some(FactorLaw::other(&other)),
    }
}

fn read_loading(section: Section<'_>, known: &Known) -> Option<Loading> {
    type Keys = LoadingKeys;
    let (benchmark, cost) = (section.read(&Keys::BENCHMARK), section.read(&Keys::COST));
    let services = section.optional_by_name(&Keys::SERVICES, &known.services);
    let segments = section.optional_by_name(&Keys::SEGMENTS, &known.segments);
    section.finish();
    Some(Loading { benchmark: benchmark?, cost: cost?, services: services?, segments: segments? })
}

/// What joins the factors.
#[derive(Clone, Copy)]
pub(crate) enum Copula {
    Gaussian,
    /// Its degrees of freedom.
    T(f64),
}

impl Word for Copula {
    const WORDS: &'static [(&'static str, Self)] = &[("gaussian", Self::Gaussian)];
}

impl Copula {
    fn freedom(self) -> Option<f64> {
        if let Self::T(freedom) = self { Some(freedom) } else { None }
    }
}

fn read_copula(section: &Section<'_>) -> Option<Copula> {
    let Some(copula) = section.either_table(&SystemKeys::COPULA) else { return section.read(&SystemKeys::COPULA) };
    let freedom = copula.read(&CopulaKeys::T);
    copula.finish();
    freedom.map(Copula::T)
}

/// Two factors and their correlation.
fn read_pair(section: Section<'_>, names: &Names) -> Option<(String, String, f64)> {
    type Keys = CorrelationKeys;
    let between = section.read(&Keys::BETWEEN).and_then(|between| {
        let pair = between.len() == 2 && between[0].value != between[1].value;
        if !pair {
            let (path, span) = (section.path_of(Keys::BETWEEN.name), section.span_of(Keys::BETWEEN.name));
            section.wrong(&span, format!("{path} is not a pair"), "name two different factors");
        }
        names.all_of(between, &section, &Keys::BETWEEN).filter(|_| pair)
    });
    let value = section.read(&Keys::VALUE);
    section.finish();
    let mut between = between?.into_iter();
    Some((between.next()?, between.next()?, value?))
}

/// The matrix of the pairs.
fn correlate(
    section: &Section<'_>,
    factors: &[Factor],
    pairs: &[(String, String, f64)],
    freedom: Option<f64>,
) -> Option<FactorCorrelation> {
    let size = factors.len();
    let index = |name: &str| factors.iter().position(|factor| factor.name == name);
    let mut matrix: Vec<Vec<f64>> = (0..size).map(|row| vec![0.0; row]).collect();
    for (number, (one, other, value)) in pairs.iter().enumerate() {
        let is_same =
            |pair: &&(String, String, f64)| (&pair.0, &pair.1) == (one, other) || (&pair.1, &pair.0) == (one, other);
        if pairs[..number].iter().find(is_same).is_some() {
            let message = format!("system.correlations: {one} and {other} stand twice");
            section.wrong(&section.span_of("correlations"), message, "give each pair one correlation");
            return None;
        }
        if let (Some(one), Some(other)) = (index(one), index(other)) {
            matrix[one.max(other)][one.min(other)] = *value;
        }
    }
    let refused = |CorrelationError { smallest, nearest }: CorrelationError, what: &str| {
        let message =
            format!("system.correlations: {what} is not positive definite (smallest eigenvalue {smallest:.4})");
        let pair = |(row, column): (usize, usize)| {
            let value = (nearest[row][column] * 1e4).round() / 1e4;
            format!("{} and {}: {}", factors[column].name, factors[row].name, figure(value))
        };
        let indices = (0..size).flat_map(|row| (0..row).map(move |column| (row, column)));
        let changed = indices.filter(|&(row, column)| nearest[row][column].abs() >= 5e-5);
        let help = format!("the nearest valid matrix has {}", changed.map(pair).collect::<Vec<_>>().join("; "));
        section.wrong(&section.span_of("correlations"), message, help);
    };
    match FactorCorrelation::new(&matrix, factors, freedom) {
        Ok(correlation) => Some(correlation),
        Err(FactorCorrelationError::Stated(error)) => {
            refused(error, "the matrix");
            None
        }
        Err(FactorCorrelationError::Renewed(error)) => {
            refused(error, "with these persistences, the matrix of what is new each year");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_mean_and_spread_and_makes_far_values_likelier() {
        let plain = LastingFactor { mean: 1.02, sd: 0.04, persistence: 0.0, tail: None };
        let heavy = LastingFactor { tail: Some((0.14, 2.3)), ..plain };
        let moments = |law: &FactorLaw| {
            let count = 20_000;
            let value = |index: i32| law.value(twosided_prob::upper_score((f64::from(index) + 0.5) / f64::from(count)));
            let values: Vec<f64> = (0..count).map(value).collect();
            let mean = values.iter().sum::<f64>() / f64::from(count);
            let moment =
                |power: i32| values.iter().map(|value| (value - mean).powi(power)).sum::<f64>() / f64::from(count);
            (mean, moment(2).sqrt(), moment(4) / moment(2).powi(2))
        };
        let (plain, heavy) = (moments(&plain.law()), moments(&heavy.law()));
        assert!((plain.0 - 1.02).abs() < 1e-4 && (heavy.0 - 1.02).abs() < 1e-4, "{plain:?} {heavy:?}");
        assert!((plain.1 / 0.04 - 1.0).abs() < 2e-3 && (heavy.1 / 0.04 - 1.0).abs() < 5e-3, "{plain:?} {heavy:?}");
        // 3 (0.86 + 0.14 × 2.3⁴) / (0.86 + 0.14 × 2.3²)² = 5.65 before it is a logarithm.
        assert!(plain.2 < 3.1 && (heavy.2 - 5.65).abs() < 0.25, "{plain:?} {heavy:?}");
    }
}
