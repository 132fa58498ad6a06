//! An ACO's next year from its own: what is expected of it, and the steps that lead there.

use twosided_actuals::{AcoYear, ActualsError, HistoryYear};
use twosided_contracts::{DisasterRelief, Mssp, MsspRules, Track, YearToDate};
use twosided_forecast::{Course, LawFile, Outlook, Panel, PanelError, Program, QuarterFile, Series, Target, YearSoFar};
use twosided_population::Trend;
use twosided_scenario::{Forecast, LastingFactor, LikelyRate};
use twosided_units::{PerCapita, Share};

use crate::people::EnrollmentGroup;

/// What a forecast is made from, besides the row.
#[derive(Clone, Debug)]
pub struct ForecastOptions<'a> {
    /// The year that is forecast.
    pub for_year: u16,
    /// The law of ACOs over time.
    pub law: &'a LawFile,
    /// Results of the row's own file and of earlier years.
    pub history: &'a [HistoryYear],
    /// Year in which the agreement of the year begins; none for the one in force, or a new one where that has ended.
    pub agreement_start: Option<u16>,
    /// Track of the year; none for that of the row.
    pub track: Option<Track>,
    /// Growth of expenditure per person-year in a year; none for the mean of the law's files.
    pub trend: Option<f64>,
    /// Quarters of the year that are known, and what is assumed of its course.
    pub quarters: Option<(&'a QuarterFile, Course)>,
}

/// A forecast that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ForecastError {
    /// The row cannot be read.
    #[error(transparent)]
    File(#[from] ActualsError),
    /// The files make no panel.
    #[error(transparent)]
    Panel(#[from] PanelError),
    /// The year is not after the row's.
    #[error("--for-year is {for_year}; a forecast from results of {year} is for a later year, {} or {}", year + 1, year + 2)]
    NotLater {
        /// The year asked for.
        for_year: u16,
        /// The row's.
        year: u16,
    },
    /// The year is too far away.
    #[error("--for-year is {for_year}, {} years after the results of {year}; a forecast reaches 5 years", for_year - year)]
    TooFar {
        /// The year asked for.
        for_year: u16,
        /// The row's.
        year: u16,
    },
    /// The law does not know the level of the row's year.
    #[error(
        "the law is fitted to {first} to {last}, and the results are of {year}; fit one with that year's file (`twosided history`), and give it with \
         --law"
    )]
    Law {
        /// First year of the law.
        first: u16,
        /// Last year of the law.
        last: u16,
        /// The row's year.
        year: u16,
    },
    /// No such row in a history.
    #[error("{0} has fewer than 5,000 beneficiaries, or another row of the file has its name: it has no forecast")]
    NoSeries(String),
    /// No such track in the year.
    #[error("there is no track {track} in {year}; give another with --track")]
    Track {
        /// The track.
        track: &'static str,
        /// The year.
        year: u16,
    },
    /// The agreement cannot begin then.
    #[error("--agreement-start is {start}; an agreement that is in force in {year} begins in {year} or before")]
    Agreement {
        /// The year given.
        start: u16,
        /// The year that is forecast.
        year: u16,
    },
}

/// What is expected of an ACO's next year.
#[derive(Clone, Debug)]
pub(crate) struct NextYear {
    pub(crate) outlook: Outlook,
    pub(crate) terms: Mssp,
    /// Truncated spending per person-year over that of the row.
    pub(crate) spending: f64,
    /// Prices over those of the row's year.
    pub(crate) prices: f64,
    /// Dollars per person-year.
    pub(crate) benchmark: f64,
    pub(crate) benchmark_error: LastingFactor,
    pub(crate) trend: Trend,
    /// Coefficient of variation of the program's level, beside what follows the trend.
    pub(crate) program_cv: f64,
    pub(crate) so_far: Option<YearSoFar>,
    /// What is said of it, a step a line.
    pub(crate) steps: Vec<String>,
    pub(crate) remarks: Vec<String>,
}

/// Farthest year that is forecast.
const FARTHEST: u16 = 5;

impl NextYear {
    /// The forecast of an ACO whose row is of the given year, with truncated spending per person-year of its types.
    pub(crate) fn new(
        aco: &AcoYear,
        year: u16,
        types: &[EnrollmentGroup],
        options: &ForecastOptions<'_>,
    ) -> Result<Self, ForecastError> {
        let for_year = options.for_year;
        if for_year <= year {
            return Err(ForecastError::NotLater { for_year, year });
        }
        if for_year - year > FARTHEST {
            return Err(ForecastError::TooFar { for_year, year });
        }
        let known = &options.law.program;
        let of_law = || ForecastError::Law { first: known.levels[0].year, last: known.last().year, year };
        let program = known.until(year).ok_or_else(of_law)?;
        let panel = Panel::new(options.history)?;
        let series = panel
            .find(&aco.aco.to_uppercase())
            .filter(|series| series.years.last().is_some_and(|own| own.year == year));
        let series = series.ok_or_else(|| ForecastError::NoSeries(aco.aco.clone()))?;
        let mut remarks = Vec::new();
        let start = agreement_start(aco.terms.agreement_start, options, &mut remarks)?;
        let people = aco.totals.assigned_beneficiaries as f64;
        let target = Target { year: for_year, people, agreement_start: Some(start) };
        let outlook = Outlook::new(&options.law.law, &program, series.until(year), target);
        let terms = terms(aco, options, start, &mut remarks)?;
        let years_ahead = f64::from(for_year - year);
        let growth = options.trend.map_or(program.trend.0, libm::log1p) * years_ahead;
        let last = outlook.last.log_ratio;
        // A benchmark in force is updated; a new one rests on the ACO's own spending, without its luck.
        let spending = if outlook.is_rebased { outlook.luck.value } else { last - outlook.mean() } + growth;
        let person_years: f64 = types.iter().map(|own| own.person_years).sum();
        let per_capita = types.iter().map(|own| own.person_years * own.per_capita).sum::<f64>() / person_years;
        let expected = per_capita * libm::exp(spending);
        let so_far = options
            .quarters
            .as_ref()
            .map(|(quarters, course)| YearSoFar::new(quarters, course, &outlook, &options.law.spending, expected));
        let mut found = Self {
            spending: libm::exp(spending),
            prices: libm::exp(growth),
            benchmark: expected * libm::exp(outlook.mean()),
            benchmark_error: whole_year(&outlook),
            trend: trend(&program),
            program_cv: beside_trend(&outlook, &program),
            so_far,
            steps: Vec::new(),
            remarks,
            terms,
            outlook,
        };
        found.take_quarters();
        found.steps = found.steps_of(series, per_capita, options);
        Ok(found)
    }

    /// A year that has begun: its quarters move spending and benchmark, and leave less unknown.
    fn take_quarters(&mut self) {
        let Some(so_far) = self.so_far else { return };
        self.spending *= libm::exp(so_far.spending.value);
        self.benchmark *= libm::exp(so_far.benchmark);
        let sd = so_far.left;
        self.benchmark_error = LastingFactor { mean: libm::exp(0.5 * sd * sd), sd, persistence: 0.0, tail: None };
        self.trend = Trend::NONE;
        self.program_cv = 0.0;
        let share = Share::new(so_far.share).expect("a share of a year");
        self.terms.year_to_date = Some(YearToDate { share, per_capita: PerCapita(so_far.per_capita) });
    }

    /// The block that the report leads with.
    pub(crate) fn block(&self, contract: &str) -> Forecast {
        let outlook = &self.outlook;
        let scored = 1.644_853_6 * outlook.luck.error;
        // A share of the benchmark, as the savings rate is.
        let slope = 1.0 - outlook.last.rate();
        let luck =
            [outlook.luck.value, outlook.luck.value - scored, outlook.luck.value + scored].map(|luck| slope * luck);
        let rates = self.rates();
        Forecast {
            contract: contract.to_owned(),
            year: outlook.target.year.into(),
            last_year: outlook.last.year.into(),
            last_rate: outlook.last.rate(),
            luck: LikelyRate { value: luck[0], low: luck[1], high: luck[2] },
            expected_rate: LikelyRate { value: rates[0], low: rates[1], high: rates[2] },
        }
    }

    /// Expected savings rate, and the 90% band around it.
    fn rates(&self) -> [f64; 3] {
        let outlook = &self.outlook;
        let Some(so_far) = self.so_far else {
            return [outlook.expected_rate(), outlook.rate_quantile(0.05), outlook.rate_quantile(0.95)];
        };
        let whole = so_far.per_capita + (1.0 - so_far.share) * self.expected_spending();
        let center = libm::log(self.benchmark / whole);
        let rest = (1.0 - so_far.share) * outlook.claims;
        let band = 1.644_853_6 * (so_far.left * so_far.left + rest * rest).sqrt();
        [center, center - band, center + band].map(|log_ratio| -libm::expm1(-log_ratio))
    }

    /// Spending per person-year of a whole year at the level that is expected.
    fn expected_spending(&self) -> f64 {
        let so_far = self.so_far.map_or((0.0, 0.0), |so_far| (so_far.spending.value, so_far.benchmark));
        self.benchmark * libm::exp(so_far.0 - so_far.1 - self.outlook.mean())
    }

    /// What is said of the forecast, a step a line.
    fn steps_of(&self, series: &Series, per_capita: f64, options: &ForecastOptions<'_>) -> Vec<String> {
        let outlook = &self.outlook;
        let percent = |rate: f64| format!("{:.2}%", 100.0 * rate);
        let points =
            |own: twosided_forecast::Parameter| format!("{:+.2} ± {:.2} points", 100.0 * own.value, 100.0 * own.error);
        let (last, year) = (outlook.last.year, outlook.target.year);
        let mut lines = vec![
            format!(
                "Savings rate of {last}: {}, as a logarithm of benchmark over expenditure {}; the program's level: {}.",
                percent(outlook.last.rate()),
                percent(outlook.last.log_ratio),
                percent(outlook.last_program)
            ),
            format!(
                "Of the difference, the ACO's lasting level is {}, a passing deviation of the year {},",
                points(outlook.level),
                points(outlook.deviation)
            ),
            format!("and luck, which is claims noise, {}.", points(outlook.luck)),
        ];
        let weights: Vec<String> = outlook.weights.iter().map(|(year, weight)| format!("{year} {weight:.2}")).collect();
        let left = 1.0 - outlook.weights.iter().map(|(_, weight)| weight).sum::<f64>();
        lines.push(format!(
            "Credibility of each year's difference for {year}: {}; the program's level {left:.2} ({} of history).",
            weights.join(", "),
            if series.years.len() == 1 { "1 year".to_owned() } else { format!("{} years", series.years.len()) }
        ));
        if outlook.is_rebased {
            lines.push(format!("A new agreement begins by {year}: less of the level is kept, since the benchmark rests on the ACO's own spending."));
        }
        lines.push(format!(
            "The program's level in {year}: {} ± {:.2} points; the ACO's difference from it: {}.",
            percent(outlook.program.value),
            100.0 * outlook.program.error,
            points(outlook.own)
        ));
        let from = if options.trend.is_some() { "as given" } else { "default: the mean growth of the law's files" };
        lines.push(format!(
            "Prices and use grow by {} to {year} ({from}); expected spending is {:+.2}% on that of {last}, ${:.0} a person-year.",
            percent(self.prices - 1.0),
            100.0 * (self.spending - 1.0),
            per_capita * self.spending
        ));
        if let Some(so_far) = self.so_far {
            lines.push(format!(
                "Quarters that are known hold {} of a year's expenditure, ${:.0} of the whole year's person-year; they move expected spending by {}.",
                percent(so_far.share),
                so_far.per_capita,
                points(so_far.spending)
            ));
            lines.push(format!(
                "What is left unknown besides claims: {:.2} points (benchmark, risk scores, run-out, seasons).",
                100.0 * so_far.left
            ));
        }
        let [expected, low, high] = self.rates();
        lines.push(format!(
            "Savings rate expected in {year}: {}; 90% of outcomes from {} to {}.",
            percent(expected),
            percent(low),
            percent(high)
        ));
        if let Some(exit) = &options.law.exit {
            let over = outlook.last.log_ratio - outlook.last_program;
            lines.push(format!(
                "Of ACOs with such a result, {} leave the program before the next year; the forecast is of one that stays.",
                percent(exit.chance(over))
            ));
        }
        lines
    }
}

/// The error of a benchmark over a whole year, claims noise aside, with the tail that makes the year's surprise that of the law.
pub(crate) fn whole_year(outlook: &Outlook) -> LastingFactor {
    let sd = outlook.own.error;
    let claims = outlook.claims * outlook.claims;
    let variance = sd * sd + claims;
    let [(_, ordinary), (weight, wild)] = outlook.innovation.parts();
    let narrow = variance * ordinary * ordinary - claims;
    let wide = variance * wild * wild - claims;
    // Where claims noise is nearly all that an ordinary year has, its part of the error is small, but not zero.
    let narrow = narrow.max(0.02 * sd * sd);
    let tail = (weight > 0.0 && wide > narrow).then(|| (weight, (wide / narrow).sqrt().min(20.0)));
    LastingFactor { mean: libm::exp(0.5 * sd * sd), sd, persistence: outlook.persistence.clamp(-0.99, 0.99), tail }
}

/// A year's growth about its mean, which benchmarks follow in part.
fn trend(program: &Program) -> Trend {
    let mut trend = Trend::new(1.0, program.trend.1).expect("a mean of one and a spread that was measured");
    trend.benchmark_loading = 1.0 + program.on_trend.value;
    trend
}

/// What of the program's level does not follow the trend.
fn beside_trend(outlook: &Outlook, program: &Program) -> f64 {
    let of_trend = program.on_trend.value * program.trend.1;
    (outlook.program.error * outlook.program.error - of_trend * of_trend).max(0.0).sqrt()
}

/// Last year of an agreement: three years, four where it began in 2018, and five since July 2019.
fn last_year(start: u16) -> u16 {
    match start {
        2019 => 2024,
        2020.. => start + 4,
        2018 => 2021,
        _ => start + 2,
    }
}

fn agreement_start(
    signed: u16,
    options: &ForecastOptions<'_>,
    remarks: &mut Vec<String>,
) -> Result<u16, ForecastError> {
    let for_year = options.for_year;
    if let Some(start) = options.agreement_start {
        let is_later = start > for_year;
        return if is_later { Err(ForecastError::Agreement { start, year: for_year }) } else { Ok(start) };
    }
    let mut start = signed;
    while last_year(start) < for_year {
        start = last_year(start) + 1;
    }
    if start != signed {
        remarks.push(format!(
            "the agreement of {signed} ends with {}, and a new one from {start} is assumed: --agreement-start says otherwise",
            last_year(signed)
        ));
    }
    Ok(start)
}

/// The terms of the year: those of the row under the rules of the year.
fn terms(
    aco: &AcoYear,
    options: &ForecastOptions<'_>,
    start: u16,
    remarks: &mut Vec<String>,
) -> Result<Mssp, ForecastError> {
    let track = options.track.unwrap_or(aco.terms.track);
    let year = options.for_year;
    let rules = MsspRules::of(year, track.name()).ok_or(ForecastError::Track { track: track.name(), year })?;
    if matches!(track, Track::BasicA | Track::BasicB | Track::BasicC | Track::BasicD) && options.track.is_none() {
        remarks.push(format!(
            "the track of {year} is taken to be {}, as in the row; the glide path may move it on: --track says otherwise",
            track.title()
        ));
    }
    let no_relief = DisasterRelief::Share(Share::ZERO);
    Ok(Mssp { track, rules, agreement_start: start, disaster_relief: no_relief, ..aco.terms.clone() })
}
