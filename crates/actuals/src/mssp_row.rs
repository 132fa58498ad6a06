//! What a row of a results file of the Shared Savings Program says: terms and totals.

use twosided_contracts::{
    DisasterRelief, MinimumRate, Mssp, MsspBenchmark, PerformanceYear, QualityStandard, RevenueCategory, Settlement,
    Track, minimum_savings_rate,
};
use twosided_units::{Dollars, PerCapita, Share};

use crate::{
    MsspFile, Table,
    mssp_columns::{LETTERS, TrackColumns},
    scale::Scaled,
};

/// What a published difference of totals may be off by, each of the three being rounded.
const ROUNDED: f64 = 5.0;
/// Half of the last digit of a rate published as a percent with two decimals.
const HALF_A_DIGIT: f64 = 5.1e-5;

impl<'a> MsspFile<'a> {
    /// The terms and totals of a row.
    pub(crate) fn row(&self, row: usize, problems: &mut Vec<String>) -> MsspRow<'a> {
        let before = problems.len();
        let mut lacking = Vec::new();
        match self.known(row, problems, &mut lacking) {
            _ if problems.len() > before => MsspRow::Wrong,
            Some(known) => MsspRow::Known(Box::new(known)),
            None => MsspRow::Lacking(lacking.into_iter().map(|column| &self.table.headers()[column]).collect()),
        }
    }

    /// The terms and totals of a row, where its cells are neither wrong nor lack what settles it.
    fn known(&self, row: usize, problems: &mut Vec<String>, lacking: &mut Vec<usize>) -> Option<KnownRow> {
        let Self { table, columns, .. } = self;
        let mut cells = Cells { table, row, problems, lacking };
        let beneficiaries = cells.needed(columns.beneficiaries, "write a whole number of beneficiaries", |number| {
            (1.0..=1e8).contains(&number) && number.fract() == 0.0
        });
        let benchmark = cells.needed(columns.benchmark, "a benchmark is above 0", |amount| amount > 0.0);
        let expenditure = cells.needed(columns.expenditure, "expenditure is not negative", |amount| amount >= 0.0);
        let minimum_rate = cells.share(columns.minimum_rate, "a minimum rate is from 0 to 100 percent");
        let quality_score = cells.share(columns.quality_score, "a quality score is from 0 to 100 percent");
        let [gap, relief, balance] = [columns.gap, columns.disaster_relief, columns.advance_balance]
            .map(|column| column.map_or(Some(None), |column| cells.optional(column)));
        let met_standard = cells.flag(columns.met_standard);
        if met_standard == Some(None) {
            cells.lacking.push(columns.met_standard);
        }
        let [met_alternative, guardrail] = [columns.met_alternative, columns.guardrail]
            .map(|column| column.map_or(Some(None), |column| cells.flag(column)));
        let track = self.track(row, problems);
        let start = self.start_year(row, problems);
        let revenue_category = self.revenue_category(row, problems);
        let rules = track.and_then(|track| {
            let rules = self.rules.get(track.name()).cloned();
            if rules.is_none() {
                let (line, year) = (table.line(row), self.performance_year);
                problems.push(format!("line {line}: there was no track {} in {year}", track.name()));
            }
            rules
        });
        let standard = match (met_standard??, met_alternative?) {
            (true, _) => QualityStandard::Full,
            (false, Some(true)) => QualityStandard::Alternative,
            (false, Some(false) | None) => QualityStandard::Neither,
        };
        let (rules, start, beneficiaries) = (rules?, start?, beneficiaries? as u64);
        let half_rate = rules.half_rate_from_start.is_some_and(|from| f64::from(start) >= from);
        let revenue_category = revenue_category?;
        if half_rate && revenue_category.is_none() {
            lacking.extend(columns.revenue_category);
        }
        // The rate of one-sided tracks follows from their beneficiaries.
        let minimum_rate = minimum_rate?;
        if minimum_rate.is_none() && rules.highest_loss_rate.is_some() {
            lacking.push(columns.minimum_rate.column);
        }
        let minimum_rate =
            minimum_rate.map_or(MinimumRate::Variable, |published| chosen_rate(published, beneficiaries));
        let quality_score = quality_score?;
        let (benchmark, expenditure, relief) = (benchmark?, expenditure?, relief?.unwrap_or(0.0).abs());
        let part_of_year = self.part_of_year(row, benchmark, expenditure, problems)?;
        let participant_revenue = self.participant_revenue.get(table.text(row, columns.aco)).copied();
        if part_of_year.is_none() && (relief > 0.0 || participant_revenue.is_some()) {
            problems.push(self.unknown_part(row));
        }
        // Relief and revenue are of a whole year; the other amounts are of the part of the year that the row is of.
        let part = part_of_year.unwrap_or(1.0);
        let aco = Mssp {
            track: track?,
            rules,
            benchmark: MsspBenchmark::given(PerCapita(0.0)),
            minimum_rate,
            assigned_beneficiaries: None,
            quality_score: quality_score.unwrap_or_default(),
            quality_standard: standard,
            agreement_start: start,
            revenue_category: revenue_category.unwrap_or(RevenueCategory::High),
            participant_revenue: participant_revenue.map(|revenue| Dollars(part * revenue)),
            disaster_relief: DisasterRelief::Amount(Dollars(part * relief)),
            prorated_losses: Share::ONE,
            guardrail: guardrail? == Some(true),
            advance_balance: Dollars(balance?.unwrap_or(0.0).max(0.0)),
            advance_payments: None,
            repayment_fee: None,
            year_to_date: None,
        };
        let totals = PerformanceYear {
            benchmark: Dollars(benchmark),
            expenditure: Dollars(expenditure),
            gap: gap?.map(Dollars),
            assigned_beneficiaries: beneficiaries,
        };
        if quality_score.is_none() && counts_quality(&aco, &totals) {
            lacking.push(columns.quality_score.column);
        }
        if let Some(gap) = totals.gap
            && (gap - (totals.benchmark - totals.expenditure)).0.abs() > ROUNDED
        {
            let difference = totals.benchmark - totals.expenditure;
            let column = columns.gap.expect("a gap that was read has its column");
            let help = format!("the benchmark less the expenditure of the row is {difference}");
            problems.push(table.wrong(row, column, &help));
        }
        lacking.is_empty().then_some(KnownRow { terms: aco, totals, part_of_year })
    }

    /// The revenue category, or none where the file has none; `None` where it is wrong.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is empty")]
    fn revenue_category(&self, row: usize, problems: &mut Vec<String>) -> Option<Option<RevenueCategory>> {
        let Some(column) = self.columns.revenue_category else { return Some(None) };
        match self.table.figure_text(row, column).to_lowercase().as_str() {
            "" => Some(None),
            text if text.starts_with("low") => Some(Some(RevenueCategory::Low)),
            text if text.starts_with("high") => Some(Some(RevenueCategory::High)),
            _ => {
                problems.push(self.table.wrong(row, column, "write \"Low Revenue\" or \"High Revenue\""));
                None
            }
        }
    }

    pub(crate) fn track(&self, row: usize, problems: &mut Vec<String>) -> Option<Track> {
        match &self.columns.track {
            TrackColumns::Named(column) => {
                let text = self.table.text(row, *column);
                let found = LETTERS.iter().find(|(letter, _)| text.eq_ignore_ascii_case(letter));
                let found = found.or_else(|| {
                    let long = [
                        ("ENHANCED", 5),
                        ("BASIC A", 0),
                        ("BASIC B", 1),
                        ("BASIC C", 2),
                        ("BASIC D", 3),
                        ("BASIC E", 4),
                    ];
                    let long = long.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
                    long.map(|&(_, index)| &LETTERS[index])
                });
                if found.is_none() {
                    problems.push(self.table.wrong(row, *column, "write A, B, C, D, E or EN"));
                }
                found.map(|&(_, track)| track)
            }
            TrackColumns::Flags(columns) => {
                let set = columns.iter().filter(|&&(column, _)| matches!(self.table.text(row, column), "1" | "1.0"));
                let tracks: Vec<Track> = set.map(|&(_, track)| track).collect();
                if let [track] = tracks[..] {
                    return Some(track);
                }
                let line = self.table.line(row);
                problems.push(format!(
                    "line {line}: {} of the Current_… track columns are 1; exactly one must be",
                    tracks.len()
                ));
                None
            }
        }
    }

    /// The year in which the agreement begins, not after the performance year.
    fn start_year(&self, row: usize, problems: &mut Vec<String>) -> Option<u16> {
        let help = match self.start(row) {
            Some(year) if year <= self.performance_year => return Some(year),
            Some(_) => format!(
                "an agreement begins no later than performance year {}; is this the file of another year?",
                self.performance_year
            ),
            None => "write a date, as 07/01/2019".to_owned(),
        };
        problems.push(self.table.wrong(row, self.columns.start, &help));
        None
    }

    /// The year in which the agreement of a row begins, where its cell is a date.
    pub(crate) fn start(&self, row: usize) -> Option<u16> {
        start_year(self.table.text(row, self.columns.start))
    }
}

/// The year of a date written as `07/01/2019`, with or without a time, or as `2019-07-01`.
pub(crate) fn start_year(date: &str) -> Option<u16> {
    let date = date.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<u16> = date.split(['/', '-']).filter_map(|part| part.parse().ok()).collect();
    match parts[..] {
        [month, day, year] | [year, month, day]
            if (1..=12).contains(&month) && (1..=31).contains(&day) && (2012..=2100).contains(&year) =>
        {
            Some(year)
        }
        _ => None,
    }
}

/// What a row says.
pub(crate) enum MsspRow<'a> {
    /// Enough to settle it.
    Known(Box<KnownRow>),
    /// Too little: these columns are empty.
    Lacking(Vec<&'a str>),
    /// Something wrong, which was noted.
    Wrong,
}

/// What settles a row.
pub(crate) struct KnownRow {
    pub(crate) terms: Mssp,
    pub(crate) totals: PerformanceYear,
    /// The part of a year that the totals cover; none where the row does not show it.
    pub(crate) part_of_year: Option<f64>,
}

/// Whether the quality score makes a difference.
fn counts_quality(aco: &Mssp, totals: &PerformanceYear) -> bool {
    let [lowest, highest] = [Share::ZERO, Share::ONE].map(|quality_score| {
        let mut settlement = Settlement::default();
        Mssp { quality_score, ..aco.clone() }.reconcile(&mut settlement, totals);
        settlement.reconciliation
    });
    lowest != highest
}

/// The cells of a row: where one is wrong that is noted, and where one is empty that is needed.
struct Cells<'a> {
    table: &'a Table,
    row: usize,
    problems: &'a mut Vec<String>,
    lacking: &'a mut Vec<usize>,
}

impl Cells<'_> {
    /// A number that may be empty; `None` where it is wrong.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is empty")]
    fn optional(&mut self, column: usize) -> Option<Option<f64>> {
        let number = self.table.number(self.row, column);
        number.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// A number that must be there and be right.
    fn needed(&mut self, column: usize, help: &str, right: impl Fn(f64) -> bool) -> Option<f64> {
        let number = self.optional(column)?;
        match number {
            None => self.lacking.push(column),
            Some(number) if right(number) => return Some(number),
            Some(_) => self.problems.push(self.table.wrong(self.row, column, help)),
        }
        None
    }

    /// Yes or no, or empty; `None` where it is wrong.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is empty")]
    fn flag(&mut self, column: usize) -> Option<Option<bool>> {
        match self.table.figure_text(self.row, column).to_lowercase().as_str() {
            "" => Some(None),
            "1" | "1.0" | "true" | "yes" | "y" => Some(Some(true)),
            "0" | "0.0" | "false" | "no" | "n" => Some(Some(false)),
            _ => {
                self.problems.push(self.table.wrong(self.row, column, "write 1 or 0"));
                None
            }
        }
    }

    /// A share that may be empty; `None` where it is wrong.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is empty")]
    fn share(&mut self, Scaled { column, divisor }: Scaled, help: &str) -> Option<Option<Share>> {
        let number = self.table.number_or_percentage(self.row, column);
        let number = number.map_err(|problem| self.problems.push(problem)).ok()?;
        let Some((number, has_sign)) = number else { return Some(None) };
        let share = Share::new(number / if has_sign { 100.0 } else { divisor }).ok();
        if share.is_none() {
            self.problems.push(self.table.wrong(self.row, column, help));
        }
        share.map(Some)
    }
}

/// Published rates are rounded: one that is the variable rate of that many beneficiaries is taken as that, unrounded.
fn chosen_rate(published: Share, beneficiaries: u64) -> MinimumRate {
    let variable = minimum_savings_rate(beneficiaries);
    if (variable.value() - published.value()).abs() < HALF_A_DIGIT {
        MinimumRate::Variable
    } else {
        MinimumRate::Fixed(published)
    }
}
