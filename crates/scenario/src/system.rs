//! The `[system]` and `[organization]` blocks: factors on costs and benchmarks, and how they move together.

use std::collections::BTreeMap;

use twosided_contracts::Known;
use twosided_form::{At, Names, Section, figure, unique};
use twosided_population::{Factor, FactorCorrelation, FactorCorrelationError, FactorLaw, Loading, System, Trend};
use twosided_prob::{CorrelationError, Family, Lognormal, Severity};

use crate::laws::{law_of, read_severity};

const MOST_FACTORS: usize = 50;

/// Reads both blocks.
pub(crate) fn read(root: &Section<'_>, trend: Trend, known: &Known) -> Option<System> {
    let mut names: Vec<At<String>> = Vec::new();
    let own = root.or("organization", Vec::new(), |root| read_organization(root.section("organization")?, &mut names));
    if !root.has("system") {
        return Some(System::new(trend, own?, None));
    }
    let section = root.section("system")?;
    let factors = section.or("factors", Vec::new(), |section| {
        section.each("factors", MOST_FACTORS, |factor| read_factor(factor, known, &mut names))
    });
    let copula = section.or("copula", Copula::Gaussian, read_copula);
    let mut factor_names = Names::new("there is no factor");
    factor_names.extend(names.into_iter().map(|name| name.value));
    factor_names.complete();
    if factors.is_none() {
        factor_names.may_be_more();
    }
    let pairs = section.or("correlations", Vec::new(), |section| {
        section.each("correlations", MOST_FACTORS * MOST_FACTORS, |pair| read_pair(pair, &factor_names))
    });
    let system = (|| {
        let mut factors: Vec<Factor> = own?.into_iter().chain(factors?).collect();
        // What correlated factors turn out to be depends on their order: let it be that of their names, not of the file.
        factors.sort_by(|a, b| a.name.cmp(&b.name));
        let (pairs, freedom) = (pairs?, copula?.freedom());
        if pairs.is_empty() && freedom.is_none() {
            return Some(System::new(trend, factors, None));
        }
        let correlation = correlate(&section, &factors, &pairs, freedom)?;
        Some(System::new(trend, factors, Some(correlation)))
    })();
    section.finish();
    system
}

fn read_persistence(section: &Section<'_>) -> Option<f64> {
    section.or("persistence", 0.0, |section| {
        let help = "persistence is the correlation from year to year, from -0.99 to 0.99";
        section.number_within("persistence", -0.99, 0.99, help).map(|at| at.value)
    })
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
}

impl LastingFactor {
    /// The lognormal factor, which does not compound, with its loadings on benchmarks and on costs.
    fn factor(self, name: &str, benchmark: f64, cost: f64) -> Factor {
        let variance = libm::log1p(self.sd / self.mean * (self.sd / self.mean));
        let law = FactorLaw::Lognormal { location: libm::log(self.mean) - 0.5 * variance, scale: variance.sqrt() };
        let loading = Loading { benchmark, cost, services: BTreeMap::new(), segments: BTreeMap::new() };
        Factor { name: name.to_owned(), law, loading, compounding: false, persistence: self.persistence }
    }
}

/// The lasting difference between provider and benchmark, and how efficient care really is: factors that do not compound.
fn read_organization(section: Section<'_>, names: &mut Vec<At<String>>) -> Option<Vec<Factor>> {
    let mut read = |key: &'static str, name: &str, benchmark: f64, cost: f64| {
        section.or(key, None, |section| {
            let section = section.section(key)?;
            names.push(At { value: name.to_owned(), span: section.span.clone() });
            let mean = section.or("mean", 1.0, |section| {
                let help = "mean is a factor, from 0.1 to 10; 1 is no difference on average";
                section.number_within("mean", 0.1, 10.0, help).map(|at| at.value)
            });
            section.require("sd", "give the standard deviation of the factor, as sd = 0.03");
            let sd = section.number_within("sd", 0.0, 1.0, "sd is a decimal from 0 to 1, as 0.03 for three percent");
            let persistence = read_persistence(&section);
            section.finish();
            let error = LastingFactor { mean: mean?, sd: sd?.value, persistence: persistence? };
            Some(Some(error.factor(name, benchmark, cost)))
        })
    };
    let benchmark_error = read("benchmark_error", "benchmark error", 1.0, 0.0);
    let efficiency = read("efficiency", "efficiency", 0.0, 1.0);
    section.finish();
    Some(benchmark_error?.into_iter().chain(efficiency?).collect())
}

fn read_factor(section: Section<'_>, known: &Known, names: &mut Vec<At<String>>) -> Option<Factor> {
    let name = section.name("name").filter(|name| unique(&section, names, name, "factor"));
    let law = read_law(&section);
    let loading = section.or("loading", Some(Loading::default()), |section| {
        Some(section.section("loading").and_then(|section| read_loading(section, known)))
    });
    let compounding = section.or("compounding", false, |section| section.truth("compounding"));
    let persistence = read_persistence(&section);
    section.finish();
    let (name, law) = (name?.value, law?);
    Some(Factor { name, law, loading: loading??, compounding: compounding?, persistence: persistence? })
}

fn read_law(section: &Section<'_>) -> Option<FactorLaw> {
    if section.has("shock") {
        let shock = section.section("shock")?;
        shock.require("probability", "give the chance of a shock in a year, as probability = 0.04");
        let help = "a chance of a shock in a year is above 0 and below 1";
        let probability = shock.number_within("probability", 1e-9, 1.0 - 1e-9, help);
        let mean = shock.required_number("mean", "give the mean factor in such a year, as mean = 0.9");
        let cv = shock.or("cv", 0.0, |shock| Some(shock.number("cv")?.value));
        let law = law_of(&shock, [(mean, 1.0), (cv.map(|cv| if cv == 0.0 { 1e-6 } else { cv }), 0.1)], |[mean, cv]| {
            Lognormal::new(mean, cv)
        });
        shock.finish();
        let (probability, Lognormal { location, scale }) = (probability?.value, law?);
        return Some(FactorLaw::Shock { probability, location, scale });
    }
    let laws = ["lognormal", "gamma", "weibull", "pareto", "lognormal_mixture", "spliced", "empirical"];
    if !laws.iter().any(|law| section.has(law)) {
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
    let help = "a loading is a power of the factor, from -10 to 10; 1 takes it in full";
    let number = |key, absent| {
        section.or(key, absent, |section| section.number_within(key, -10.0, 10.0, help).map(|at| at.value))
    };
    let (benchmark, cost) = (number("benchmark", 0.0), number("cost", 1.0));
    let by_name = |key, names: &Names| {
        section.or(key, BTreeMap::new(), |section| {
            let section = section.section(key)?;
            let loadings = section.numbers_by_name(names, -10.0, 10.0, help);
            section.finish_named();
            loadings
        })
    };
    let (services, segments) = (by_name("services", &known.services), by_name("segments", &known.segments));
    section.finish();
    Some(Loading { benchmark: benchmark?, cost: cost?, services: services?, segments: segments? })
}

/// What joins the factors.
#[derive(Clone, Copy)]
enum Copula {
    Gaussian,
    /// Its degrees of freedom.
    T(f64),
}

impl Copula {
    fn freedom(self) -> Option<f64> {
        if let Self::T(freedom) = self { Some(freedom) } else { None }
    }
}

fn read_copula(section: &Section<'_>) -> Option<Copula> {
    if section.is_text("copula") {
        return section.choice("copula", &[("gaussian", Copula::Gaussian)]);
    }
    let copula = section.section("copula")?;
    copula.require("t", "write copula = \"gaussian\", or the degrees of freedom of a t copula as copula = { t = 5 }");
    let freedom = copula.number_within("t", 1.0, 1_000.0, "degrees of freedom are from 1 to 1,000");
    copula.finish();
    Some(Copula::T(freedom?.value))
}

/// Two factors and their correlation.
fn read_pair(section: Section<'_>, names: &Names) -> Option<(String, String, f64)> {
    section.require("between", "name two factors, as between = [\"national trend\", \"unit price\"]");
    let path = section.path_of("between");
    let between = section.texts("between").filter(|between| {
        let known = between.iter().filter(|name| names.has(name, &section, &path)).count();
        let pair = between.len() == 2 && between[0].value != between[1].value;
        if !pair {
            section.wrong(&section.span_of("between"), format!("{path} is not a pair"), "name two different factors");
        }
        pair && known == 2
    });
    section.require("value", "give their correlation, as value = 0.5");
    let value = section.number_within("value", -1.0, 1.0, "a correlation is from -1 to 1");
    section.finish();
    let mut between = between?.into_iter().map(|name| name.value);
    Some((between.next()?, between.next()?, value?.value))
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
