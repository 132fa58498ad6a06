//! Phases of contracts, made ready: what they settle on, what becomes of fees, and how the provider acts under them.

use twosided_contracts::{Arrangement, Payment, ServicePayment, Settle, Settled};
use twosided_population::{Observation, Plan, ServiceScope, Variant};
use twosided_provider::{Lines, ProgramYear, Provider, ServiceYear};
use twosided_units::{Dollars, MemberMonths, Pmpm, Share};

use crate::Job;

/// A phase of a contract, made ready.
pub(crate) struct ReadyPhase {
    /// Columns of what it settles on.
    pub(crate) columns: Vec<usize>,
    /// For each service, what becomes of the fees.
    payments: Vec<ServicePayment>,
    /// For each service, the share of its expenditure that counts as fees for the provider's own care.
    own_fees: Vec<f64>,
    /// The variant of the year that it is settled on.
    pub(crate) variant: usize,
    /// Its programs: the cost of each, and the segments that it reaches.
    programs: Vec<(Pmpm, Vec<usize>)>,
}

impl ReadyPhase {
    /// Whether it is settled on the year of the data, and no program is paid for.
    pub(crate) fn is_as_sampled(&self) -> bool {
        self.variant == 0 && self.programs.is_empty()
    }
}

/// All phases of a job's contracts, made ready.
pub(crate) struct Phases<'a> {
    contracts: Vec<ReadyContract<'a>>,
    variants: Vec<Variant>,
    /// The books of the job, its own first.
    books: Vec<ReadyBooks<'a>>,
}

/// A contract, made ready.
struct ReadyContract<'a> {
    /// None for one of the caller's own, which has one phase.
    contract: Option<&'a Arrangement>,
    /// Index of the books that it is settled by.
    books: usize,
    phases: Vec<ReadyPhase>,
}

/// A provider's books, made ready.
struct ReadyBooks<'a> {
    provider: &'a Provider,
    /// The variant of fee-for-service alone.
    reference: usize,
    /// For each service: the column of its expenditure and the provider's shares.
    services: Vec<(usize, Share, Share)>,
}

/// A year as the provider's books see it.
pub(crate) struct BooksYear<'a, Months> {
    /// Totals of the plan's observations.
    pub(crate) totals: &'a [f64],
    /// Months that members are enrolled, by segment.
    pub(crate) months: Months,
    /// Prices of the year over those of the first.
    pub(crate) price_index: f64,
}

/// What a contract settles on, and how the provider acts under it.
struct Conduct {
    /// Columns of what it settles on.
    columns: Vec<usize>,
    payment: Payment,
    /// The services whose fees for the provider's own care it counts.
    own_fees: ServiceScope,
    /// An incentive that it states, and the services for which it holds.
    incentive: Option<(Share, ServiceScope)>,
    /// Indices of the programs that are run under it.
    programs: Vec<usize>,
}

impl<'a> Phases<'a> {
    /// Makes the phases ready, and adds what they settle on to the plan.
    pub(crate) fn new(job: &Job<'a>, plan: &mut Plan) -> Self {
        let names = job.population.service_names();
        let mut phases = Self { contracts: Vec::new(), variants: vec![Variant::default()], books: Vec::new() };
        for (index, books) in job.books().enumerate() {
            let provider = books.provider;
            let services = names.iter().map(|&name| {
                let (own_share, variable_cost_share) = provider.shares(name);
                (plan.column(Observation::Expenditure { service: name.to_owned() }), own_share, variable_cost_share)
            });
            let services = services.collect();
            let under_fees = volume(provider, &Payment::Fees, None);
            let reference = phases.variant(Variant { programs: Vec::new(), volume: under_fees });
            phases.books.push(ReadyBooks { provider, reference, services });
            for contract in books.contracts {
                let mut ready = Vec::with_capacity(contract.phases().len());
                for phase in contract.phases() {
                    let conduct = Conduct {
                        columns: phase.columns(plan),
                        payment: phase.payment(),
                        own_fees: phase.own_fees(),
                        incentive: contract.incentive.map(|share| (share, phase.services())),
                        programs: by_name(job, |program| contract.runs(program, phase)),
                    };
                    ready.push(phases.made_ready(job, index, conduct));
                }
                phases.contracts.push(ReadyContract { contract: Some(contract), books: index, phases: ready });
            }
        }
        phases
    }

    /// Adds a contract of the caller's own after those of the job, with all programs.
    pub(crate) fn add_own<T: Settle>(&mut self, job: &Job<'_>, plan: &mut Plan, own: &T) {
        let conduct = Conduct {
            columns: own.observes().into_iter().map(|observation| plan.column(observation)).collect(),
            payment: own.payment(),
            own_fees: own.own_fees(),
            incentive: None,
            programs: by_name(job, |_| true),
        };
        let ready = self.made_ready(job, 0, conduct);
        self.contracts.push(ReadyContract { contract: None, books: 0, phases: vec![ready] });
    }

    fn made_ready(&mut self, job: &Job<'_>, books: usize, conduct: Conduct) -> ReadyPhase {
        let Conduct { columns, payment, own_fees, incentive, programs } = conduct;
        let names = job.population.service_names();
        let ReadyBooks { provider, ref services, .. } = self.books[books];
        let fees = |(name, &(_, own_share, _)): (&&str, &(usize, Share, Share))| {
            let counts = own_fees.includes(name);
            if counts { provider.fees.revenue(Dollars(own_share.value())).0 } else { 0.0 }
        };
        let volume = volume(provider, &payment, incentive);
        ReadyPhase {
            columns,
            payments: names.iter().map(|name| payment.of(name)).collect(),
            own_fees: names.iter().zip(services).map(fees).collect(),
            programs: programs.iter().map(|&index| reached(job, index)).collect(),
            variant: self.variant(Variant { programs, volume }),
        }
    }

    /// The index of a variant, added if it is new.
    fn variant(&mut self, variant: Variant) -> usize {
        self.variants.iter().position(|known| *known == variant).unwrap_or_else(|| {
            self.variants.push(variant);
            self.variants.len() - 1
        })
    }

    /// The variants of a year that contracts are settled on, the one of the data first.
    pub(crate) fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// How many contracts there are.
    pub(crate) fn contracts(&self) -> usize {
        self.contracts.len()
    }

    /// How many books there are.
    pub(crate) fn books(&self) -> usize {
        self.books.len()
    }

    /// Index of the books by which a contract is settled.
    pub(crate) fn books_of(&self, contract: usize) -> usize {
        self.contracts[contract].books
    }

    /// The contract as signed; there is none for one of the caller's own.
    pub(crate) fn contract(&self, contract: usize) -> Option<&'a Arrangement> {
        self.contracts[contract].contract
    }

    /// The variant of fee-for-service alone by some books.
    pub(crate) fn reference(&self, books: usize) -> usize {
        self.books[books].reference
    }

    /// A contract's phase in a year.
    pub(crate) fn of(&self, contract: usize, year: u32) -> &ReadyPhase {
        let ReadyContract { contract, phases, .. } = &self.contracts[contract];
        &phases[contract.map_or(0, |contract| contract.phase_index(year))]
    }

    /// Fees for the provider's own care that count under a phase.
    pub(crate) fn own_fees(&self, books: usize, phase: &ReadyPhase, totals: &[f64]) -> Dollars {
        let services = self.books[books].services.iter().zip(&phase.own_fees);
        Dollars(services.map(|(&(column, ..), fees)| totals[column] * fees).sum())
    }

    /// The provider's books of a year; without a phase, under fee-for-service alone.
    pub(crate) fn lines<Months: Fn(usize) -> MemberMonths>(
        &self,
        books: usize,
        settled: &Settled,
        year: &BooksYear<'_, Months>,
        phase: Option<&ReadyPhase>,
    ) -> Lines {
        let ReadyBooks { provider, services, .. } = &self.books[books];
        let services =
            services.iter().enumerate().map(|(index, &(column, own_share, variable_cost_share))| ServiceYear {
                expenditure: Dollars(year.totals[column]),
                own_share,
                variable_cost_share,
                payment: phase.map_or(ServicePayment::Fees, |phase| phase.payments[index]),
            });
        let programs = phase.into_iter().flat_map(|phase| &phase.programs).map(|(cost, segments)| ProgramYear {
            cost: *cost,
            exposure: segments.iter().map(|&segment| (year.months)(segment)).sum(),
        });
        provider.lines(settled, services, programs, year.price_index)
    }
}

/// Indices of the programs that are run, in the order of their names.
fn by_name(job: &Job<'_>, is_run: impl Fn(&str) -> bool) -> Vec<usize> {
    let programs = &job.population.programs;
    let mut run: Vec<usize> = (0..programs.len()).filter(|&index| is_run(&programs[index].name)).collect();
    run.sort_by(|&a, &b| programs[a].name.cmp(&programs[b].name));
    run
}

/// What a program costs per member, and the segments whose members it reaches in the order of their names, so that the
/// order of a file changes no bit of their sum.
fn reached(job: &Job<'_>, index: usize) -> (Pmpm, Vec<usize>) {
    let program = &job.population.programs[index];
    let segments = job.population.segments();
    let mut reached: Vec<usize> =
        (0..segments.len()).filter(|&segment| program.reaches(segments[segment].segment_name())).collect();
    reached.sort_by(|&a, &b| segments[a].name.cmp(&segments[b].name));
    (program.cost, reached)
}

/// How volume responds to a contract. An incentive that the contract states holds for its services; otherwise there is none where
/// fees are given up, and the full one of fee-for-service elsewhere.
fn volume(provider: &Provider, payment: &Payment, stated: Option<(Share, ServiceScope)>) -> Vec<(ServiceScope, f64)> {
    let Some(response) = &provider.response else { return Vec::new() };
    let fee_for_service = response.volume(Share::ONE);
    let given_up = match (stated, payment) {
        (Some((incentive, services)), _) => Some((services, incentive)),
        (None, Payment::InPlaceOfFees(services) | Payment::AtRisk(services)) => Some((services.clone(), Share::ZERO)),
        (None, Payment::Fees) => None,
    };
    // A factor on all services that respond, and one more on those of them that are paid otherwise.
    let base = (response.services.clone(), fee_for_service);
    let other = given_up.and_then(|(services, incentive)| {
        let both = intersection(&services, &response.services)?;
        Some((both, response.volume(incentive) / fee_for_service))
    });
    [base].into_iter().chain(other).filter(|(_, factor)| *factor != 1.0).collect()
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
