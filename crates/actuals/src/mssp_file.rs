//! CMS's Performance Year Financial and Quality Results of the Medicare Shared Savings Program, as published.
//!
//! Columns are found by name, whatever others stand beside them; what changed its name or its form from year to year is read
//! in every form. Settled rows need no figure that CMS computed from the settlement itself.

use std::collections::{BTreeMap, BTreeSet};

use twosided_contracts::{
    CoverPayments, DisasterRelief, MinimumRate, Mssp, MsspBenchmark, MsspRules, PerformanceYear, QualityStandard,
    RevenueCategory, Settlement, Track, Year, minimum_savings_rate,
};
use twosided_form::{Suggestions, shortened};
use twosided_units::{Dollars, MemberMonths, PerCapita, Share};

use crate::{ActualsError, Published, SettledRow, SettledRows, Table};

/// A results file of one performance year.
#[derive(Debug)]
pub struct MsspFile<'a> {
    table: &'a Table,
    performance_year: u16,
    columns: Columns,
    /// Numbers of each track in the year.
    rules: BTreeMap<&'static str, MsspRules>,
    participant_revenue: BTreeMap<String, f64>,
}

/// One ACO's performance year, as it was.
#[derive(Clone, Debug)]
pub struct AcoYear {
    /// The ACO's identifier.
    pub aco: String,
    /// Its name; empty where the file has none.
    pub name: String,
    /// Its terms; the benchmark stands in the totals.
    pub terms: Mssp,
    /// Benchmark, expenditure and beneficiaries.
    pub totals: PerformanceYear,
    /// Whether the file has its quality score, which is zero in the terms otherwise.
    pub has_quality_score: bool,
    /// Whether the file has its revenue category, which is high in the terms otherwise.
    pub has_revenue_category: bool,
    /// What it earned or owed, as published.
    pub earned: Option<Dollars>,
}

/// Where each figure stands.
#[derive(Debug)]
struct Columns {
    aco: usize,
    name: Option<usize>,
    track: TrackColumns,
    start: usize,
    beneficiaries: usize,
    minimum_rate: Scaled,
    benchmark: usize,
    expenditure: usize,
    gap: Option<usize>,
    quality_score: Scaled,
    met_standard: usize,
    met_alternative: Option<usize>,
    guardrail: Option<usize>,
    disaster_relief: Option<usize>,
    revenue_category: Option<usize>,
    advance_balance: Option<usize>,
    generated: Option<usize>,
    earned: Option<usize>,
}

/// A column of shares, and what its numbers are to be divided by.
#[derive(Clone, Copy, Debug)]
struct Scaled {
    column: usize,
    divisor: f64,
}

/// How a file says which track an ACO is in.
#[derive(Debug)]
enum TrackColumns {
    /// One column with the level's letter.
    Named(usize),
    /// A column of zeros and ones for each track.
    Flags(Vec<(usize, Track)>),
}

impl TrackColumns {
    fn find(table: &Table) -> Option<Self> {
        if let Some(column) = table.column(&["Current_Track"]) {
            return Some(Self::Named(column));
        }
        let flags = FLAGS.iter().filter_map(|&(name, track)| Some((table.column(&[name])?, track)));
        let flags: Vec<(usize, Track)> = flags.collect();
        (!flags.is_empty()).then_some(Self::Flags(flags))
    }
}

const LETTERS: [(&str, Track); 6] = [
    ("A", Track::BasicA),
    ("B", Track::BasicB),
    ("C", Track::BasicC),
    ("D", Track::BasicD),
    ("E", Track::BasicE),
    ("EN", Track::Enhanced),
];

const FLAGS: [(&str, Track); 10] = [
    ("Current_Track_1", Track::Track1),
    ("Current_Track_1_Plus", Track::Track1Plus),
    ("Current_Track_2", Track::Track2),
    ("Current_Track_3", Track::Track3),
    ("Current_BASIC_A", Track::BasicA),
    ("Current_BASIC_B", Track::BasicB),
    ("Current_BASIC_C", Track::BasicC),
    ("Current_BASIC_D", Track::BasicD),
    ("Current_BASIC_E", Track::BasicE),
    ("Current_ENHANCED", Track::Enhanced),
];

/// Most ACOs that are named where one is not found.
const NEAR: usize = 3;
/// What a published difference of totals may be off by, each of the three being rounded.
const ROUNDED: f64 = 5.0;
/// Half of the last digit of a rate published as a percent with two decimals.
const HALF_A_DIGIT: f64 = 5.1e-5;

impl<'a> MsspFile<'a> {
    /// Finds the columns of a results file.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every column that is missing.
    pub fn new(table: &'a Table, performance_year: u16) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let columns = Columns::find(table, &mut problems);
        let rules = Track::NAMES.iter().filter_map(|&(name, _)| Some((name, MsspRules::of(performance_year, name)?)));
        let rules: BTreeMap<_, _> = rules.collect();
        if rules.is_empty() {
            problems.push(format!("performance year {performance_year}: the program began in 2012"));
        }
        let columns = table.checked(columns, problems)?;
        let columns = columns.expect("columns are missing only with a problem");
        Ok(Self { table, performance_year, columns, rules, participant_revenue: BTreeMap::new() })
    }

    /// Adds participants' Parts A and B revenue by ACO, which no public file has: a table of `aco_id` and
    /// `participant_revenue`.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of the table.
    pub fn with_participant_revenue(mut self, revenue: &Table) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let aco = required(revenue, &["aco_id", "ACO_Num"], "the ACO's identifier", &mut problems);
        let amount = required(revenue, &["participant_revenue"], "dollars a year", &mut problems);
        if let (Some(aco), Some(amount)) = (aco, amount) {
            for row in 0..revenue.len() {
                match revenue.number(row, amount) {
                    Ok(Some(dollars)) if dollars >= 0.0 => {
                        let known = self.participant_revenue.insert(revenue.text(row, aco).to_owned(), dollars);
                        if known.is_some() {
                            problems.push(revenue.wrong(row, aco, "an ACO stands once"));
                        }
                    }
                    Ok(Some(_)) => problems.push(revenue.wrong(row, amount, "revenue is not negative")),
                    Ok(None) => problems.push(revenue.empty(row, amount)),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        revenue.checked(self, problems)
    }

    /// ACOs whose participants' revenue was given and that are not in the file.
    pub fn without_a_row(&self) -> Vec<&str> {
        let known: BTreeSet<&str> = (0..self.table.len()).map(|row| self.table.text(row, self.columns.aco)).collect();
        self.participant_revenue.keys().map(String::as_str).filter(|aco| !known.contains(aco)).collect()
    }

    /// The row of an ACO, by its identifier or counted from one.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`] where there is none, with those that are like it.
    pub fn find(&self, wanted: &str) -> Result<usize, ActualsError> {
        let aco = |row: usize| self.table.text(row, self.columns.aco);
        let by_name = (0..self.table.len()).find(|&row| aco(row).eq_ignore_ascii_case(wanted.trim()));
        let by_number = || wanted.parse::<usize>().ok()?.checked_sub(1).filter(|&row| row < self.table.len());
        by_name.or_else(by_number).ok_or_else(|| {
            let called = |row: usize| self.columns.name.map_or("", |name| self.table.text(row, name));
            let in_name =
                |row: &usize| wanted.len() > 2 && called(*row).to_lowercase().contains(&wanted.to_lowercase());
            let mut near: Vec<String> = (0..self.table.len())
                .filter(in_name)
                .take(NEAR)
                .map(|row| format!("{} ({})", shortened(aco(row), 40), shortened(called(row), 60)))
                .collect();
            if near.is_empty() {
                let acos = (0..self.table.len()).map(aco);
                near =
                    Suggestions::default().near(wanted, acos, NEAR).into_iter().map(|aco| shortened(aco, 40)).collect();
            }
            let wanted = shortened(wanted, 40);
            let rows = self.table.len();
            let help = if near.is_empty() {
                format!(
                    "give what stands in {}, or a row's number from 1 to {rows}",
                    &self.table.headers()[self.columns.aco]
                )
            } else {
                format!("did you mean {}?", near.join(", "))
            };
            let problems = vec![format!("no row is \"{wanted}\"; {help}")];
            ActualsError::Invalid { file: self.table.file().to_owned(), problems }
        })
    }

    /// The terms and totals of one row.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with what is wrong with the row, or lacking.
    pub fn aco(&self, row: usize) -> Result<AcoYear, ActualsError> {
        let mut problems = Vec::new();
        let read = self.row(row, &mut problems);
        if let Row::Lacking(columns) = &read {
            let line = self.table.line(row);
            problems.extend(
                columns.iter().map(|column| format!("line {line}: {column} is missing; it is part of the terms")),
            );
        }
        let known = match read {
            Row::Known(terms, totals) => Some(self.aco_year(row, *terms, totals)),
            Row::Lacking(_) | Row::Wrong => None,
        };
        Ok(self.table.checked(known, problems)?.expect("a row is unknown only with a problem"))
    }

    /// The year of the file.
    pub fn performance_year(&self) -> u16 {
        self.performance_year
    }

    /// Whether there was a track in the year of the file.
    pub fn had(&self, track: Track) -> bool {
        self.rules.contains_key(track.name())
    }

    /// Settles every row.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of every row.
    pub fn settle(&self) -> Result<SettledRows, ActualsError> {
        let mut problems = Vec::new();
        let mut rows = Vec::with_capacity(self.table.len());
        for row in 0..self.table.len() {
            match self.row(row, &mut problems) {
                Row::Known(aco, totals) => rows.push(self.settled(row, &aco, &totals)),
                Row::Lacking(columns) => rows.push(self.unsettled(row, &columns)),
                Row::Wrong => {}
            }
        }
        let labels = ["aco_id", "aco_name", "performance_year", "track"].map(str::to_owned).to_vec();
        let published = vec!["earned_savings_or_losses", "generated_savings_or_losses"];
        self.table.checked(SettledRows { labels, published, rows }, problems)
    }

    /// The rows that can be settled.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`], with every problem of every row.
    pub fn acos(&self) -> Result<Vec<AcoYear>, ActualsError> {
        let mut problems = Vec::new();
        let acos = (0..self.table.len()).filter_map(|row| match self.row(row, &mut problems) {
            Row::Known(terms, totals) => Some(self.aco_year(row, *terms, totals)),
            Row::Lacking(_) | Row::Wrong => None,
        });
        let acos = acos.collect();
        self.table.checked(acos, problems)
    }

    fn aco_year(&self, row: usize, terms: Mssp, totals: PerformanceYear) -> AcoYear {
        let text = |column: Option<usize>| column.map_or("", |column| self.table.text(row, column));
        AcoYear {
            aco: text(Some(self.columns.aco)).to_owned(),
            name: text(self.columns.name).to_owned(),
            terms,
            totals,
            has_quality_score: !text(Some(self.columns.quality_score.column)).is_empty(),
            has_revenue_category: !text(self.columns.revenue_category).is_empty(),
            earned: self.columns.earned.and_then(|column| self.table.number(row, column).ok()?).map(Dollars),
        }
    }

    fn settled(&self, row: usize, aco: &Mssp, totals: &PerformanceYear) -> SettledRow {
        let mut settlement = Settlement::of(&Year::new(MemberMonths(0.0), 0, &[]));
        aco.reconcile(&mut settlement, totals);
        // The file publishes what is earned before recoupment.
        let earned = settlement.step("earned").unwrap_or(settlement.reconciliation.0);
        let generated = self.generated(&settlement, aco);
        let is_limited = aco.rules.loss_limit_of_revenue.is_some() && aco.participant_revenue.is_none();
        let lacks = (settlement.reconciliation < Dollars::ZERO && is_limited)
            .then(|| "participant revenue, which limits its loss; give it with --participant-revenue".to_owned());
        self.result(row, aco.track.name(), settlement, [Some(earned), Some(generated)], lacks)
    }

    /// A row that the file says too little of.
    fn unsettled(&self, row: usize, columns: &[&str]) -> SettledRow {
        let lacks = format!("{} of {}", columns.join(", "), self.table.text(row, self.columns.aco));
        self.result(row, "", Settlement::default(), [None, None], Some(lacks))
    }

    fn result(
        &self,
        row: usize,
        track: &str,
        settlement: Settlement,
        [earned, generated]: [Option<f64>; 2],
        lacks: Option<String>,
    ) -> SettledRow {
        let read = |column: Option<usize>| column.and_then(|column| self.table.number(row, column).ok().flatten());
        let text = |column: Option<usize>| column.map_or("", |column| self.table.text(row, column)).to_owned();
        SettledRow {
            labels: vec![
                self.table.text(row, self.columns.aco).to_owned(),
                text(self.columns.name),
                self.performance_year.to_string(),
                track.to_owned(),
            ],
            line: self.table.line(row),
            covers: CoverPayments::default(),
            administration: settlement.administration,
            settlement,
            published: vec![
                Published { published: read(self.columns.earned), ours: earned },
                Published { published: read(self.columns.generated), ours: generated },
            ],
            lacks,
        }
    }

    /// Savings or losses as the file shows them: beyond the minimum rate only, and up to 2018 with one-sided ACOs' losses.
    fn generated(&self, settlement: &Settlement, aco: &Mssp) -> f64 {
        let one_sided_loss = || {
            let [gap, minimum] = ["benchmark less expenditure", "minimum savings or losses"]
                .map(|name| settlement.step(name).unwrap_or_default());
            let shown = self.performance_year <= 2018 && !aco.is_two_sided() && gap < 0.0 && -gap >= minimum;
            if shown { gap } else { 0.0 }
        };
        settlement.step("generated savings or losses").unwrap_or_else(one_sided_loss)
    }

    /// The terms and totals of a row.
    fn row(&self, row: usize, problems: &mut Vec<String>) -> Row<'a> {
        let before = problems.len();
        let mut lacking = Vec::new();
        match self.known(row, problems, &mut lacking) {
            _ if problems.len() > before => Row::Wrong,
            Some((aco, totals)) => Row::Known(Box::new(aco), totals),
            None => Row::Lacking(lacking.into_iter().map(|column| &self.table.headers()[column]).collect()),
        }
    }

    /// The terms and totals of a row, where its cells are neither wrong nor lack what settles it.
    fn known(
        &self,
        row: usize,
        problems: &mut Vec<String>,
        lacking: &mut Vec<usize>,
    ) -> Option<(Mssp, PerformanceYear)> {
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
            participant_revenue: self.participant_revenue.get(table.text(row, columns.aco)).copied().map(Dollars),
            disaster_relief: DisasterRelief::Amount(Dollars(relief?.unwrap_or(0.0).abs())),
            prorated_losses: Share::ONE,
            guardrail: guardrail? == Some(true),
            advance_balance: Dollars(balance?.unwrap_or(0.0).max(0.0)),
            advance_payments: None,
            repayment_fee: None,
        };
        let totals = PerformanceYear {
            benchmark: Dollars(benchmark?),
            expenditure: Dollars(expenditure?),
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
        lacking.is_empty().then_some((aco, totals))
    }

    /// The revenue category, or none where the file has none; `None` where it is wrong.
    #[expect(clippy::option_option, reason = "none where it is wrong; some of none where it is empty")]
    fn revenue_category(&self, row: usize, problems: &mut Vec<String>) -> Option<Option<RevenueCategory>> {
        let Some(column) = self.columns.revenue_category else { return Some(None) };
        match self.table.text(row, column).to_lowercase().as_str() {
            "" => Some(None),
            text if text.starts_with("low") => Some(Some(RevenueCategory::Low)),
            text if text.starts_with("high") => Some(Some(RevenueCategory::High)),
            _ => {
                problems.push(self.table.wrong(row, column, "write \"Low Revenue\" or \"High Revenue\""));
                None
            }
        }
    }

    fn track(&self, row: usize, problems: &mut Vec<String>) -> Option<Track> {
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
                    long.map(|&(_, place)| &LETTERS[place])
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

    /// The year of a date written as `07/01/2019`, with or without a time, or as `2019-07-01`; not after the performance
    /// year.
    fn start_year(&self, row: usize, problems: &mut Vec<String>) -> Option<u16> {
        let column = self.columns.start;
        let date = self.table.text(row, column).split([' ', 'T']).next().unwrap_or_default();
        let parts: Vec<u16> = date.split(['/', '-']).filter_map(|part| part.parse().ok()).collect();
        let year = match parts[..] {
            [month, day, year] | [year, month, day]
                if (1..=12).contains(&month) && (1..=31).contains(&day) && (2012..=2100).contains(&year) =>
            {
                Some(year)
            }
            _ => None,
        };
        match year {
            Some(year) if year <= self.performance_year => return Some(year),
            Some(_) => {
                let help = format!("an agreement begins no later than performance year {}", self.performance_year);
                problems.push(self.table.wrong(row, column, &help));
            }
            None => problems.push(self.table.wrong(row, column, "write a date, as 07/01/2019")),
        }
        None
    }
}

/// What a row says.
enum Row<'a> {
    /// Enough to settle it.
    Known(Box<Mssp>, PerformanceYear),
    /// Too little: these columns are empty.
    Lacking(Vec<&'a str>),
    /// Something wrong, which was noted.
    Wrong,
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
        match self.table.text(self.row, column).to_lowercase().as_str() {
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
        let Some(number) = self.optional(column)? else { return Some(None) };
        let share = Share::new(number / divisor).ok();
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

/// A column that must be there.
pub(crate) fn required(table: &Table, names: &[&str], what: &str, problems: &mut Vec<String>) -> Option<usize> {
    let column = table.column(names);
    if column.is_none() {
        let others = if names.len() > 1 { format!(" (or {})", names[1..].join(", ")) } else { String::new() };
        problems.push(format!("there is no column {}{others}: {what}", names[0]));
    }
    column
}

impl Columns {
    fn find(table: &Table, problems: &mut Vec<String>) -> Option<Self> {
        let mut need = |names: &[&str], what: &str| required(table, names, what, problems);
        let aco = need(&["ACO_ID", "ACO_Num"], "the ACO's identifier");
        let start = need(&["Current_Start_Date", "Start_Date"], "start of the agreement");
        let beneficiaries = need(&["N_AB"], "assigned beneficiaries");
        let minimum_rate = need(&["MinSavPerc"], "minimum savings rate");
        let benchmark = need(&["ABtotBnchmk"], "total benchmark");
        let expenditure = need(&["ABtotExp"], "total expenditure");
        let quality_score = need(&["QualScore"], "quality score");
        let met_standard = need(&["Met_QPS"], "whether the quality standard is met");
        let track = TrackColumns::find(table);
        if track.is_none() {
            problems.push("there is no column Current_Track, nor Current_BASIC_A and the like".to_owned());
        }
        // Without percent signs, a column as a whole shows by its largest number whether it holds percents.
        let scaled = |column: usize, largest_share: f64| {
            let percents = !table.has_percent_signs(column) && table.largest(column) > largest_share;
            Scaled { column, divisor: if percents { 100.0 } else { 1.0 } }
        };
        Some(Self {
            aco: aco?,
            name: table.column(&["ACO_Name"]),
            track: track?,
            start: start?,
            beneficiaries: beneficiaries?,
            minimum_rate: scaled(minimum_rate?, 0.2),
            benchmark: benchmark?,
            expenditure: expenditure?,
            gap: table.column(&["BnchmkMinExp"]),
            quality_score: scaled(quality_score?, 1.5),
            met_standard: met_standard?,
            met_alternative: table.column(&["Met_AltQPS"]),
            guardrail: table.column(&["Guardrail"]),
            disaster_relief: table.column(&["DisAdj"]),
            revenue_category: table.column(&["Rev_Exp_Cat"]),
            advance_balance: table.column(&["AIPBalance", "Adv_Pay_Amt"]),
            generated: table.column(&["GenSaveLoss"]),
            earned: table.column(&["EarnSaveLoss"]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::test_file;

    const HEADER: &str =
        "ACO_ID,Current_Track,Current_Start_Date,N_AB,MinSavPerc,ABtotBnchmk,ABtotExp,QualScore,Met_QPS,Rev_Exp_Cat";

    fn settled(name: &str, text: &str, year: u16) -> Result<SettledRows, ActualsError> {
        let path = test_file(name, text);
        let table = Table::load(&path);
        std::fs::remove_file(path).expect("it was written above");
        let table = table?;
        MsspFile::new(&table, year)?.settle()
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let error =
            settled("missing.csv", "ACO_ID,N_AB\nA1,5000\n", 2022).expect_err("columns are missing").to_string();
        for column in ["Current_Track", "MinSavPerc", "ABtotBnchmk", "ABtotExp", "QualScore", "Met_QPS"] {
            assert!(error.contains(column), "{column}: {error}");
        }
        let text = format!("{HEADER}\nA1,Q,2019,many,2%,100,x,-,1,Medium\n");
        let error = settled("wrong.csv", &text, 2022).expect_err("cells are wrong").to_string();
        for said in ["Current_Track is \"Q\"", "N_AB is \"many\"", "ABtotExp is \"x\"", "Rev_Exp_Cat is \"Medium\""] {
            assert!(error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn a_published_rate_stands_for_the_unrounded_one() {
        // 2.98% is published; with 10,274 beneficiaries the rate is 2.98356%, which savings of 2.9827% do not reach.
        let text = format!("{HEADER}\nA1,B,07/01/2019,10274,2.98%,100000000,97017300,90%,1,High Revenue\n");
        let rows = settled("rounded.csv", &text, 2022).expect("it settles");
        assert_eq!(rows.rows[0].settlement.reconciliation, Dollars::ZERO);
    }

    #[test]
    fn a_row_that_says_too_little_is_named_and_the_others_settle() {
        let rows = [
            // Savings of a year in which the score does not scale them.
            "A1,E,07/01/2019,10000,2%,100000000,95000000,-,1,High Revenue",
            // A loss that the score scales.
            "A2,EN,07/01/2019,10000,2%,100000000,105000000,-,1,High Revenue",
            // A one-sided ACO, whose rate follows from its size, and a two-sided one, whose rate was chosen.
            "A3,B,07/01/2019,10000,,100000000,95000000,90%,1,",
            "A4,E,07/01/2019,10000,,100000000,95000000,90%,1,",
            "A5,E,07/01/2019,10000,2%,100000000,95000000,90%,*,High Revenue",
        ];
        let text = format!("{HEADER}\n{}\n", rows.join("\n"));
        let settled = settled("lacking.csv", &text, 2022).expect("nothing is wrong").rows;
        let lacks: Vec<Option<&str>> = settled.iter().map(|row| row.lacks.as_deref()).collect();
        assert_eq!(lacks, [None, Some("QualScore of A2"), None, Some("MinSavPerc of A4"), Some("Met_QPS of A5")]);
        assert!((settled[0].settlement.reconciliation.0 - 2_450_000.0).abs() < 1e-6);
        assert!((settled[2].settlement.reconciliation.0 - 1_960_000.0).abs() < 1e-6);
        assert!(settled[3].settlement.steps().is_empty());
    }
}
