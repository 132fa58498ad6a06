//! The law of organizations fitted to a panel by maximum likelihood.

use crate::{
    Deviation, Innovation, OrganizationLaw, Panel, Parameter, Program, Rebasing, Year, YearLevel,
    likeliest::{Likeliest, likeliest},
    panel::is_new_agreement,
    state::steps,
};
use serde::{Deserialize, Serialize};

/// A law with what it was fitted to.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The law.
    pub law: OrganizationLaw,
    /// Its parameters with their errors, in the order of [`Fitted::NAMES`].
    pub parameters: Vec<(&'static str, Parameter)>,
    /// The program's levels and how they move.
    pub program: Program,
    /// Greatest log likelihood.
    pub log_likelihood: f64,
    /// Organizations.
    pub organizations: usize,
    /// Years of organizations.
    pub years: usize,
    /// What of a year's surprise the growth of its expenditure explains, in the last two years.
    pub spending: Spending,
    /// Skewness of the surprises in units of their standard deviations.
    pub skewness: Parameter,
}

/// How a year's surprise goes with the growth of expenditure in it: what is left when the expenditure is known is risk scores and
/// the update of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Spending {
    /// What the log ratio falls by if expenditure grows by one more than that of the others.
    pub slope: Parameter,
    /// Part of the variance of surprises that is explained.
    pub explained: f64,
}

/// A panel that is too small.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitError {
    /// Too few files.
    #[error(
        "the files are of {0} consecutive years; a law over time needs at least 4, and no file is needed for the law that comes with the program"
    )]
    Years(usize),
    /// A year without a file.
    #[error("there is no file of {0}; the law over time needs consecutive years")]
    Gap(u16),
    /// Too few organizations of two consecutive years.
    #[error("{0} ACOs are in two consecutive files; the law over time needs at least 100")]
    Pairs(usize),
    /// Too few new agreements.
    #[error(
        "{0} ACOs begin a new agreement between two files (Current_Start_Date); the law over time needs at least 30"
    )]
    Agreements(usize),
    /// A year of few organizations.
    #[error(
        "the file of {0} has {1} ACOs of 5,000 beneficiaries or more; a year needs at least 50: is the file whole?"
    )]
    Few(u16, usize),
    /// No peak.
    #[error(
        "the likelihood has no peak: the files of {0} to {1} do not tell the parts of the law apart; give more years, or use the law that comes with the \
         program"
    )]
    NoPeak(u16, u16),
}

/// Fewest organizations of a year.
const LEAST_ORGANIZATIONS: usize = 50;
/// Years of a panel, the last ones, of which it is asked what spending explains.
const LAST_YEARS: u16 = 2;
/// Parameters besides the program's levels.
const COUNT: usize = 10;
/// Log ratios are fitted in percent.
const PERCENT: f64 = 100.0;

impl Fitted {
    /// Names of the parameters.
    pub const NAMES: [&'static str; COUNT] = [
        "level.persistence",
        "level.renewal",
        "rebasing.kept",
        "rebasing.sd",
        "rebasing.shift",
        "level.entrant",
        "deviation.persistence",
        "deviation.of_one",
        "innovation.weight",
        "innovation.ratio",
    ];
}

/// Where a search begins.
const START: [f64; COUNT] = [1.4, 0.3, -1.0, 0.6, 0.4, -0.6, 0.9, 1.2, -1.6, 0.3];

/// Fits the law to a panel, with the claims noise of the person engine.
///
/// # Errors
/// [`FitError`] for a panel from which it cannot be known.
pub fn fit(panel: &Panel, claims_cv: f64) -> Result<Fitted, FitError> {
    check(panel)?;
    let found = search(panel, claims_cv, &[], None).ok_or(FitError::NoPeak(panel.first_year, panel.last_year))?;
    let law = law_at(&found.at, claims_cv);
    let error = |index: usize| found.covariance[(index, index)].max(0.0).sqrt();
    let slopes = slopes(&found.at);
    let values = values(&law);
    let parameters = Fitted::NAMES
        .into_iter()
        .zip(values)
        .enumerate()
        .map(|(index, (name, value))| (name, Parameter { value, error: slopes[index].abs() * error(index) }));
    let levels = (0..panel.span()).map(|index| YearLevel {
        year: panel.first_year + index as u16,
        level: Parameter { value: found.at[COUNT + index] / PERCENT, error: error(COUNT + index) / PERCENT },
    });
    let program = Program::new(levels.collect(), panel);
    let (spending, skewness) = surprises(panel, &law, &program);
    Ok(Fitted {
        law,
        parameters: parameters.collect(),
        program,
        log_likelihood: found.log_likelihood,
        organizations: panel.organizations.len(),
        years: panel.organizations.iter().map(|series| series.years.len()).sum(),
        spending,
        skewness,
    })
}

/// A simpler law, and what it loses.
#[derive(Clone, Debug, PartialEq)]
pub struct Tried {
    /// What it is.
    pub what: &'static str,
    /// Parameters that it has less.
    pub fewer: usize,
    /// What its greatest log likelihood is below that of the law; none where it has no peak.
    pub loses: Option<f64>,
}

/// Fits simpler laws than that which was fitted.
pub fn tried(panel: &Panel, fitted: &Fitted) -> Vec<Tried> {
    // A standard deviation of e⁻⁷ percent, a share of e⁻¹² and a ratio of 1 + e⁻¹² are none.
    let (none, all) = (-7.0, 12.0);
    let restricted: [(&str, &[(usize, f64)]); 6] = [
        ("surprises are normal", &[(8, -all), (9, -all)]),
        ("a new agreement changes nothing", &[(2, all), (3, none), (4, 0.0)]),
        ("a new agreement changes the mean alone", &[(2, all), (3, none)]),
        ("no deviation of the year", &[(6, 0.0), (7, none)]),
        ("the level never fades", &[(0, 3.8)]),
        ("who is new is like all others", &[(5, 0.0)]),
    ];
    let of = |(what, fixed): (&'static str, &[(usize, f64)])| {
        let found = search(panel, fitted.law.claims_cv, fixed, Some(fitted));
        let loses = found.map(|found| fitted.log_likelihood - found.log_likelihood);
        Tried { what, fewer: fixed.len(), loses }
    };
    restricted.into_iter().map(of).collect()
}

fn check(panel: &Panel) -> Result<(), FitError> {
    let has = |year: u16| panel.organizations.iter().any(|series| series.years.iter().any(|own| own.year == year));
    let mut years = panel.first_year..=panel.last_year;
    if let Some(gap) = years.find(|&year| !has(year)) {
        return Err(FitError::Gap(gap));
    }
    for year in panel.first_year..=panel.last_year {
        let own = panel.organizations.iter().flat_map(|series| &series.years).filter(|own| own.year == year).count();
        if own < LEAST_ORGANIZATIONS {
            return Err(FitError::Few(year, own));
        }
    }
    if panel.span() < 4 {
        return Err(FitError::Years(panel.span()));
    }
    let pairs = || {
        let windows = panel.organizations.iter().flat_map(|series| series.years.windows(2));
        windows.filter(|pair| pair[1].year == pair[0].year + 1)
    };
    if pairs().count() < 100 {
        return Err(FitError::Pairs(pairs().count()));
    }
    let agreements = pairs().filter(|pair| is_new_agreement(&pair[0], pair[1].agreement_start)).count();
    if agreements < 30 { Err(FitError::Agreements(agreements)) } else { Ok(()) }
}

/// The likeliest parameters, of which some may be held.
fn search(panel: &Panel, claims_cv: f64, held: &[(usize, f64)], from: Option<&Fitted>) -> Option<Likeliest> {
    let mut start: Vec<f64> = match from {
        Some(fitted) => {
            let levels = fitted.program.levels.iter().map(|level| PERCENT * level.level.value);
            coordinates(&fitted.law).into_iter().chain(levels).collect()
        }
        None => START.into_iter().chain((0..panel.span()).map(|index| mean_of(panel, index))).collect(),
    };
    for &(index, value) in held {
        start[index] = value;
    }
    let free: Vec<usize> = (0..start.len()).filter(|index| held.iter().all(|(held, _)| held != index)).collect();
    let whole = |at: &[f64]| {
        let mut whole = start.clone();
        for (&index, &value) in free.iter().zip(at) {
            whole[index] = value;
        }
        whole
    };
    let from: Vec<f64> = free.iter().map(|&index| start[index]).collect();
    likeliest(&from, |at| log_likelihoods(panel, claims_cv, &whole(at)))
}

/// Mean log ratio of a year, in percent.
fn mean_of(panel: &Panel, index: usize) -> f64 {
    let year = panel.first_year + index as u16;
    let own = panel.organizations.iter().flat_map(|series| &series.years).filter(|own| own.year == year);
    let (sum, count) = own.fold((0.0, 0.0), |(sum, count), own| (sum + own.log_ratio, count + 1.0));
    PERCENT * sum / f64::max(count, 1.0)
}

/// Log likelihood of each organization.
fn log_likelihoods(panel: &Panel, claims_cv: f64, at: &[f64]) -> Vec<f64> {
    let law = law_at(at, claims_cv);
    let level_of = |year: u16| at[COUNT + usize::from(year - panel.first_year)] / PERCENT;
    let of = |years: &[Year]| -> f64 {
        let steps = steps(&law, years, panel.first_year, level_of);
        let step = steps.map(|step| {
            let sd = (step.before.variance() + step.claims).sqrt();
            law.innovation.log_density((step.seen - step.before.mean()) / sd) - libm::log(sd)
        });
        step.sum()
    };
    panel.organizations.iter().map(|series| of(&series.years)).collect()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

/// The law at coordinates that may be any numbers.
fn law_at(at: &[f64], claims_cv: f64) -> OrganizationLaw {
    OrganizationLaw {
        persistence: libm::tanh(at[0]),
        renewal: libm::exp(at[1]) / PERCENT,
        entrant: at[5] / PERCENT,
        rebasing: Rebasing { kept: logistic(at[2]), sd: libm::exp(at[3]) / PERCENT, shift: at[4] / PERCENT },
        deviation: Deviation { persistence: libm::tanh(at[6]), of_one: libm::exp(at[7]) },
        claims_cv,
        innovation: Innovation { weight: logistic(at[8]), ratio: 1.0 + libm::exp(at[9]) },
    }
}

/// The coordinates of a law.
fn coordinates(law: &OrganizationLaw) -> [f64; COUNT] {
    let logit = |share: f64| libm::log(share / (1.0 - share));
    [
        libm::atanh(law.persistence),
        libm::log(PERCENT * law.renewal),
        logit(law.rebasing.kept),
        libm::log(PERCENT * law.rebasing.sd),
        PERCENT * law.rebasing.shift,
        PERCENT * law.entrant,
        libm::atanh(law.deviation.persistence),
        libm::log(law.deviation.of_one),
        logit(law.innovation.weight),
        libm::log(law.innovation.ratio - 1.0),
    ]
}

fn values(law: &OrganizationLaw) -> [f64; COUNT] {
    [
        law.persistence,
        law.renewal,
        law.rebasing.kept,
        law.rebasing.sd,
        law.rebasing.shift,
        law.entrant,
        law.deviation.persistence,
        law.deviation.of_one,
        law.innovation.weight,
        law.innovation.ratio,
    ]
}

/// Slopes of the parameters in their coordinates.
fn slopes(at: &[f64]) -> [f64; COUNT] {
    let step = 1e-5;
    std::array::from_fn(|index| {
        let moved = |by: f64| {
            let mut there = at.to_vec();
            there[index] += by;
            values(&law_at(&there, 1.0))[index]
        };
        (moved(step) - moved(-step)) / (2.0 * step)
    })
}

/// What surprises have to do with the growth of expenditure, and their skewness.
fn surprises(panel: &Panel, law: &OrganizationLaw, program: &Program) -> (Spending, Parameter) {
    let level_of = |year: u16| program.level(year).unwrap_or_default();
    let mut standard = Vec::new();
    let mut pairs: Vec<(u16, f64, f64)> = Vec::new();
    for series in &panel.organizations {
        let mut before: Option<&Year> = None;
        for (year, step) in series.years.iter().zip(steps(law, &series.years, panel.first_year, level_of)) {
            let surprise = step.seen - step.before.mean();
            standard.push(surprise / (step.before.variance() + step.claims).sqrt());
            // Rules of updates change: the last years alone say what benchmarks follow.
            let is_recent = year.year + LAST_YEARS > panel.last_year;
            let grown = before.filter(|last| is_recent && last.year + 1 == year.year);
            let grown = grown.filter(|last| !is_new_agreement(last, year.agreement_start));
            if let Some((old, new)) = grown.and_then(|last| last.per_capita.zip(year.per_capita)) {
                pairs.push((year.year, libm::log(new / old), surprise));
            }
            before = Some(year);
        }
    }
    let mut sums = (0.0, 0.0, 0.0);
    for year in panel.first_year..=panel.last_year {
        let own: Vec<&(u16, f64, f64)> = pairs.iter().filter(|pair| pair.0 == year).collect();
        if own.is_empty() {
            continue;
        }
        let mean =
            |of: &dyn Fn(&(u16, f64, f64)) -> f64| own.iter().map(|pair| of(pair)).sum::<f64>() / own.len() as f64;
        let (growth, surprise) = (mean(&|pair| pair.1), mean(&|pair| pair.2));
        for pair in &own {
            let (x, y) = (pair.1 - growth, pair.2 - surprise);
            sums = (sums.0 + x * x, sums.1 + x * y, sums.2 + y * y);
        }
    }
    let count = pairs.len() as f64;
    let spending = if pairs.len() > 30 && sums.0 > 0.0 && sums.2 > 0.0 {
        let explained = sums.1 * sums.1 / (sums.0 * sums.2);
        let error = ((1.0 - explained) * sums.2 / sums.0 / count).sqrt();
        Spending { slope: Parameter { value: -sums.1 / sums.0, error }, explained }
    } else {
        Spending { slope: Parameter { value: 1.0, error: 0.0 }, explained: 0.0 }
    };
    let n = standard.len() as f64;
    let mean = standard.iter().sum::<f64>() / n;
    let moment = |power: f64| standard.iter().map(|z| libm::pow(z - mean, power)).sum::<f64>() / n;
    let skewness = moment(3.0) / libm::pow(moment(2.0), 1.5);
    // The error of the third moment under the law's own sixth and fourth.
    let sixth = moment(6.0) / libm::pow(moment(2.0), 3.0);
    let fourth = moment(4.0) / libm::pow(moment(2.0), 2.0);
    let error = ((sixth - 6.0 * fourth + 9.0) / n).max(0.0).sqrt();
    (spending, Parameter { value: skewness, error })
}
