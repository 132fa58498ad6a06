//! Where each figure of a results file of the Shared Savings Program stands.

use std::ops::RangeInclusive;

use twosided_contracts::Track;

use crate::{
    Table, cms_columns,
    scale::{Scaled, scaled},
};

/// Minimum rates other than zero, and quality scores, as shares.
const MINIMUM_RATES: RangeInclusive<f64> = 0.005..=0.4;
const QUALITY_SCORES: RangeInclusive<f64> = 0.02..=1.0;

/// Where each figure stands.
#[derive(Debug)]
pub(crate) struct MsspColumns {
    pub(crate) aco: usize,
    pub(crate) name: Option<usize>,
    pub(crate) track: TrackColumns,
    pub(crate) start: usize,
    pub(crate) beneficiaries: usize,
    pub(crate) minimum_rate: Scaled,
    pub(crate) benchmark: usize,
    pub(crate) expenditure: usize,
    pub(crate) gap: Option<usize>,
    pub(crate) benchmark_per_capita: Option<usize>,
    pub(crate) expenditure_per_capita: Option<usize>,
    pub(crate) person_years: Option<usize>,
    pub(crate) quality_score: Scaled,
    pub(crate) met_standard: usize,
    pub(crate) met_alternative: Option<usize>,
    pub(crate) guardrail: Option<usize>,
    pub(crate) disaster_relief: Option<usize>,
    pub(crate) revenue_category: Option<usize>,
    pub(crate) advance_balance: Option<usize>,
    pub(crate) generated: Option<usize>,
    pub(crate) earned: Option<usize>,
}

/// How a file says which track an ACO is in.
#[derive(Debug)]
pub(crate) enum TrackColumns {
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

pub(crate) const LETTERS: [(&str, Track); 6] = [
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

/// A column that must be there.
pub(crate) fn required(table: &Table, names: &[&str], what: &str, problems: &mut Vec<String>) -> Option<usize> {
    let column = table.column(names);
    if column.is_none() {
        let others = if names.len() > 1 { format!(" (or {})", names[1..].join(", ")) } else { String::new() };
        problems.push(format!("there is no column {}{others}: {what}", names[0]));
    }
    column
}

impl MsspColumns {
    pub(crate) fn find(table: &Table, problems: &mut Vec<String>) -> Option<Self> {
        let mut need = |names: &[&str], what: &str| required(table, names, what, problems);
        let aco = need(&["ACO_ID", "ACO_Num", "ACO_Name"], "the ACO's identifier");
        let start = need(&["Current_Start_Date", "Start_Date"], "start of the agreement");
        let beneficiaries = need(&["N_AB"], "assigned beneficiaries");
        let minimum_rate = need(&["MinSavPerc"], "minimum savings rate");
        let benchmark = need(&[cms_columns::BENCHMARK], "total benchmark");
        let expenditure = need(&["ABtotExp"], "total expenditure");
        let quality_score = need(&["QualScore"], "quality score");
        let met_standard = need(&["Met_QPS"], "whether the quality standard is met");
        let track = TrackColumns::find(table);
        if track.is_none() {
            problems.push("there is no column Current_Track, nor Current_BASIC_A and the like".to_owned());
        }
        let minimum_rate = minimum_rate.map(|column| scaled(table, column, &MINIMUM_RATES, problems));
        let quality_score = quality_score.map(|column| scaled(table, column, &QUALITY_SCORES, problems));
        Some(Self {
            aco: aco?,
            name: table.column(&["ACO_Name"]),
            track: track?,
            start: start?,
            beneficiaries: beneficiaries?,
            minimum_rate: minimum_rate?,
            benchmark: benchmark?,
            expenditure: expenditure?,
            gap: table.column(&["BnchmkMinExp"]),
            benchmark_per_capita: table.column(&["UpdatedBnchmk"]),
            expenditure_per_capita: table.column(&[cms_columns::PER_CAPITA]),
            person_years: table.column(&[cms_columns::PERSON_YEARS]),
            quality_score: quality_score?,
            met_standard: met_standard?,
            met_alternative: table.column(&["Met_AltQPS"]),
            guardrail: table.column(&["Guardrail"]),
            disaster_relief: table.column(&[cms_columns::DISASTER_RELIEF]),
            revenue_category: table.column(&["Rev_Exp_Cat"]),
            advance_balance: table.column(&["AIPBalance", "Adv_Pay_Amt"]),
            generated: table.column(&["GenSaveLoss"]),
            earned: table.column(&["EarnSaveLoss"]),
        })
    }
}
