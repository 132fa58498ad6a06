//! The figures of a national run: what its `summary.json` holds.
//!
//! `docs/schemas/national.schema.json` is generated from these types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_national::{AcoYears, Group, LeftOut, Member, Published, Totals, by_size, by_track};
use twosided_prob::{Estimate, Sample, SampleError};
use twosided_units::{Share, grouped};

use crate::{Figure, NationalProvenance, Unit};

/// The version of the form in which the summary of a national run is written. It rises when a key is renamed, removed, or means
/// something else.
pub const NATIONAL_SCHEMA_VERSION: u32 = 1;

/// All figures of a national run that are neither of single ACOs nor of single trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Summary of a national run of twosided")]
pub struct NationalSummary {
    /// Version of the form of this file.
    pub schema_version: u32,
    /// What was run, with what.
    pub provenance: NationalProvenance,
    /// ACOs that take part.
    pub acos: u64,
    /// People of those ACOs.
    pub people: u64,
    /// Sums over all ACOs.
    pub national: NationalFigures,
    /// The same sums as CMS published them for the year.
    pub published: PublishedTotals,
    /// ACOs by the track that they signed.
    pub tracks: Vec<GroupFigures>,
    /// ACOs by their assigned beneficiaries.
    pub sizes: Vec<GroupFigures>,
    /// ACOs of which no scenario can be made.
    pub left_out: Vec<LeftOutAco>,
}

/// Sums over all ACOs of one year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NationalFigures {
    /// Benchmarks.
    pub benchmark: QuantityFigures,
    /// Expenditure, truncated; a bad year spends much.
    pub expenditure: QuantityFigures,
    /// Shared savings that Medicare pays; in a bad year they are high.
    pub paid: QuantityFigures,
    /// Shared losses that ACOs owe, as a positive amount.
    pub owed: QuantityFigures,
    /// Paid less owed; in a bad year they are high.
    pub net_payments: QuantityFigures,
    /// Benchmark less expenditure less net payments; in a bad year they are low.
    pub net_savings: QuantityFigures,
    /// ACOs that earn.
    pub acos_earning: QuantityFigures,
    /// ACOs that owe.
    pub acos_owing: QuantityFigures,
}

/// What is measured of one sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantityFigures {
    /// Mean.
    pub mean: Figure,
    /// Standard deviation.
    pub sd: Figure,
    /// 5% quantile.
    pub quantile_05: Figure,
    /// Median.
    pub quantile_50: Figure,
    /// 95% quantile.
    pub quantile_95: Figure,
    /// Bad years, where one end is bad for Medicare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_years: Option<BadYears>,
}

/// What a sum comes to in bad years: the amount itself, with its sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BadYears {
    /// The amount of a 1-in-20 bad year (value at risk, 95%).
    pub var_95: Figure,
    /// Mean of the worst 5% (tail value at risk, 95%).
    pub tvar_95: Figure,
    /// The amount of a 1-in-100 bad year.
    pub var_99: Figure,
    /// Mean of the worst 1%.
    pub tvar_99: Figure,
}

/// Which end of a sum is bad for Medicare.
#[derive(Clone, Copy)]
enum BadEnd {
    High,
    Low,
    Neither,
}

/// Sums over ACOs as CMS published them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedTotals {
    /// Benchmarks, in USD.
    pub benchmark: f64,
    /// Expenditure, truncated, in USD.
    pub expenditure: f64,
    /// Shared savings paid, in USD.
    pub paid: f64,
    /// Shared losses owed, in USD, as a positive amount.
    pub owed: f64,
    /// ACOs that earned.
    pub acos_earning: u32,
    /// ACOs that owed.
    pub acos_owing: u32,
    /// ACOs whose result is not in the file, which count as neither.
    pub acos_unknown: u32,
}

/// Some ACOs together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupFigures {
    /// What they have in common.
    pub name: String,
    /// How many they are.
    pub acos: u64,
    /// Their people.
    pub people: u64,
    /// Mean of the gain of all together.
    pub mean_gain: Figure,
    /// Standard deviation of that gain.
    pub sd_gain: Figure,
    /// Its 5% quantile.
    pub gain_quantile_05: Figure,
    /// Its 95% quantile.
    pub gain_quantile_95: Figure,
    /// Mean share of the ACOs that earn.
    pub share_earning: Figure,
    /// Mean share of the ACOs that owe.
    pub share_owing: Figure,
    /// The same ACOs as published.
    pub published: PublishedTotals,
}

/// An ACO of which no scenario can be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOutAco {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its line in the file.
    pub line: u64,
    /// Why.
    pub reason: String,
}

impl NationalSummary {
    pub(crate) fn new(
        members: &[Member],
        left_out: &[LeftOut],
        years: &[AcoYears],
        totals: &Totals,
        provenance: NationalProvenance,
    ) -> Result<Self, SampleError> {
        let groups = |groups: Vec<Group>| -> Result<Vec<GroupFigures>, SampleError> {
            groups.iter().map(|group| GroupFigures::new(group, members, years, totals.paid.len())).collect()
        };
        let left_out =
            left_out.iter().cloned().map(|LeftOut { id, name, line, reason }| LeftOutAco { id, name, line, reason });
        Ok(Self {
            schema_version: NATIONAL_SCHEMA_VERSION,
            provenance,
            acos: members.len() as u64,
            people: people(members),
            national: NationalFigures::new(totals)?,
            published: PublishedTotals::of(Published::of(members)),
            tracks: groups(by_track(members))?,
            sizes: groups(by_size(members))?,
            left_out: left_out.collect(),
        })
    }

    /// The ACOs in words: `482 ACOs`, or `9 of 482 ACOs`.
    pub fn acos_in_words(&self) -> String {
        let acos = grouped(&self.acos.to_string());
        match (&self.provenance.selected, self.acos) {
            (Some(_), _) => format!("{acos} of {} ACOs", grouped(&self.provenance.rows.to_string())),
            (None, 1) => "1 ACO".to_owned(),
            (None, _) => format!("{acos} ACOs"),
        }
    }

    /// The JSON Schema of a saved summary.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(Self)
    }
}

fn people<'a>(members: impl IntoIterator<Item = &'a Member>) -> u64 {
    members.into_iter().map(|member| member.population.members()).sum()
}

impl NationalFigures {
    fn new(totals: &Totals) -> Result<Self, SampleError> {
        let dollars = |amounts: &[f64], bad| QuantityFigures::new(Unit::UsdAYear, amounts.to_vec(), bad);
        let counts = |counts: &[u32]| {
            QuantityFigures::new(Unit::Acos, counts.iter().map(|&count| f64::from(count)).collect(), BadEnd::Neither)
        };
        Ok(Self {
            benchmark: dollars(&totals.benchmark, BadEnd::Neither)?,
            expenditure: dollars(&totals.expenditure, BadEnd::High)?,
            paid: dollars(&totals.paid, BadEnd::High)?,
            owed: dollars(&totals.owed, BadEnd::Neither)?,
            net_payments: dollars(&totals.net_payments(), BadEnd::High)?,
            net_savings: dollars(&totals.net_savings(), BadEnd::Low)?,
            acos_earning: counts(&totals.earning)?,
            acos_owing: counts(&totals.owing)?,
        })
    }

    /// Each sum with its key in files and its name for readers.
    pub fn all(&self) -> [(&'static str, &'static str, &QuantityFigures); 8] {
        [
            ("benchmark", "Benchmark", &self.benchmark),
            ("expenditure", "Expenditure, truncated", &self.expenditure),
            ("paid", "Shared savings that Medicare pays", &self.paid),
            ("owed", "Shared losses that ACOs owe", &self.owed),
            ("net_payments", "Net payments to ACOs", &self.net_payments),
            ("net_savings", "Net savings against the benchmark", &self.net_savings),
            ("acos_earning", "ACOs that earn", &self.acos_earning),
            ("acos_owing", "ACOs that owe", &self.acos_owing),
        ]
    }
}

pub(crate) fn level(level: f64) -> Share {
    Share::new(level).expect("levels are shares")
}

impl QuantityFigures {
    fn new(unit: Unit, amounts: Vec<f64>, bad: BadEnd) -> Result<Self, SampleError> {
        let figure = |estimate: Estimate| Figure::new(unit, estimate);
        let bad_years = match bad {
            BadEnd::Neither => None,
            // Measures of risk are of gains, of which the low ones are bad, and state losses.
            BadEnd::Low => {
                let gains = Sample::new(amounts.clone())?;
                Some(BadYears::of(&gains, |loss| figure(loss.negated())))
            }
            BadEnd::High => {
                let gains = Sample::new(amounts.iter().map(|amount| 0.0 - amount).collect())?;
                Some(BadYears::of(&gains, figure))
            }
        };
        let sample = Sample::new(amounts)?;
        Ok(Self {
            mean: figure(sample.mean()),
            sd: figure(sample.sd()),
            quantile_05: figure(sample.quantile(level(0.05))),
            quantile_50: figure(sample.quantile(level(0.5))),
            quantile_95: figure(sample.quantile(level(0.95))),
            bad_years,
        })
    }
}

impl BadYears {
    fn of(gains: &Sample, figure: impl Fn(Estimate) -> Figure) -> Self {
        Self {
            var_95: figure(gains.value_at_risk(level(0.95))),
            tvar_95: figure(gains.tail_value_at_risk(level(0.95))),
            var_99: figure(gains.value_at_risk(level(0.99))),
            tvar_99: figure(gains.tail_value_at_risk(level(0.99))),
        }
    }
}

impl GroupFigures {
    fn new(group: &Group, members: &[Member], years: &[AcoYears], trials: usize) -> Result<Self, SampleError> {
        let own = || group.members.iter().map(|&index| &members[index]);
        let totals = Totals::of(trials, group.members.iter().map(|&index| &years[index]));
        let gains = Sample::new(totals.net_payments())?;
        let acos = group.members.len();
        let share = |counts: &[u32]| {
            let shares = counts.iter().map(|&count| f64::from(count) / acos as f64).collect();
            Sample::new(shares).map(|shares| Figure::new(Unit::Share, shares.mean()))
        };
        let dollars = |estimate| Figure::new(Unit::UsdAYear, estimate);
        Ok(Self {
            name: group.name.clone(),
            acos: acos as u64,
            people: people(own()),
            mean_gain: dollars(gains.mean()),
            sd_gain: dollars(gains.sd()),
            gain_quantile_05: dollars(gains.quantile(level(0.05))),
            gain_quantile_95: dollars(gains.quantile(level(0.95))),
            share_earning: share(&totals.earning)?,
            share_owing: share(&totals.owing)?,
            published: PublishedTotals::of(Published::of(own())),
        })
    }
}

impl PublishedTotals {
    fn of(published: Published) -> Self {
        let Published { benchmark, expenditure, paid, owed, earning, owing, unknown } = published;
        Self {
            benchmark: benchmark.0,
            expenditure: expenditure.0,
            paid: paid.0,
            owed: owed.0,
            acos_earning: earning,
            acos_owing: owing,
            acos_unknown: unknown,
        }
    }

    /// Paid less owed.
    pub fn net_payments(&self) -> f64 {
        self.paid - self.owed
    }

    /// Benchmark less expenditure less net payments.
    pub fn net_savings(&self) -> f64 {
        self.benchmark - self.expenditure - self.net_payments()
    }
}
