//! A column of outcomes, made ready: one contract, or those that are held at once.

use std::collections::BTreeSet;

use twosided_contracts::{Arrangement, Covered, Ends, Lan, Payment, Phase, Portfolio, ServicePayment, Settle};
use twosided_population::{Plan, Segment, ServiceScope, Variant};
use twosided_units::Share;

use super::{Conduct, ReadyBooks, index_of};
use crate::{
    Job,
    groups::{EVERYONE, Groups},
};

/// A column of outcomes, made ready.
pub(crate) struct Column<'a> {
    /// Index of the books that it is settled by.
    pub(crate) books: usize,
    /// Its contracts; one unless it is a portfolio.
    pub(crate) held: Vec<Held<'a>>,
    /// Names under which investments are made.
    pub(crate) names: Vec<String>,
    /// Whether it is a portfolio.
    pub(crate) is_portfolio: bool,
    /// Of a portfolio, each program that it runs in some year, and the variant of a year with that program alone.
    pub(crate) alone: Vec<(usize, usize)>,
    /// Segments of the people whom it covers, then of those of each group of the population, in the order of their names; empty where
    /// nothing is reported of people.
    pub(crate) people: Vec<Vec<usize>>,
    conducts: Vec<Conduct>,
    /// Which of the conducts there is, `[year, in force]`: each contract that is in force has its bit set.
    which: Vec<usize>,
}

/// A contract that is held, made ready.
pub(crate) struct Held<'a> {
    /// None for one of the caller's own.
    pub(crate) contract: Option<&'a Arrangement>,
    /// The group of those whom it covers.
    pub(crate) group: usize,
    /// How many people those are; where people are assigned by visits, how many are expected.
    pub(crate) members: u64,
    /// The same before it is rounded.
    pub(crate) expected_people: f64,
    /// The sum of their risk scores that is expected for the first year.
    pub(crate) expected_scores: f64,
    /// Its phases.
    pub(crate) phases: Vec<ReadyPhase>,
    /// Bundles of the same portfolio whose payments count as its spending: the index of each, and the group of those whom both
    /// cover.
    pub(crate) counted: Vec<(usize, usize)>,
}

/// A phase of a contract, made ready.
pub(crate) struct ReadyPhase {
    /// Columns of the plan that it settles on.
    pub(crate) columns: Vec<usize>,
    pub(crate) lan: Lan,
    pub(crate) payment: Payment,
    /// For each service, what becomes of the fees.
    pub(crate) payments: Vec<ServicePayment>,
    /// For each service, the share of its fees that is given up.
    pub(crate) given_up: Vec<f64>,
    /// For each service, whether fees for the provider's own care count.
    pub(crate) own_fees: Vec<bool>,
    /// An incentive that is stated, and the services for which it holds.
    pub(crate) incentive: Option<(Share, ServiceScope)>,
    /// Indices of the programs that are run, in the order of their names.
    pub(crate) programs: Vec<usize>,
    /// Normal scores that it takes a year.
    pub(crate) draws: usize,
}

/// A way in which a contract goes on: each of its contracts that is in force has its bit set.
pub(crate) type InForce = usize;

impl<'a> Held<'a> {
    /// A contract of the job; what it settles on is added to the plan.
    pub(crate) fn of(job: &Job<'_>, contract: &'a Arrangement, plan: &mut Plan, groups: &mut Groups) -> Self {
        let phases = contract.phases().iter().map(|phase| ReadyPhase::of(job, contract, phase, plan)).collect();
        let segments = job.population.segments();
        let group = match &contract.covered {
            Covered::Everyone => EVERYONE,
            covered => groups.of(|segment| covered.includes(&segments[segment])),
        };
        Self { contract: Some(contract), phases, ..Self::covering(job, group, groups) }
    }

    /// A contract of the caller's own, with all programs, for everyone.
    pub(crate) fn own<T: Settle>(job: &Job<'_>, own: &T, plan: &mut Plan) -> Self {
        let names = job.population.service_names();
        let (payment, services) = (own.payment(), own.own_fees());
        let phase = ReadyPhase {
            columns: own.observes().into_iter().map(|observation| plan.column(observation)).collect(),
            lan: own.lan(),
            payments: names.iter().map(|name| payment.of(name)).collect(),
            payment,
            given_up: given_up(&names, own.fees_given_up()),
            own_fees: names.iter().map(|name| services.includes(name)).collect(),
            incentive: None,
            programs: by_name(job, |_| true),
            draws: 0,
        };
        let groups = Groups::new(job.population.segments());
        Self { phases: vec![phase], ..Self::covering(job, EVERYONE, &groups) }
    }

    fn covering(job: &Job<'_>, group: usize, groups: &Groups) -> Self {
        let segments = groups.members(group).iter().map(|&index| &job.population.segments()[index]);
        let assignment = job.population.assignment;
        // What social risk takes from scores is not expected by whoever sets a benchmark: the ratio shows it.
        let expected = segments.clone().map(|segment| {
            segment.people() * segment.expected_risk_score(0, assignment) / segment.social_risk.risk_score
        });
        Self {
            contract: None,
            group,
            members: segments.clone().map(|segment| segment.members).sum(),
            expected_people: segments.map(Segment::people).sum(),
            expected_scores: expected.sum(),
            phases: Vec::new(),
            counted: Vec::new(),
        }
    }

    /// The sum of risk scores that is expected of a year's people, where their number varies, and otherwise of its members.
    pub(crate) fn expected_scores_of(&self, people: Option<f64>) -> f64 {
        match people {
            Some(people) if people > 0.0 => self.expected_scores * people / self.expected_people,
            _ => self.expected_scores,
        }
    }

    /// Its phase in a year.
    pub(crate) fn phase(&self, year: u32) -> &ReadyPhase {
        &self.phases[self.phase_index(year)]
    }

    pub(super) fn phase_index(&self, year: u32) -> usize {
        if self.phases.len() == 1 { 0 } else { self.contract.map_or(0, |contract| contract.phase_index(year)) }
    }

    /// How many quality measures are reported under it.
    pub(crate) fn reported_measures(&self) -> f64 {
        self.contract.map_or(0.0, |contract| f64::from(contract.reported_measures))
    }

    /// Whether it may end before the horizon does.
    fn may_end(&self) -> bool {
        self.contract.is_some_and(|contract| contract.agreement.ends != Ends::default())
    }
}

impl ReadyPhase {
    fn of(job: &Job<'_>, contract: &Arrangement, phase: &Phase, plan: &mut Plan) -> Self {
        let names = job.population.service_names();
        let (payment, own_fees) = (phase.payment(), phase.own_fees());
        Self {
            columns: phase.columns(plan),
            lan: phase.lan,
            payments: names.iter().map(|name| payment.of(name)).collect(),
            payment,
            given_up: given_up(&names, phase.fees_given_up()),
            own_fees: names.iter().map(|name| own_fees.includes(name)).collect(),
            incentive: contract.incentive.map(|share| (share, phase.services())),
            programs: by_name(job, |program| contract.runs(program, phase)),
            draws: phase.terms.as_settle().draws(),
        }
    }
}

impl<'a> Column<'a> {
    pub(crate) fn new(
        job: &Job<'_>,
        (index, books): (usize, &ReadyBooks<'_>),
        mut held: Vec<Held<'a>>,
        portfolio: Option<&Portfolio>,
        groups: &mut Groups,
        variants: &mut Vec<Variant>,
    ) -> Self {
        if portfolio.is_some_and(|portfolio| portfolio.bundles_count) {
            note_counted(&mut held, groups);
        }
        let names = held.iter().filter_map(|held| held.contract).map(|contract| contract.name.clone()).collect();
        let mut column = Self {
            books: index,
            names,
            is_portfolio: portfolio.is_some(),
            alone: Vec::new(),
            people: people(job, &held, groups),
            conducts: Vec::new(),
            which: Vec::new(),
            held,
        };
        let lasting: InForce =
            (0..column.held.len()).filter(|&held| !column.held[held].may_end()).map(|held| 1 << held).sum();
        let mut known: Vec<(Vec<Option<usize>>, usize)> = Vec::new();
        for year in 0..job.years {
            for in_force in 0..1 << column.held.len() {
                // Contracts that never end are always in force.
                if in_force & lasting != lasting || in_force == 0 {
                    column.which.push(usize::MAX);
                    continue;
                }
                let is_in_force = |held: usize| in_force & 1 << held != 0;
                let phases = column.held.iter().enumerate();
                let phases: Vec<Option<usize>> =
                    phases.map(|(index, held)| is_in_force(index).then(|| held.phase_index(year))).collect();
                let conduct = known.iter().find(|(of, _)| *of == phases).map(|&(_, conduct)| conduct);
                let conduct = conduct.unwrap_or_else(|| {
                    column.conducts.push(Conduct::new(job, books, &column.held, &phases, groups, variants));
                    known.push((phases, column.conducts.len() - 1));
                    column.conducts.len() - 1
                });
                column.which.push(conduct);
            }
        }
        if column.is_portfolio {
            column.note_programs(books, variants);
        }
        column
    }

    /// Notes the variants of a year in which each program is run alone, by which its effect stands apart from those of others.
    fn note_programs(&mut self, books: &ReadyBooks<'_>, variants: &mut Vec<Variant>) {
        let run = self.conducts.iter().flat_map(|conduct| &conduct.programs).map(|program| program.index);
        let programs: BTreeSet<usize> = run.collect();
        for program in programs {
            let alone = Variant { programs: vec![program], ..variants[books.reference].clone() };
            self.alone.push((program, index_of(variants, alone)));
        }
    }

    /// How the practice acts in a year with some of its contracts in force.
    pub(crate) fn conduct(&self, year: u32, in_force: InForce) -> &Conduct {
        &self.conducts[self.which[(year as usize) << self.held.len() | in_force]]
    }

    /// All contracts in force.
    pub(crate) fn all_in_force(&self) -> InForce {
        (1 << self.held.len()) - 1
    }
}

/// Segments of all who are covered, then of those of each group of the population.
fn people(job: &Job<'_>, held: &[Held<'_>], groups: &Groups) -> Vec<Vec<usize>> {
    let population = job.population;
    if population.measures.is_empty() && population.groups.is_empty() {
        return Vec::new();
    }
    let covers = |segment: &usize| held.iter().any(|held| groups.members(held.group).contains(segment));
    let covered: Vec<usize> = groups.members(EVERYONE).iter().copied().filter(covers).collect();
    let of_groups = population.groups.iter().map(|group| {
        let segments = covered.iter().copied();
        segments.filter(|&segment| group.includes(&population.segments()[segment])).collect()
    });
    let of_groups: Vec<Vec<usize>> = of_groups.collect();
    std::iter::once(covered.clone()).chain(of_groups).collect()
}

/// Notes which contracts count what bundles pay or take as their spending.
fn note_counted(held: &mut [Held<'_>], groups: &mut Groups) {
    let bundles: Vec<(usize, usize)> = held
        .iter()
        .enumerate()
        .filter(|(_, held)| held.contract.is_some_and(|contract| contract.first().is_of_episodes()))
        .map(|(index, held)| (index, held.group))
        .collect();
    for held in held.iter_mut().filter(|held| held.contract.is_some_and(|contract| contract.first().compares())) {
        for &(bundle, group) in &bundles {
            let both =
                |segment: usize| [group, held.group].iter().all(|&group| groups.members(group).contains(&segment));
            let members: Vec<usize> =
                groups.members(EVERYONE).iter().copied().filter(|&segment| both(segment)).collect();
            if !members.is_empty() {
                held.counted.push((bundle, groups.of(|segment| members.contains(&segment))));
            }
        }
    }
}

/// For each service, the share of its fees that is given up.
fn given_up(names: &BTreeSet<&str>, given_up: Option<(ServiceScope, Share)>) -> Vec<f64> {
    let Some((services, share)) = given_up else { return vec![0.0; names.len()] };
    names.iter().map(|name| if services.includes(name) { share.value() } else { 0.0 }).collect()
}

/// Indices of the programs that are run, in the order of their names.
fn by_name(job: &Job<'_>, is_run: impl Fn(&str) -> bool) -> Vec<usize> {
    let programs = &job.population.programs;
    let mut run: Vec<usize> = (0..programs.len()).filter(|&index| is_run(&programs[index].name)).collect();
    run.sort_by(|&a, &b| programs[a].name.cmp(&programs[b].name));
    run
}
