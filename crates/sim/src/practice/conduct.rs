//! How a practice acts with some of its contracts in force: programs, volume, and what becomes of fees.

use twosided_contracts::{Payment, ServicePayment};
use twosided_population::{ServiceScope, Variant, Volume};
use twosided_provider::Provider;
use twosided_units::{Dollars, Pmpm, Share};

use super::{Cell, Held, ReadyBooks, column::ReadyPhase, index_of};
use crate::{
    Job,
    groups::{EVERYONE, Groups},
};

/// How a practice acts.
pub(crate) struct Conduct {
    /// The variant of the year.
    pub(crate) variant: usize,
    /// The programs that are run, each once, whatever contracts run it.
    pub(crate) programs: Vec<ProgramRun>,
    /// Everyone, by payer and by the contracts that cover them.
    pub(crate) cells: Vec<Cell>,
    /// For each cell, which contracts in force cover it.
    pub(crate) covered_by: Vec<Vec<usize>>,
    /// For each contract, the cells whose fees for the provider's own care it counts: their group, and by service the revenue of a
    /// dollar of expenditure.
    own_fees: Vec<Vec<(usize, Vec<f64>)>>,
}

/// A program that is run.
pub(crate) struct ProgramRun {
    /// Its index in the population.
    pub(crate) index: usize,
    /// What it costs per member.
    pub(crate) cost: Pmpm,
    /// The segments whose members it reaches in the order of their names, so that the order of a file changes no bit of their sum.
    pub(crate) segments: Vec<usize>,
}

impl Conduct {
    /// With the contracts in force that have a phase.
    pub(super) fn new(
        job: &Job<'_>,
        books: &ReadyBooks<'_>,
        held: &[Held<'_>],
        phases: &[Option<usize>],
        groups: &mut Groups,
        variants: &mut Vec<Variant>,
    ) -> Self {
        let in_force = || {
            held.iter()
                .zip(phases)
                .enumerate()
                .filter_map(|(index, (held, phase))| Some((index, held, &held.phases[(*phase)?])))
        };
        let mut programs: Vec<usize> = in_force().flat_map(|(.., phase)| phase.programs.iter().copied()).collect();
        programs.sort_by(|&a, &b| job.population.programs[a].name.cmp(&job.population.programs[b].name));
        programs.dedup();
        let mut volume: Vec<Volume> = Vec::new();
        for (_, held, phase) in in_force() {
            let covered = (held.group != EVERYONE).then(|| {
                let segments = groups.members(held.group).iter();
                segments.map(|&segment| job.population.segments()[segment].name.clone()).collect()
            });
            for factor in self::volume(books.provider, &phase.payment, phase.incentive.as_ref(), covered) {
                // How volume answers to fees alone is the same under all.
                if !volume.contains(&factor) {
                    volume.push(factor);
                }
            }
        }
        let variant = index_of(variants, Variant { programs: programs.clone(), volume });
        let (cells, covered_by) = cells(job, books, held, phases, groups);
        let all = held;
        let own_fees = held.iter().zip(phases).enumerate().map(|(index, (held, phase))| {
            let Some(phase) = *phase else { return Vec::new() };
            let ReadyPhase { own_fees: counts, given_up: gives_up, .. } = &held.phases[phase];
            let covered = cells.iter().zip(&covered_by).filter(|(_, by)| by.contains(&index));
            let of_cell = |(cell, by): (&Cell, &Vec<usize>)| {
                let others = by.iter().filter(|&&other| other != index);
                let others = others.filter_map(|&other| Some(&all[other].phases[phases[other]?].given_up[..]));
                let others: Vec<&[f64]> = others.collect();
                let services = books.services.iter().enumerate().map(|(service, &(_, own_share, _))| {
                    if !counts[service] {
                        return 0.0;
                    }
                    let revenue = books.payers[cell.payer].revenue(Dollars(own_share.value())).0;
                    // What others take the place of is not paid; each of those that give up a part counts the whole.
                    let paid: f64 = others.iter().map(|given_up| 1.0 - given_up[service]).product();
                    if gives_up[service] > 0.0 { revenue } else { revenue * paid }
                });
                (cell.group, services.collect())
            };
            covered.map(of_cell).collect()
        });
        let own_fees = own_fees.collect();
        let programs = programs.into_iter().map(|index| reached(job, index)).collect();
        Self { variant, programs, cells, covered_by, own_fees }
    }

    /// Whether it is the conduct of the data, and no program is paid for.
    pub(crate) fn is_as_sampled(&self) -> bool {
        self.variant == 0 && self.programs.is_empty()
    }

    /// Fees for the provider's own care that a contract counts.
    pub(crate) fn own_fees<'t>(
        &self,
        held: usize,
        books: &ReadyBooks<'_>,
        totals: impl Fn(usize) -> &'t [f64],
    ) -> Dollars {
        let cells = self.own_fees[held].iter().map(|(group, fees)| {
            let totals = totals(*group);
            books.services.iter().zip(fees).map(|(&(column, ..), fees)| totals[column] * fees).sum::<f64>()
        });
        Dollars(cells.sum())
    }
}

/// Everyone by payer and by the contracts in force that cover them, in the order of the first name of each.
fn cells(
    job: &Job<'_>,
    books: &ReadyBooks<'_>,
    held: &[Held<'_>],
    phases: &[Option<usize>],
    groups: &mut Groups,
) -> (Vec<Cell>, Vec<Vec<usize>>) {
    let covering = |segment: usize, groups: &Groups| -> Vec<usize> {
        let covers = |&index: &usize| phases[index].is_some() && groups.members(held[index].group).contains(&segment);
        (0..held.len()).filter(covers).collect()
    };
    let mut kinds: Vec<(usize, Vec<usize>, Vec<usize>)> = Vec::new();
    for &segment in groups.members(EVERYONE) {
        let (payer, by) = (books.payer_of(job, segment), covering(segment, groups));
        match kinds.iter_mut().find(|(of, covered_by, _)| *of == payer && *covered_by == by) {
            Some((.., segments)) => segments.push(segment),
            None => kinds.push((payer, by, vec![segment])),
        }
    }
    let cells = kinds.into_iter().map(|(payer, by, segments)| {
        let payments = (0..books.services.len()).map(|service| {
            let of_contracts = by.iter().filter_map(|&index| {
                let phase = phases[index]?;
                Some(held[index].phases[phase].payments[service])
            });
            // At most one of them takes the place of the fees for a service.
            of_contracts.into_iter().find(|&payment| payment != ServicePayment::Fees).unwrap_or(ServicePayment::Fees)
        });
        let payments = payments.collect();
        (Cell { group: groups.of(|segment| segments.contains(&segment)), payer, payments }, by)
    });
    cells.unzip()
}

/// A program that is run, with the segments that it reaches.
fn reached(job: &Job<'_>, index: usize) -> ProgramRun {
    let program = &job.population.programs[index];
    let segments = job.population.segments();
    let mut reached: Vec<usize> =
        (0..segments.len()).filter(|&segment| program.reaches(segments[segment].segment_name())).collect();
    reached.sort_by(|&a, &b| segments[a].name.cmp(&segments[b].name));
    ProgramRun { index, cost: program.cost, segments: reached }
}

/// How volume responds to a contract. An incentive that the contract states holds for its services; otherwise there is none where
/// fees are given up, and the full one of fee-for-service elsewhere. It holds for those whom the contract covers: some segments, or
/// everyone.
pub(super) fn volume(
    provider: &Provider,
    payment: &Payment,
    stated: Option<&(Share, ServiceScope)>,
    covered: Option<Vec<String>>,
) -> Vec<Volume> {
    let Some(response) = &provider.response else { return Vec::new() };
    let fee_for_service = response.volume(Share::ONE);
    let given_up = match (stated, payment) {
        (Some((incentive, services)), _) => Some((services.clone(), *incentive)),
        (None, Payment::InPlaceOfFees(services) | Payment::AtRisk(services)) => Some((services.clone(), Share::ZERO)),
        (None, Payment::Fees) => None,
    };
    // A factor on all services that respond, and one more on those of them that are paid otherwise.
    let base = Volume { services: response.services.clone(), segments: None, factor: fee_for_service };
    let other = given_up.and_then(|(services, incentive)| {
        let services = intersection(&services, &response.services)?;
        Some(Volume { services, segments: covered, factor: response.volume(incentive) / fee_for_service })
    });
    [base].into_iter().chain(other).filter(|volume| volume.factor != 1.0).collect()
}

/// The services that two scopes have in common, if any.
fn intersection(one: &ServiceScope, other: &ServiceScope) -> Option<ServiceScope> {
    match (one, other) {
        (ServiceScope::All, scope) | (scope, ServiceScope::All) => Some(scope.clone()),
        (ServiceScope::Only(names), other) => {
            let both: Vec<String> = names.iter().filter(|name| other.includes(name)).cloned().collect();
            (!both.is_empty()).then(|| ServiceScope::only(both))
        }
    }
}
