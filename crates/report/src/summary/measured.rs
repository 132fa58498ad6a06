//! Outcomes, measured.

use std::sync::Arc;

use ndarray::Axis;
use toml_edit::{ArrayOfTables, DocumentMut, Item};
use twosided_contracts::{Arrangement, Phase};
use twosided_prob::{Design, Estimate, Margin, Sample, SampleError, paired_difference_by};
use twosided_provider::Line;
use twosided_scenario::Scenario;
use twosided_sim::{Keep, Moments, Outcomes, Simulated};
use twosided_units::Share;

use super::{
    attribution,
    capital::CapitalSummary,
    figure::method,
    forecast::ForecastSummary,
    owed::Owed,
    people, pools, population, practice,
    ranking::{Ranking, RiskFigures},
    relief::CoverRelief,
    return_on_risk::{RepaymentMechanism, ReturnOnRisk},
    surplus::SurplusSummary,
};
use crate::{
    Assumption, CashSummary, ContractSummary, Difference, Expected, Figure, Mean, Period, Provenance, RiskMeasure,
    SCHEMA_VERSION, ScoreFrom, Summary, Unit, Warning, YearSummary, no_source::unsourced,
};

impl Summary {
    /// Measures what a simulation of the scenario came to.
    ///
    /// # Errors
    /// [`SampleError`] for fewer than two trials or an outcome that is not finite.
    pub fn new(scenario: &Scenario, simulated: &Simulated, provenance: Provenance) -> Result<Self, SampleError> {
        let document: Option<DocumentMut> = scenario.text.parse().ok();
        let order = by_continuum(scenario);
        let gains: Vec<Vec<f64>> = order.iter().map(|&index| simulated.outcomes.gains_of(index).to_vec()).collect();
        let measured = order
            .iter()
            .zip(&gains)
            .map(|(&index, gains)| contract(scenario, simulated, document.as_ref(), index, gains));
        let measured: Vec<(ContractSummary, RiskFigures<'_>)> = measured.collect::<Result<_, _>>()?;
        let (contracts, figures): (Vec<_>, Vec<_>) = measured.into_iter().unzip();
        let period = Period { years: scenario.years };
        let found = |figure: Figure| figure.found_by(method(&simulated.design));
        let ranking = Ranking::new(&simulated.design, &contracts, &figures, found, period);
        let pairs = (0..contracts.len()).flat_map(|of| (0..of).map(move |less| (of, less)));
        let differences = pairs.map(|(of, less)| Difference {
            contract: contracts[of].name.clone(),
            less: contracts[less].name.clone(),
            mean_gain: Figure::new(period.unit(), paired_difference_by(&simulated.design, &gains[of], &gains[less]))
                .found_by(method(&simulated.design)),
        });
        let differences = differences.collect();
        let reliefs = order
            .iter()
            .zip(contracts.iter().zip(&gains))
            .map(|(&index, (contract, gains))| CoverRelief::by_lines(scenario, simulated, index, contract, gains));
        let cover_relief = reliefs.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let columns: Vec<(usize, &ContractSummary)> = order.iter().copied().zip(&contracts).collect();
        let capital = scenario.capital.as_ref();
        let capital = capital.map(|capital| CapitalSummary::new(scenario, capital, simulated, &columns, found));
        let surplus = scenario.surplus.as_ref();
        let surplus = surplus.map(|surplus| SurplusSummary::new(scenario, surplus, simulated, &columns, found));
        let (capital, surplus) = (capital.transpose()?, surplus.transpose()?.flatten());
        let expected = Expected::new(scenario, &simulated.observed);
        let mut warnings = scenario.warnings.clone();
        expected.note(&mut warnings);
        let warnings = warnings
            .messages()
            .map(|(message, reason)| Warning { message: message.to_owned(), reason: reason.to_owned() });
        let given =
            scenario.sources.iter().map(|note| Assumption { path: note.path.clone(), source: Some(note.text.clone()) });
        let missing = unsourced(&scenario.text).into_iter().map(|path| Assumption { path, source: None });
        Ok(Self {
            schema_version: SCHEMA_VERSION,
            provenance,
            people: scenario.population.members(),
            contracts,
            differences,
            ranking,
            practice: practice::practices(scenario, simulated)?,
            ledgers: practice::ledgers(scenario, simulated)?,
            people_by_group: people::by_group(scenario, simulated)?,
            population: population::figures(scenario, &simulated.observed),
            attribution: attribution::segments(scenario, &simulated.observed),
            pools: pools::layers(scenario, &simulated.observed),
            expected,
            cover_relief,
            sensitivity: None,
            capital,
            surplus,
            forecast: ForecastSummary::new(scenario, simulated, found)?,
            replayed_year: scenario.replay.map(|replay| replay.year),
            warnings: warnings.collect(),
            assumptions: given.chain(missing).collect(),
        })
    }
}

/// Indices of the scenario's contracts by their category, then in the order of the file.
fn by_continuum(scenario: &Scenario) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scenario.contracts.len()).collect();
    order.sort_by_key(|&contract| scenario.contracts[contract].first().lan);
    order
}

/// One contract of the scenario, whose gains are given in the order of the trials, and the figures by which it is ranked.
fn contract<'a>(
    scenario: &Scenario,
    simulated: &Simulated,
    document: Option<&DocumentMut>,
    index: usize,
    trials: &'a [f64],
) -> Result<(ContractSummary, RiskFigures<'a>), SampleError> {
    let Simulated { outcomes, observed, design } = simulated;
    let contract = &scenario.contracts[index];
    let figure = |unit: Unit, estimate: Estimate| Figure::new(unit, estimate).found_by(method(design));
    let period = Period { years: scenario.years };
    let tails = observed.tails[index];
    let gains = Sample::drawn_by(design, trials.to_vec())?.with_tail_indices(tails.losses, tails.gains);
    let margin = margin(simulated, index)?;
    let measures = RiskMeasure::ALL.into_iter().map(|measure| {
        let estimate = measure.of(&gains, &margin);
        figure(period.unit_of(measure), estimate).within(measure.wide_interval(&gains))
    });
    let mean_lines = Line::ALL.into_iter().map(|line| {
        let mean = mean_line(simulated, index, line)?;
        Ok::<_, SampleError>(figure(period.unit(), mean))
    });
    let years_in_force = Sample::drawn_by(design, outcomes.in_force.column(index).mapv(f64::from).to_vec())?;
    let ends_early = years_in_force.probability(|years| years < outcomes.years() as f64);
    let mut summary = ContractSummary {
        name: contract.name.clone(),
        lan: contract.first().lan.code().to_owned(),
        kind: contract.summary(),
        unconfirmed: unconfirmed(contract),
        quality_score: quality_score(contract),
        is_reference: contract.is_fee_for_service_alone(),
        terms: terms_as_written(scenario, document, index),
        measures: measures.collect(),
        return_on_risk: None,
        owed: None,
        margin: practice::margin(scenario, simulated, index)?,
        mean_lines: mean_lines.collect::<Result<_, _>>()?,
        cash: CashSummary::new(scenario, simulated, index)?,
        years: years(simulated, index)?,
        probability_ever_behind: figure(Unit::Probability, ever_behind(outcomes, design, index)?),
        probability_of_early_end: figure(Unit::Probability, ends_early),
    };
    let figures = RiskFigures::new(trials, &gains);
    let is_certain = summary.is_certain();
    let figures = if is_certain { figures.certain(|measure| summary.measure(measure).value) } else { figures };
    if !summary.is_reference {
        let repayment = RepaymentMechanism::new(scenario, observed, index, &summary);
        let found = |figure: Figure| figure.found_by(method(design));
        summary.owed = Some(Owed::new(scenario, simulated, index, found)?);
        summary.return_on_risk = Some(ReturnOnRisk::new(design, &figures, found, repayment));
    }
    Ok((summary, figures))
}

/// The margin over the horizon; by its moments where lines are not kept.
fn margin(Simulated { outcomes, observed, design }: &Simulated, contract: usize) -> Result<Margin, SampleError> {
    let tail = observed.tails[contract].margin;
    if outcomes.keep < Keep::Lines {
        let mean = of_moments(observed.margins[contract], tail);
        return Ok(Margin { mean, largest: mean.value.abs() });
    }
    let margins = Sample::drawn_by(design, outcomes.margins_of(contract))?.with_tail_indices(tail, tail);
    Ok(Margin::of(&margins))
}

/// The mean of a line over the horizon; by its moments where lines are not kept.
fn mean_line(
    Simulated { outcomes, observed, design }: &Simulated,
    contract: usize,
    line: Line,
) -> Result<Estimate, SampleError> {
    let tail = observed.tails[contract].lines[line as usize];
    if outcomes.keep < Keep::Lines {
        return Ok(of_moments(observed.lines[(contract, line as usize)], tail));
    }
    Ok(Sample::drawn_by(design, outcomes.line_of(contract, line))?.with_tail_indices(tail, tail).mean())
}

fn of_moments(moments: Moments, tail: f64) -> Estimate {
    Estimate::of_mean(moments.count(), moments.mean(), moments.sd(), tail)
}

fn years(simulated: &Simulated, contract: usize) -> Result<Vec<YearSummary>, SampleError> {
    let Simulated { outcomes, observed, design } = simulated;
    let figure = |unit: Unit, estimate: Estimate| Figure::new(unit, estimate).found_by(method(design));
    let gains = outcomes.yearly.index_axis(Axis(2), contract);
    let cumulative = outcomes.cumulative_of(contract);
    let tails = observed.tails[contract];
    let years = (0..outcomes.years()).map(|year| {
        let gain = Sample::drawn_by(design, gains.column(year).to_vec())?.with_tail_indices(tails.losses, tails.gains);
        let cumulative = Sample::drawn_by(design, cumulative.iter().map(|years| years[year]).collect())?
            .with_tail_indices(tails.losses, tails.gains);
        let quantile = |level| {
            let level = Share::new(level).expect("levels are shares");
            figure(Unit::UsdSinceTheStart, cumulative.quantile(level)).within(cumulative.wide_interval(level))
        };
        let in_force = outcomes.in_force.column(contract).iter().filter(|&&years| years as usize > year).count();
        let [benchmark, expenditure] =
            [&observed.benchmarks, &observed.expenditures].map(|moments| moments[(year, contract)]);
        let compares = benchmark.count() >= 2.0;
        let mean = |moments: Moments| compares.then(|| Mean::of(Unit::UsdAPersonYear, moments, 1.0));
        Ok(YearSummary {
            year: year as u32 + 1,
            mean_gain: figure(Unit::UsdAYear, gain.mean()),
            probability_of_loss: figure(Unit::Probability, gain.probability(|gain| gain < 0.0)),
            cumulative_mean_gain: figure(Unit::UsdSinceTheStart, cumulative.mean()),
            cumulative_gain_quantile_05: quantile(0.05),
            cumulative_gain_quantile_95: quantile(0.95),
            in_force: in_force as f64 / outcomes.trials() as f64,
            benchmark: mean(benchmark),
            expenditure: mean(expenditure),
        })
    });
    years.collect()
}

fn ever_behind(outcomes: &Outcomes, design: &Arc<Design>, contract: usize) -> Result<Estimate, SampleError> {
    let lowest = outcomes.cumulative_of(contract).into_iter().map(|years| years.into_iter().fold(0.0, f64::min));
    Ok(Sample::drawn_by(design, lowest.collect())?.probability(|lowest| lowest < 0.0))
}

/// Where the scores of a contract, or of those that are held at once, are from: sampled, if any is.
fn quality_score(contract: &Arrangement) -> Option<ScoreFrom> {
    let phases = || contract.held().iter().flat_map(Arrangement::phases);
    let is_sampled = phases().any(Phase::is_score_sampled);
    phases().any(Phase::takes_score).then_some(if is_sampled { ScoreFrom::Sampled } else { ScoreFrom::Given })
}

/// Keys of unconfirmed rules of a contract, or of those that are held at once.
fn unconfirmed(contract: &Arrangement) -> Vec<String> {
    let keys = contract.held().iter().flat_map(|held| held.first().terms.unconfirmed());
    let mut keys: Vec<String> = keys.map(str::to_owned).collect();
    keys.dedup();
    keys
}

/// The lines of a contract or a portfolio in the scenario's text.
fn terms_as_written(scenario: &Scenario, document: Option<&DocumentMut>, index: usize) -> String {
    let portfolios = scenario.contracts.iter().take(index).filter(|contract| contract.portfolio.is_some()).count();
    let is_portfolio = scenario.contracts[index].portfolio.is_some();
    let (block, index) = if is_portfolio { ("portfolios", portfolios) } else { ("contracts", index) };
    let contract = document.and_then(|document| match document.get(block)? {
        Item::ArrayOfTables(tables) => tables.get(index).map(|table| {
            // A table alone in its document prints as the file has it.
            let mut alone = DocumentMut::new();
            let mut contracts = ArrayOfTables::new();
            contracts.push(table.clone());
            alone.insert(block, Item::ArrayOfTables(contracts));
            alone.to_string()
        }),
        Item::Value(array) => array.as_array()?.get(index).map(ToString::to_string),
        Item::None | Item::Table(_) => None,
    });
    contract.unwrap_or_default().trim().to_owned()
}
