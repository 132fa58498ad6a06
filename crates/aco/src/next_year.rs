//! An ACO's next year from its own: what is expected of it, and the steps that lead there.

use twosided_actuals::AcoYear;
use twosided_contracts::{DisasterRelief, Mssp, MsspRules, Track, YearToDate};
use twosided_forecast::{Outlook, Panel, Program, Target, YearSoFar};
use twosided_population::Trend;
use twosided_scenario::{Forecast, LastingFactor, LikelyRate};
use twosided_units::{PerCapita, Share};

use crate::{
    ForecastError, ForecastOptions,
    likely::{history_remarks, plausible},
    people::EnrollmentGroup,
};

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

/// First year of agreements with the benchmark rules of the final rule of 2022.
const NEW_RULES: u16 = 2024;
/// Tracks before BASIC and ENHANCED, and the last year in which an ACO was in one.
const OLD_TRACKS: [Track; 4] = [Track::Track1, Track::Track1Plus, Track::Track2, Track::Track3];
const LAST_OF_OLD_TRACKS: u16 = 2021;
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
        let series =
            series.ok_or_else(|| ForecastError::NoSeries(aco.aco.clone(), aco.totals.assigned_beneficiaries))?;
        let mut remarks = Vec::new();
        let start = agreement_start(aco.terms.agreement_start, options, &mut remarks)?;
        let people = aco.totals.assigned_beneficiaries as f64;
        let target = Target { year: for_year, people, agreement_start: Some(start) };
        let outlook = Outlook::new(&options.law.law, &program, series.until(year), target);
        let terms = terms(aco, options, start, &mut remarks)?;
        if known.last().year >= for_year {
            remarks.push(format!(
                "the law is fitted to results up to {}, the forecast year among them: that is no test of a forecast (--law)",
                known.last().year
            ));
        }
        if outlook.is_rebased && start >= NEW_RULES {
            remarks.push(format!(
                "agreements that begin in {NEW_RULES} or later have other benchmark rules (an administrative trend, a prior-savings adjustment): what a \
                 new agreement does is fitted to earlier ones"
            ));
        }
        let years_ahead = f64::from(for_year - year);
        let growth = options.trend.map_or(program.trend.0, libm::log1p) * years_ahead;
        let last = outlook.last.log_ratio;
        // A benchmark in force is updated; a new one rests on the ACO's own spending, without its luck.
        let spending = if outlook.is_rebased { outlook.luck.value } else { last - outlook.mean() } + growth;
        let person_years: f64 = types.iter().map(|own| own.person_years).sum();
        let per_capita = types.iter().map(|own| own.person_years * own.per_capita).sum::<f64>() / person_years;
        let expected = per_capita * libm::exp(spending);
        let so_far = match &options.quarters {
            Some((quarters, course)) => {
                plausible(quarters, course, people, expected)?;
                Some(YearSoFar::new(quarters, course, &outlook, &options.law.spending, expected))
            }
            None => None,
        };
        remarks.extend(history_remarks(series, options, year));
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
        found.steps = found.steps_of(per_capita, options);
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
    fn steps_of(&self, per_capita: f64, options: &ForecastOptions<'_>) -> Vec<String> {
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
        lines.push(format!("Credibility of each year's difference from the program's level, for {year}:"));
        for own in &outlook.weights {
            let counted = own.credibility * own.difference;
            lines.push(format!(
                "  {}: {} less {} is {:+.2} points, of which {:.2} counts: {:+.2}",
                own.year.year,
                percent(own.year.log_ratio),
                percent(own.program),
                100.0 * own.difference,
                own.credibility,
                100.0 * counted
            ));
        }
        let all: f64 = outlook.weights.iter().map(|own| own.credibility).sum();
        let rest = outlook.own.value - outlook.weights.iter().map(|own| own.credibility * own.difference).sum::<f64>();
        lines.push(format!(
            "  the program's level counts the rest, {:.2}; what is new in the program or in an agreement adds {:+.2} points.",
            1.0 - all,
            100.0 * rest
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
        let from = if options.trend.is_some() { "as given" } else { "default: the median growth of the law's files" };
        lines.push(format!(
            "Prices and use grow by {} to {year} ({from}); expected spending is {:+.2}% on that of {last}, ${:.0} a person-year.",
            percent(self.prices - 1.0),
            100.0 * (self.spending - 1.0),
            per_capita * self.spending
        ));
        if let Some(so_far) = self.so_far {
            lines.push(format!(
                "Quarters that are known hold {} of a year's expenditure by their seasons, and {} of it is taken to be paid: ${:.0} of a whole year's \
                 person-year, where ${:.0} was expected.",
                percent(so_far.share),
                percent(so_far.completion),
                so_far.per_capita,
                so_far.expected
            ));
            lines.push(format!(
                "They move expected spending by {}, and the benchmark by {:+.2}.",
                points(so_far.spending),
                100.0 * so_far.benchmark
            ));
            lines.push(format!(
                "Besides claims still to come, {:.2} points are unknown: {:.2} the ACO's and the program's benchmark and risk scores, which no quarter \
                 shows, the rest the level of the quarters to come, seasons and run-out.",
                100.0 * so_far.left,
                100.0 * so_far.of_benchmark
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
                "Of ACOs with such a result, {} ± {:.1} points leave the program before the next year; the forecast is of one that stays.",
                percent(exit.chance(over).value),
                100.0 * exit.chance(over).error
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

/// Last year of an agreement: three years, with the extensions that most ACOs had (to 2015 of the first, to June 2019 of those
/// of 2016, to 2021 of those of 2018), and five since July 2019.
fn last_year(start: u16) -> u16 {
    match start {
        2012 | 2013 => 2015,
        2016 => 2019,
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
        let is_over = start > for_year || last_year(start) < for_year;
        return if is_over { Err(ForecastError::Agreement { start, year: for_year }) } else { Ok(start) };
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
    let is_over = year > LAST_OF_OLD_TRACKS && OLD_TRACKS.contains(&track);
    let rules = MsspRules::of(year, track.name())
        .filter(|_| !is_over)
        .ok_or(ForecastError::Track { track: track.name(), year })?;
    if matches!(track, Track::BasicA | Track::BasicB | Track::BasicC | Track::BasicD) && options.track.is_none() {
        remarks.push(format!(
            "the track of {year} is taken to be {}, as in the row; the glide path may move it on: --track says otherwise",
            track.title()
        ));
    }
    let no_relief = DisasterRelief::Share(Share::ZERO);
    Ok(Mssp { track, rules, agreement_start: start, disaster_relief: no_relief, ..aco.terms.clone() })
}
