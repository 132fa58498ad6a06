//! The figures that two runs are compared by.

use twosided_prob::Estimate;
use twosided_provider::Line;
use twosided_report::{
    ContractSummary, Figure, Mean, PopulationFigure, ReturnOn, RiskMeasure, Summary, Unit, YearSummary,
};
use twosided_sim::{Keep, Outcomes};
use twosided_units::Share;

use super::Subject;

/// One figure of a run.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub subject: Subject,
    pub year: Option<u32>,
    pub measure: String,
    pub label: String,
    pub kind: Kind,
    pub figure: Figure,
    /// Trials of the run.
    pub trials: u64,
    /// Whether each trial is drawn for itself and counts alike.
    pub is_plain: bool,
    /// Degrees of freedom of its error, as far as a summary shows them.
    pub degrees_of_freedom: f64,
}

/// Where a figure stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Measure(RiskMeasure),
    /// Mean gain over a measure of risk.
    Return,
    MeanLine(Line),
    EverBehind,
    EarlyEnd,
    /// Of a year, counted from 0.
    Gain(usize),
    Loss(usize),
    Cumulative(usize),
    CumulativeQuantile(usize, Share),
    InForce(usize),
    /// A mean over trials that no file keeps.
    Observed,
    /// What laws give exactly.
    Expected,
}

/// What a figure is of the trials' figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Functional {
    Mean,
    Sd,
    /// The probability of a figure below zero.
    Below,
    /// The probability of a figure above zero.
    Above,
    /// A quantile, or a value at risk as the quantile of gains whose sign is turned.
    Quantile(Share),
    /// The tail value at risk of losses beyond this quantile of gains.
    Tail(Share),
    Exact,
}

impl Kind {
    pub(super) fn functional(self) -> Functional {
        match self {
            Self::Measure(measure) => match (measure, measure.level()) {
                (RiskMeasure::TailValueAtRisk95 | RiskMeasure::TailValueAtRisk99, Some(level)) => {
                    Functional::Tail(level)
                }
                (_, Some(level)) => Functional::Quantile(level),
                (RiskMeasure::SdGain, None) => Functional::Sd,
                (RiskMeasure::ProbabilityOfLoss, None) => Functional::Below,
                (RiskMeasure::ProbabilityOfGain, None) => Functional::Above,
                (_, None) => Functional::Mean,
            },
            Self::EverBehind | Self::EarlyEnd | Self::Loss(_) => Functional::Below,
            Self::InForce(_) => Functional::Above,
            Self::CumulativeQuantile(_, level) => Functional::Quantile(level),
            Self::Return | Self::MeanLine(_) | Self::Gain(_) | Self::Cumulative(_) | Self::Observed => Functional::Mean,
            Self::Expected => Functional::Exact,
        }
    }

    /// The figures of all trials of a contract that this one is measured of, where they are kept.
    pub(super) fn values(self, outcomes: &Outcomes, contract: usize) -> Option<Vec<f64>> {
        let cumulative = |year: usize| outcomes.cumulative_of(contract).into_iter().map(|years| years[year]).collect();
        let in_force = || outcomes.in_force.column(contract).into_iter().map(|&years| f64::from(years));
        let has_lines = outcomes.keep >= Keep::Lines;
        match self {
            Self::Measure(RiskMeasure::MeanMargin) => has_lines.then(|| outcomes.margins_of(contract)),
            Self::Measure(_) => Some(outcomes.gains_of(contract).to_vec()),
            Self::MeanLine(line) => has_lines.then(|| outcomes.line_of(contract, line)),
            Self::EverBehind => {
                let lowest = |years: Vec<f64>| years.into_iter().fold(0.0, f64::min);
                Some(outcomes.cumulative_of(contract).into_iter().map(lowest).collect())
            }
            Self::EarlyEnd => Some(in_force().map(|years| years - outcomes.years() as f64).collect()),
            Self::InForce(year) => Some(in_force().map(|years| years - year as f64).collect()),
            Self::Gain(year) | Self::Loss(year) => {
                Some(outcomes.yearly.outer_iter().map(|trial| trial[(year, contract)]).collect())
            }
            Self::Cumulative(year) | Self::CumulativeQuantile(year, _) => Some(cumulative(year)),
            Self::Return | Self::Observed | Self::Expected => None,
        }
    }
}

impl Entry {
    /// Whether it is the same figure of another run.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.year == other.year && self.measure == other.measure && self.subject == other.subject
    }
}

/// Adds the figures of one subject.
struct Family<'a> {
    summary: &'a Summary,
    entries: Vec<Entry>,
}

/// Trials for one degree of freedom of an error of which nothing else is known: the mean of a figure with a kurtosis of about 20.
const TRIALS_A_DEGREE: f64 = 10.0;
/// Trials in a tail for one degree of freedom of its error: those of an exponential tail.
const TAIL_TRIALS_A_DEGREE: f64 = 3.0;
/// The tail that a return on TVaR 95 is of.
const TAIL_95: f64 = 0.05;
/// Degrees of freedom of the error of a mean over those of a standard deviation, under the normal law.
const MEAN_OVER_SD: f64 = 7.0;
/// Trials of a batch, where variance is reduced.
const BATCH: f64 = 64.0;

/// All figures of a run.
pub(super) fn entries(summary: &Summary) -> Vec<Entry> {
    let mut family = Family { summary, entries: Vec::new() };
    for contract in &summary.contracts {
        family.add_contract(contract);
    }
    for figure in &summary.population {
        family.add_population(figure);
    }
    family.entries
}

impl Family<'_> {
    fn add(&mut self, subject: Subject, (measure, label): (&str, &str), kind: Kind, figure: Figure, freedom: f64) {
        let trials = self.summary.provenance.trials;
        let is_plain = !self.summary.provenance.variance_reduction;
        let most = if is_plain { trials as f64 - 1.0 } else { trials as f64 / BATCH - 2.0 };
        let year = match kind {
            Kind::Gain(year)
            | Kind::Loss(year)
            | Kind::Cumulative(year)
            | Kind::CumulativeQuantile(year, _)
            | Kind::InForce(year) => Some(year as u32 + 1),
            _ => None,
        };
        self.entries.push(Entry {
            subject,
            year,
            measure: measure.to_owned(),
            label: label.to_owned(),
            kind,
            figure,
            trials,
            is_plain,
            degrees_of_freedom: freedom.min(most).max(1.0),
        });
    }

    fn trials(&self) -> f64 {
        self.summary.provenance.trials as f64
    }

    fn add_contract(&mut self, contract: &ContractSummary) {
        let of = || Subject::Contract(contract.name.clone());
        let unknown = self.trials() / TRIALS_A_DEGREE;
        // The error of a standard deviation shows the kurtosis.
        let sd = contract.measure(RiskMeasure::SdGain);
        let relative = sd.standard_error / sd.value;
        let of_mean = if relative.is_finite() && relative > 0.0 { 0.5 / (relative * relative) } else { unknown };
        for (measure, figure) in RiskMeasure::ALL.into_iter().zip(&contract.measures) {
            let kind = Kind::Measure(measure);
            let freedom = match kind.functional() {
                Functional::Mean if measure == RiskMeasure::MeanGain => of_mean,
                Functional::Sd => of_mean / MEAN_OVER_SD,
                Functional::Tail(level) => level.value() * self.trials() / TAIL_TRIALS_A_DEGREE,
                Functional::Mean
                | Functional::Below
                | Functional::Above
                | Functional::Quantile(_)
                | Functional::Exact => unknown,
            };
            self.add(of(), (measure.key(), measure.label()), kind, *figure, freedom);
        }
        let in_tail = TAIL_95 * self.trials() / TAIL_TRIALS_A_DEGREE;
        for (measure, label, figure) in returns(contract) {
            self.add(of(), (measure, label), Kind::Return, figure, of_mean.min(in_tail));
        }
        for (line, figure) in Line::ALL.into_iter().zip(&contract.mean_lines) {
            let (measure, label) = (format!("mean_{}", line.name()), format!("mean {}", line.name().replace('_', " ")));
            self.add(of(), (&measure, &label), Kind::MeanLine(line), *figure, unknown);
        }
        let early = contract.probability_of_early_end;
        self.add(of(), ("probability_of_early_end", "P(early end)"), Kind::EarlyEnd, early, unknown);
        if self.summary.provenance.years > 1 {
            let behind = contract.probability_ever_behind;
            self.add(of(), ("probability_ever_behind", "P(ever behind)"), Kind::EverBehind, behind, unknown);
            for year in &contract.years {
                self.add_year(&contract.name, year, unknown);
            }
        }
    }

    fn add_year(&mut self, contract: &str, of_year: &YearSummary, unknown: f64) {
        let year = of_year.year.saturating_sub(1) as usize;
        let share = |level| Share::new(level).expect("levels are shares");
        let in_force = {
            let (value, n) = (of_year.in_force, self.trials());
            let standard_error = (value * (1.0 - value) / n).sqrt();
            let (lower, upper) = (f64::NEG_INFINITY, f64::INFINITY);
            Figure::new(Unit::Share, Estimate { value, standard_error, lower, upper, caution: None })
        };
        let rows = [
            ("mean_gain", "mean gain", Kind::Gain(year), of_year.mean_gain),
            ("probability_of_loss", "P(loss)", Kind::Loss(year), of_year.probability_of_loss),
            ("cumulative_mean_gain", "cumulative mean", Kind::Cumulative(year), of_year.cumulative_mean_gain),
            (
                "cumulative_gain_quantile_05",
                "cumulative 5% quantile",
                Kind::CumulativeQuantile(year, share(0.05)),
                of_year.cumulative_gain_quantile_05,
            ),
            (
                "cumulative_gain_quantile_95",
                "cumulative 95% quantile",
                Kind::CumulativeQuantile(year, share(0.95)),
                of_year.cumulative_gain_quantile_95,
            ),
            ("in_force", "share in force", Kind::InForce(year), in_force),
        ];
        for (measure, label, kind, figure) in rows {
            self.add(Subject::Contract(contract.to_owned()), (measure, label), kind, figure, unknown);
        }
        for (measure, mean) in [("benchmark", of_year.benchmark), ("expenditure", of_year.expenditure)] {
            if let Some(mean) = mean {
                let subject = Subject::Contract(contract.to_owned());
                self.add(subject, (measure, measure), Kind::Observed, observed(mean), unknown);
                if let Some(entry) = self.entries.last_mut() {
                    entry.year = Some(of_year.year);
                }
            }
        }
    }

    fn add_population(&mut self, figure: &PopulationFigure) {
        let PopulationFigure { segment, service, per_capita, expected_per_capita, per_1000, .. } = figure;
        let of = || Subject::Population { segment: segment.clone(), service: service.clone() };
        let unknown = self.trials() / TRIALS_A_DEGREE;
        self.add(of(), ("per_capita", "cost per person-year"), Kind::Observed, observed(*per_capita), unknown);
        if let Some(value) = *expected_per_capita {
            let estimate = Estimate { value, standard_error: 0.0, lower: value, upper: value, caution: None };
            let exact = Figure::new(Unit::UsdAPersonYear, estimate);
            let names = ("expected_per_capita", "expected cost per person-year");
            self.add(of(), names, Kind::Expected, exact, unknown);
        }
        if let Some(per_1000) = *per_1000 {
            self.add(of(), ("per_1000", "events per 1,000"), Kind::Observed, observed(per_1000), unknown);
        }
    }
}

/// Returns on risk, as far as the contract has them.
fn returns(contract: &ContractSummary) -> impl Iterator<Item = (&'static str, &'static str, Figure)> {
    let returns = contract.return_on_risk.as_ref();
    let mechanism = returns.and_then(|returns| returns.repayment_mechanism.as_ref()).map(|mechanism| mechanism.ratio);
    let ratio = |of: Option<&ReturnOn>| of.and_then(ReturnOn::figure).copied();
    [
        ("return_on_tvar_95", "return on TVaR 95", ratio(returns.map(|returns| &returns.on_tvar_95))),
        ("return_on_sd", "return on standard deviation", ratio(returns.map(|returns| &returns.on_sd))),
        ("return_on_repayment_mechanism", "return on repayment mechanism", mechanism),
    ]
    .into_iter()
    .filter_map(|(measure, label, figure)| Some((measure, label, figure?)))
}

/// A mean as a figure without an interval.
fn observed(Mean { unit, value, standard_error }: Mean) -> Figure {
    let (lower, upper) = (f64::NEG_INFINITY, f64::INFINITY);
    Figure::new(unit, Estimate { value, standard_error, lower, upper, caution: None })
}
