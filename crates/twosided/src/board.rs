//! What the first page of a report needs beyond the trials of its run: the keys that the scenario varies, each moved alone, and
//! contracts without their stop-loss, all on the same random streams.

use twosided_decide::{NoEstimate, Reading, Trials, readings};
use twosided_form::{DocumentError, SettingError};
use twosided_prob::{Estimate, RiskMeasure};
use twosided_report::{CoverRelief, Figure, MovedEnd, MovedKey, Period, Sensitivity};
use twosided_scenario::{Quantity, Scenario};
use twosided_sim::Keep;

use crate::{
    Run,
    options::{RunError, RunOptions},
    points::{Point, PointOutcomes, visit_points},
};

/// Two-sided 95% point of the normal law.
const NORMAL_95: f64 = 1.959_963_984_540_054;
/// What keys move.
const MEASURE: Quantity = Quantity::Measure(RiskMeasure::ValueAtRisk95);

/// Why a run has no first page.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// The scenario does not take a value of a key that it varies.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// What it varies is no key.
    #[error("{0}")]
    Key(#[from] SettingError),
    /// A value of a key changes which contracts there are.
    #[error("with {key} = {value} the scenario has no contract \"{contract}\"")]
    NoContract {
        /// The key.
        key: String,
        /// The value.
        value: f64,
        /// The contract.
        contract: String,
    },
    /// The points could not be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A bad year cannot be measured.
    #[error(transparent)]
    Figure(#[from] NoEstimate),
}

/// What is simulated beside the run, and what it is for.
struct Asked {
    scenario: Scenario,
    /// Index of the contract in it.
    contract: usize,
    purpose: Purpose,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The scenario as it is, which the others are compared with.
    Base,
    /// A key at its lower or higher value.
    Moved,
    /// A contract without its stop-loss.
    Bare,
}

impl Run {
    /// The run with what the first page of its report needs besides: [`twosided_report::Summary::sensitivity`], if the scenario varies keys, and
    /// [`twosided_report::Summary::cover_relief`] of contracts whose lines do not say what they would be without stop-loss. Other figures
    /// stay as they are, and nothing is simulated where nothing is needed.
    ///
    /// # Errors
    /// [`BoardError`].
    pub fn with_board(mut self, options: &RunOptions<'_>) -> Result<Self, BoardError> {
        let asked = asked(&self)?;
        let indices: Vec<[usize; 1]> = asked.iter().map(|asked| [asked.contract]).collect();
        let points: Vec<Point<'_>> = asked
            .iter()
            .zip(&indices)
            .map(|(asked, contracts)| Point { scenario: &asked.scenario, contracts })
            .collect();
        let options = RunOptions { checkpoints: None, ..*options };
        let mut moved: Vec<Option<Reading>> = vec![None; asked.len()];
        visit_points(&points, &options, |index, outcomes| {
            let Asked { scenario, contract, purpose } = &asked[index];
            if *purpose == Purpose::Bare {
                self.note_relief(scenario, *contract, &outcomes)?;
            } else {
                moved[index] = Some(reading(&outcomes)?);
            }
            Ok::<(), BoardError>(())
        })?;
        if let Some(base) = asked.iter().position(|asked| asked.purpose == Purpose::Base) {
            let readings: Vec<Reading> =
                moved.into_iter().skip(base).map(|reading| reading.expect("every point is visited")).collect();
            self.summary.sensitivity = Some(self.sensitivity(&asked[base], &readings));
        }
        Ok(self)
    }

    /// What the stop-loss of a contract takes off, by the trials of the same contract without it.
    fn note_relief(&mut self, scenario: &Scenario, contract: usize, bare: &PointOutcomes) -> Result<(), RunError> {
        let name = &scenario.contracts[contract].name;
        let of = self.summary.contract(name).expect("a summary is of its scenario");
        let gains = self.outcomes.gains_of(contract).to_vec();
        let without = bare.outcomes.gains_of(bare.contracts[0]).to_vec();
        let relief = CoverRelief::new(&self.scenario, of, &bare.design, [&gains, &without])?;
        self.summary.cover_relief.push(relief);
        let place = |name: &str| self.summary.contracts.iter().position(|contract| contract.name == name);
        let mut reliefs = self.summary.cover_relief.clone();
        reliefs.sort_by_key(|relief| place(&relief.contract));
        self.summary.cover_relief = reliefs;
        Ok(())
    }

    /// What the keys move, by the readings of the scenario as it is and of both ends of each key.
    fn sensitivity(&self, base: &Asked, readings: &[Reading]) -> Sensitivity {
        let unit = Period { years: self.scenario.years }.unit();
        let (of_base, ends) = readings.split_first().expect("the scenario as it is comes first");
        let end = |value: f64, reading: &Reading| {
            let change = reading.estimate.value - of_base.estimate.value;
            let standard_error = reading.error_of_difference(of_base);
            let half = NORMAL_95 * standard_error;
            let (lower, upper) = (change - half, change + half);
            let caution = reading.estimate.caution.or(of_base.estimate.caution);
            MovedEnd {
                value,
                change: Figure::new(unit, Estimate { value: change, standard_error, lower, upper, caution }),
            }
        };
        let varied = self.scenario.decision.vary.iter().zip(ends.chunks(2));
        let mut keys: Vec<MovedKey> = varied
            .map(|(varied, ends)| MovedKey {
                key: varied.key.clone(),
                low: end(varied.low, &ends[0]),
                high: end(varied.high, &ends[1]),
            })
            .collect();
        keys.sort_by(|a, b| b.effect().total_cmp(&a.effect()));
        let contract = base.scenario.contracts[base.contract].name.clone();
        Sensitivity { contract, value_at_risk_95: Figure::new(unit, of_base.estimate), keys }
    }
}

/// The bad year of a point's contract.
fn reading(point: &PointOutcomes) -> Result<Reading, NoEstimate> {
    let trials = Trials { outcomes: &point.outcomes, design: &point.design, tails: &point.tails };
    let mut found = readings(&[MEASURE], &trials, point.contracts[0], None).map_err(|(_, reason)| reason)?;
    Ok(found.remove(0))
}

/// What is to be simulated: contracts without stop-loss, then the scenario as it is, then both ends of each key.
fn asked(run: &Run) -> Result<Vec<Asked>, BoardError> {
    // Gains alone are measured.
    let scenario = Scenario { keep: Keep::None, ..run.scenario.clone() };
    let is_known = |name: &str| run.summary.cover_relief.iter().any(|relief| relief.contract == name);
    let mut asked = Vec::new();
    for (index, contract) in scenario.contracts.iter().enumerate() {
        if run.outcomes.keep >= Keep::Lines
            && !is_known(&contract.name)
            && let Some(bare) = contract.without_stop_loss()
        {
            let mut scenario = scenario.clone();
            scenario.contracts[index] = bare;
            asked.push(Asked { scenario, contract: index, purpose: Purpose::Bare });
        }
    }
    let Some(target) = target(&scenario).filter(|_| !scenario.decision.vary.is_empty()) else { return Ok(asked) };
    asked.push(Asked { scenario: scenario.clone(), contract: target, purpose: Purpose::Base });
    let name = &scenario.contracts[target].name;
    for varied in &scenario.decision.vary {
        for (value, setting) in [varied.low, varied.high].into_iter().zip(varied.settings()?) {
            let moved = scenario.with_settings([setting])?;
            let contract = moved
                .contracts
                .iter()
                .position(|contract| contract.name == *name)
                .ok_or_else(|| BoardError::NoContract { key: varied.key.clone(), value, contract: name.clone() })?;
            asked.push(Asked { scenario: moved, contract, purpose: Purpose::Moved });
        }
    }
    Ok(asked)
}

/// The contract whose bad year is moved: the preferred one, or else the first that is not fee-for-service alone.
fn target(scenario: &Scenario) -> Option<usize> {
    let preferred = scenario.decision.preference.as_ref();
    let preferred =
        preferred.and_then(|of| scenario.contracts.iter().position(|contract| contract.name == of.contract));
    preferred.or_else(|| scenario.contracts.iter().position(|contract| !contract.is_fee_for_service_alone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run;

    /// Two contracts with the same cover, one of which a corridor wraps whose bands keep everything.
    fn scenario(decision: &str, corridor: &str) -> Scenario {
        let text = format!(
            "[run]\nname = \"x\"\ntrials = 600\nseed = 5\n{decision}\n[population]\ntrend = {{ mean = 1.02, cv = 0.05 }}\n\
             [[population.segments]]\nname = \"all\"\nmembers = 300\n\
             services.care.annual = {{ lognormal = {{ mean = 5_000, cv = 3 }} }}\n\
             [[contracts]]\nname = \"Fees\"\nterms.fee_for_service = {{}}\n\
             [[contracts]]\nname = \"Rate\"\nterms.capitation = {{ pmpm = 430 }}\n\
             covers.specific = {{ attachment_point = 50_000, coinsurance = 0.9, premium_pmpm = 20 }}\n{corridor}"
        );
        Scenario::parse("x.toml", &text).expect("it is fine")
    }

    #[test]
    fn lines_and_twins_agree_on_what_stop_loss_takes_off() {
        // A corridor that keeps all is none, but its contract is simulated without its cover.
        let whole = "[{ share = 1 }]";
        let corridor = format!("covers.corridor = {{ expected_pmpm = 430, gains = {whole}, losses = {whole} }}\n");
        let options = RunOptions::default();
        let by_lines = run(&scenario("", ""), &options).expect("it runs");
        let by_twin = run(&scenario("", &corridor), &options).expect("it runs");
        assert!(by_twin.summary.cover_relief.is_empty());
        let by_twin = by_twin.with_board(&options).expect("it runs");
        let (lines, twin) = (&by_lines.summary.cover_relief[0], &by_twin.summary.cover_relief[0]);
        let near = |one: &Figure, other: &Figure| (one.value - other.value).abs() < 1.0;
        assert!(near(&lines.off_value_at_risk_95, &twin.off_value_at_risk_95), "{lines:?} {twin:?}");
        assert!(near(&lines.off_value_at_risk_99, &twin.off_value_at_risk_99), "{lines:?} {twin:?}");
        // A premium of $20 a month for 300 people.
        assert!((lines.premium.value - 72_000.0).abs() < 1e-6 && lines.not_borne.is_empty(), "{lines:?}");
    }

    #[test]
    fn keys_move_a_bad_year_by_what_they_are() {
        let decision = "[decision]\nvary = [{ key = \"population.trend.mean\", low = 1.0, high = 1.04 }, \
                        { key = \"contracts.Rate.terms.capitation.pmpm\", low = 420, high = 430 }]\n";
        let options = RunOptions::default();
        let plain = run(&scenario(decision, ""), &options).expect("it runs");
        let run = plain.clone().with_board(&options).expect("it runs");
        let sensitivity = run.summary.sensitivity.as_ref().expect("keys are varied");
        assert_eq!(sensitivity.contract, "Rate");
        let base = run.summary.contract("Rate").expect("it is there").measure(RiskMeasure::ValueAtRisk95);
        assert_eq!(sensitivity.value_at_risk_95.value, base.value);
        let rate = sensitivity.keys.iter().find(|moved| moved.key.ends_with("pmpm")).expect("it is varied");
        // $10 a month less for 300 people, in every year; at the value that it has, nothing.
        assert!((rate.low.change.value - 36_000.0).abs() < 1e-6, "{rate:?}");
        assert!(rate.low.change.standard_error < 1e-6, "{rate:?}");
        assert_eq!(rate.high.change.value, 0.0);
        let trend = sensitivity.keys.iter().find(|moved| moved.key.ends_with("mean")).expect("it is varied");
        assert!(trend.low.change.value < 0.0 && trend.high.change.value > 0.0, "{trend:?}");
        let effects: Vec<f64> = sensitivity.keys.iter().map(MovedKey::effect).collect();
        assert!(effects.is_sorted_by(|a, b| a >= b), "{effects:?}");
        // Nothing else moves.
        assert_eq!(plain.summary.contracts, run.summary.contracts);
    }
}
