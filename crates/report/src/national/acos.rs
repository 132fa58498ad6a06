//! The figures of each ACO of a national run.

use twosided_national::{AcoYears, Member};
use twosided_prob::{Estimate, Sample, SampleError};

use super::summary::level;

/// The probability that an ACO in a one-sided track owes.
const NEVER: Estimate = Estimate { value: 0.0, standard_error: 0.0, lower: 0.0, upper: 0.0, caution: None };

/// What is measured of one ACO.
///
/// # Units
/// Dollars a year, and probabilities.
#[derive(Clone, Debug, PartialEq)]
pub struct AcoFigures {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The track that it signed.
    pub track: &'static str,
    /// Its assigned beneficiaries.
    pub beneficiaries: u64,
    /// Its people in the scenario.
    pub people: u64,
    /// Mean benchmark.
    pub benchmark: Estimate,
    /// Mean expenditure.
    pub expenditure: Estimate,
    /// Standard error of the mean of expenditure that pools leave, however many trials there are.
    pub pool_error: f64,
    /// Mean gain: earned, or owed where negative.
    pub mean_gain: Estimate,
    /// Standard deviation of the gain.
    pub sd_gain: Estimate,
    /// 5% quantile of the gain.
    pub gain_quantile_05: Estimate,
    /// 95% quantile of the gain.
    pub gain_quantile_95: Estimate,
    /// Probability that it earns.
    pub earns: Estimate,
    /// Probability that it owes.
    pub owes: Estimate,
    /// Earned or owed as published, where the file has it.
    pub published: Option<f64>,
}

impl AcoFigures {
    pub(crate) fn new(member: &Member, years: &AcoYears) -> Result<Self, SampleError> {
        let mean = |amounts: &[f64]| Sample::new(amounts.to_vec()).map(|sample| sample.mean());
        let gains = Sample::new(years.gain.clone())?;
        Ok(Self {
            id: member.aco.aco.clone(),
            name: member.aco.name.clone(),
            track: member.aco.terms.track.title(),
            beneficiaries: member.aco.totals.assigned_beneficiaries,
            people: member.population.members(),
            benchmark: mean(&years.benchmark)?,
            expenditure: mean(&years.expenditure)?,
            pool_error: years.pool_error.0,
            mean_gain: gains.mean(),
            sd_gain: gains.sd(),
            gain_quantile_05: gains.quantile(level(0.05)),
            gain_quantile_95: gains.quantile(level(0.95)),
            earns: gains.probability(|gain| gain > 0.0),
            owes: if member.aco.terms.is_two_sided() { gains.probability(|gain| gain < 0.0) } else { NEVER },
            published: member.aco.earned.map(|earned| earned.0),
        })
    }
}
