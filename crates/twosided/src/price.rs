//! What a cover around a contract should cost, over a list of attachment points.
//!
//! The first year of every trial is sampled once and kept. The contract is settled on it without the cover, with the cover at each
//! point, again where all claims have grown, and once more with the premium that follows.

mod borne;
mod cover;
mod estimates;
mod request;

use twosided_contracts::{Arrangement, Carried, Settled, Year};
use twosided_population::Observation;
use twosided_prob::paired_difference_by;
use twosided_report::{PriceFigure, PriceMeasure, PricePoint, PriceReport};
use twosided_scenario::Scenario;
use twosided_sim::{Control, Keep, KeptOutcomes, KeptYears, Tails};
use twosided_units::{Pmpm, Share};

use crate::{
    VERSION,
    options::{RunOptions, check_size},
};

use cover::Priced;
use estimates::Estimates;

pub use request::{MOST_POINTS, PriceError, PriceRequest};

/// Most memory for kept years, in bytes.
const MOST_BYTES: f64 = 4.0 * GIBIBYTE;
const GIBIBYTE: f64 = 1_073_741_824.0;

/// Prices a cover around a contract of a scenario, at each attachment point on the same sampled years, which are the first years of the trials
/// of a run.
///
/// # Errors
/// [`PriceError`].
pub fn price(scenario: &Scenario, request: &PriceRequest, options: &RunOptions<'_>) -> Result<PriceReport, PriceError> {
    request.check()?;
    let contract = scenario.contracts.iter().find(|contract| contract.name == request.contract);
    let contract = contract.ok_or_else(|| PriceError::NoContract {
        name: request.contract.clone(),
        known: scenario.contracts.iter().map(|contract| contract.name.clone()).collect(),
    })?;
    if let Some(portfolio) = &contract.portfolio {
        let held = portfolio.contracts.iter().map(|contract| contract.name.clone()).collect();
        return Err(PriceError::Portfolio { name: contract.name.clone(), held });
    }
    let priced = Priced::new(request.cover, contract)?;
    let unwatched = Control::default();
    let control = options.control.unwrap_or(&unwatched);
    // What a cover observes does not depend on its expected claims.
    let shapes = priced.beside_uncovered(&request.points, Pmpm(1.0))?;
    let besides = besides(&priced, &shapes, request);
    let sampled = Scenario { years: 1, pools: None, keep: Keep::None, contracts: shapes, ..scenario.clone() };
    check_size(&sampled, options)?;
    let job = sampled.job();
    let bytes = KeptYears::bytes(&job, &besides)?;
    if bytes > MOST_BYTES {
        let (trials, points) = (scenario.trials, request.points.len());
        return Err(PriceError::Memory { trials, points, gibibytes: bytes / GIBIBYTE });
    }
    let kept = KeptYears::sample(&job, &besides, options.threads, control)?;
    let pricing = Pricing::new(&priced, request, &kept, control)?;
    let (uncovered, points) = pricing.points()?;
    let mut assumptions = pricing.assumptions();
    if scenario.years > 1 {
        assumptions.push(format!("One year is priced, the first of the scenario's {}.", scenario.years));
    }
    Ok(PriceReport {
        scenario: scenario.name.clone(),
        contract: contract.name.clone(),
        cover: request.cover,
        rule: request.rule,
        trend: request.trend,
        assumptions,
        seed: scenario.seed,
        trials: scenario.trials,
        version: VERSION.to_owned(),
        uncovered,
        points,
    })
}

/// What is kept of each year besides what the contracts observe.
fn besides(priced: &Priced, contracts: &[Arrangement], request: &PriceRequest) -> Vec<Observation> {
    let services = priced.services();
    let mut besides = vec![Observation::PersonYears, Observation::total(services.clone())];
    for attachment in request.points.iter().filter_map(|&point| priced.attachment(point)) {
        besides.push(Observation::PeopleAbove { services: services.clone(), attachment: attachment.clone() });
        besides.extend(borne::observes(priced, &attachment));
    }
    if let Some(trend) = request.trend {
        let observed = contracts.iter().flat_map(Arrangement::observes);
        besides.extend(observed.filter_map(|observation| observation.before_growth(1.0 + trend)));
    }
    besides
}

/// Settles the next year as the first of a contract.
fn settle(contract: &Arrangement, year: &Year<'_>) -> Settled {
    contract.settle_carrying(year, &mut Carried::default())
}

/// A cover on kept years.
struct Pricing<'a> {
    priced: &'a Priced,
    request: &'a PriceRequest,
    kept: &'a KeptYears<'a>,
    control: &'a Control,
    estimates: Estimates,
    /// Member months, trial by trial.
    months: Vec<f64>,
    /// Claims expected, where the cover is a ratio to them.
    expected: Pmpm,
    /// The contract without the cover, then with it at each point, without a premium.
    contracts: Vec<Arrangement>,
    settled: Vec<KeptOutcomes>,
}

impl<'a> Pricing<'a> {
    fn new(
        priced: &'a Priced,
        request: &'a PriceRequest,
        kept: &'a KeptYears<'a>,
        control: &'a Control,
    ) -> Result<Self, PriceError> {
        let estimates = Estimates::new(kept.design());
        let uncovered = [priced.uncovered()];
        let alone = kept.settle(&uncovered, control, |_, _, year| settle(&uncovered[0], year))?;
        let observed = [Observation::PersonYears, Observation::total(priced.services())];
        let totals = kept.totals(&uncovered[0], &observed).expect("both are kept");
        let months: Vec<f64> = totals[0].iter().map(|years| 12.0 * years).collect();
        let claims = totals[1].iter().zip(&alone[0].years);
        let net: Vec<f64> = claims.map(|(total, year)| total - priced.recovered_first(year)).collect();
        let simulated = estimates.mean(&net)? / estimates.mean(&months)?;
        let expected = priced.expected().unwrap_or(Pmpm(simulated));
        let contracts = priced.beside_uncovered(&request.points, expected)?;
        let settled = kept.settle(&contracts, control, |index, _, year| settle(&contracts[index], year))?;
        Ok(Self { priced, request, kept, control, estimates, months, expected, contracts, settled })
    }

    /// What the covers are besides their points, and what was assumed.
    fn assumptions(&self) -> Vec<String> {
        self.priced.assumptions(self.expected)
    }

    /// What the cover pays at each point, trial by trial.
    fn ceded(&self, settled: &[KeptOutcomes]) -> Vec<Vec<f64>> {
        let (uncovered, covered) = settled.split_first().expect("the contract without the cover comes first");
        let of_point = |outcomes: &KeptOutcomes| {
            let years = outcomes.years.iter().zip(&uncovered.years);
            years.map(|(covered, uncovered)| self.priced.ceded(covered, uncovered)).collect()
        };
        covered.iter().map(of_point).collect()
    }

    /// The figures without the cover and at each point.
    fn points(&self) -> Result<(PricePoint, Vec<PricePoint>), PriceError> {
        let ceded = self.ceded(&self.settled);
        let tails = self.settled[1..].iter().map(|outcomes| self.priced.tail(&outcomes.tails));
        let tails: Vec<f64> = tails.collect();
        let grown = self.request.trend.map(|trend| self.grown(trend)).transpose()?;
        let borne = borne::shares(self)?;
        let above = self.people_above();
        let mut points = Vec::new();
        for (index, &attachment) in self.request.points.iter().enumerate() {
            let (ceded, tail) = (&ceded[index], tails[index]);
            let estimates = &self.estimates;
            let mut figures = [const { None }; PriceMeasure::ALL.len()];
            let mut put = |measure: PriceMeasure, figure: PriceFigure| figures[measure as usize] = figure;
            put(PriceMeasure::CededCost, Some(Ok(estimates.ceded(ceded, tail)?)));
            put(PriceMeasure::SdOfCededCost, Some(Ok(estimates.sd_of_ceded(ceded, tail)?)));
            put(PriceMeasure::PurePremium, Some(Ok(estimates.pure_premium(ceded, &self.months, tail)?)));
            put(PriceMeasure::Premium, Some(Ok(estimates.premium(ceded, &self.months, tail, self.request.rule)?)));
            if let Some(grown) = &grown {
                let trend = match grown {
                    Ok(grown) => estimates.growth(&grown[index], ceded, tail)?,
                    Err(reason) => Err(reason.clone()),
                };
                put(PriceMeasure::LeveragedTrend, Some(trend));
            }
            if let Some(above) = &above {
                put(PriceMeasure::PeopleAbove, Some(Ok(estimates.per_thousand(&above[index], &self.months)?)));
            }
            put(PriceMeasure::ProbabilityOfPayment, Some(Ok(estimates.probability(ceded, |ceded| ceded > 0.0)?)));
            put(PriceMeasure::ShareBorne, Some(borne[index].clone()));
            points.push(PricePoint { attachment: Some(attachment), figures });
        }
        let premiums =
            points.iter().map(|point| Pmpm(point.known(PriceMeasure::Premium).map_or(0.0, |premium| premium.value)));
        let premiums: Vec<Pmpm> = premiums.collect();
        let mut uncovered = PricePoint { attachment: None, figures: [const { None }; PriceMeasure::ALL.len()] };
        self.note_provider(&premiums, &mut uncovered, &mut points)?;
        Ok((uncovered, points))
    }

    /// Adds the figures of the provider, with each cover at its premium.
    fn note_provider(
        &self,
        premiums: &[Pmpm],
        uncovered: &mut PricePoint,
        points: &mut [PricePoint],
    ) -> Result<(), PriceError> {
        let (alone, covered) = self.contracts.split_first().expect("the contract without the cover comes first");
        let paid = covered.iter().zip(premiums).map(|(contract, premium)| self.priced.with_premium(contract, *premium));
        let contracts: Vec<Arrangement> = [alone.clone()].into_iter().chain(paid).collect();
        let settled = self.kept.settle(&contracts, self.control, |index, _, year| settle(&contracts[index], year))?;
        let gains = |outcomes: &KeptOutcomes| -> Vec<f64> { outcomes.years.iter().map(|year| year.gain.0).collect() };
        let without = gains(&settled[0]);
        for (outcomes, point) in settled.iter().zip([uncovered].into_iter().chain(points)) {
            let gains = gains(outcomes);
            let Tails { losses, gains: high, .. } = outcomes.tails;
            if point.attachment.is_some() {
                let change = paired_difference_by(self.kept.design(), &gains, &without);
                // A cover that pays in no trial changes the mean by what was not seen.
                let unseen = point
                    .known(PriceMeasure::CededCost)
                    .filter(|ceded| ceded.standard_error.is_infinite() && ceded.value == 0.0);
                point.figures[PriceMeasure::ChangeOfMeanGain as usize] = Some(Ok(unseen.unwrap_or(change)));
            }
            let largest = gains.iter().fold(0.0, |largest: f64, gain| largest.max(gain.abs()));
            let sample = self.estimates.sample(gains)?.with_tail_indices(losses, high);
            let level = |value| Share::new(value).expect("levels are shares");
            let measured = [
                (PriceMeasure::MeanGain, sample.mean()),
                (PriceMeasure::ProbabilityOfLoss, sample.probability(|gain| gain < 0.0)),
                (PriceMeasure::ValueAtRisk95, sample.value_at_risk(level(0.95))),
                (PriceMeasure::TailValueAtRisk95, sample.tail_value_at_risk(level(0.95))),
                (PriceMeasure::ValueAtRisk99, sample.value_at_risk(level(0.99))),
                (PriceMeasure::TailValueAtRisk99, sample.tail_value_at_risk(level(0.99))),
            ];
            for (measure, estimate) in measured {
                point.figures[measure as usize] = Some(Ok(estimates::without_rounding(estimate, largest)));
            }
        }
        Ok(())
    }

    /// What the cover pays at each point where all claims have grown, trial by trial; or why that is not known.
    fn grown(&self, trend: f64) -> Result<Result<Vec<Vec<f64>>, String>, PriceError> {
        let growth = 1.0 + trend;
        // By contract and observation, the totals after growth.
        let mut grown: Vec<Vec<Option<Vec<f64>>>> = Vec::new();
        for contract in &self.contracts {
            let mut figures = Vec::new();
            for observation in contract.observes() {
                let Some(smaller) = observation.before_growth(growth) else {
                    // The population's own limits do not grow.
                    if self.priced.depends_on_terms() {
                        let reason = "the leveraged trend: the contract counts each person's cost up to the segment's truncation point, \
                                      which does not grow";
                        return Ok(Err(reason.to_owned()));
                    }
                    figures.push(None);
                    continue;
                };
                let factor = if observation.is_dollars() { growth } else { 1.0 };
                let totals = self.kept.totals(contract, &[smaller]).expect("it is kept");
                figures.push(totals.first().map(|totals| totals.iter().map(|total| factor * total).collect()));
            }
            grown.push(figures);
        }
        let settled = self.kept.settle(&self.contracts, self.control, |index, trial, year| {
            let figures = grown[index].iter().zip(year.figures);
            let figures = figures.map(|(grown, figure)| grown.as_ref().map_or(*figure, |grown| grown[trial]));
            let figures: Vec<f64> = figures.collect();
            let own_fees = year.own_fees * growth;
            settle(&self.contracts[index], &Year { figures: &figures, own_fees, ..*year })
        })?;
        Ok(Ok(self.ceded(&settled)))
    }

    /// People above each attachment point, trial by trial; none of covers that do not look at people.
    fn people_above(&self) -> Option<Vec<Vec<f64>>> {
        let services = self.priced.services();
        let of_point = |&point: &f64| {
            let attachment = self.priced.attachment(point)?;
            Some(Observation::PeopleAbove { services: services.clone(), attachment })
        };
        let observations: Option<Vec<_>> = self.request.points.iter().map(of_point).collect();
        self.kept.totals(&self.contracts[0], &observations?)
    }
}
