//! Cash of every trial, month by month, from the lines of its years.

use ndarray::Axis;
use twosided_contracts::Timing;
use twosided_prob::{Purpose, Stream, StreamKey, name_key};
use twosided_provider::{CashCalendar, CashYear, Financed, Flows, HeldYear, Investment, Line, Lines};
use twosided_scenario::{Cash, Scenario};
use twosided_sim::{DetailOf, Outcomes};
use twosided_units::Dollars;

/// When a contract's trials become cash.
pub(crate) struct MonthlyCash<'a> {
    scenario: &'a Scenario,
    outcomes: &'a Outcomes,
    cash: &'a Cash,
    column: usize,
    flows: Flows,
    /// Each contract that is held: its name's key, and its months.
    held: Vec<(u64, Timing)>,
    /// Of each year: what is written off, and what is invested.
    investments: Vec<(Dollars, Dollars)>,
    /// Of each year, what is advanced at once.
    advanced_at_once: Vec<f64>,
    /// Months that hold all payments.
    all_months: usize,
}

/// One trial's cash.
pub(crate) struct TrialCash {
    /// Month by month.
    pub(crate) financed: Financed,
    /// What falls after the months that are counted.
    pub(crate) later: Dollars,
    /// What is paid out in a mean year.
    pub(crate) paid_a_year: Dollars,
}

impl<'a> MonthlyCash<'a> {
    /// Of a column of the outcomes; none without a `[cash]` block.
    pub(crate) fn new(scenario: &'a Scenario, outcomes: &'a Outcomes, column: usize) -> Option<Self> {
        let cash = scenario.cash.as_ref()?;
        let provider = &scenario.provider;
        let contract = &scenario.contracts[column];
        let held: Vec<_> = contract.held().iter().map(|held| (name_key(&held.name), held.timing)).collect();
        let flows = cash.flows(&provider.payers);
        let is_reference = contract.is_fee_for_service_alone();
        let made = |investment: &&Investment| {
            let names = contract.held().iter().map(|held| held.name.as_str()).filter(|_| !is_reference);
            investment.is_made(names)
        };
        let investments = (0..scenario.years).map(|year| {
            let made = || provider.investments.iter().filter(made);
            (
                made().map(|investment| investment.cost_in(year)).sum(),
                made().map(|investment| investment.spent_in(year)).sum(),
            )
        });
        let advanced_at_once =
            (0..scenario.years).map(|year| contract.held().iter().map(|held| held.advanced_at_once(year).0).sum());
        let all_months = flows.months(scenario.years, held.iter().map(|(_, timing)| *timing));
        Some(Self {
            scenario,
            outcomes,
            cash,
            column,
            flows,
            investments: investments.collect(),
            advanced_at_once: advanced_at_once.collect(),
            all_months,
            held,
        })
    }

    /// Months that are counted.
    pub(crate) fn months(&self) -> usize {
        self.cash.months.unwrap_or(self.all_months)
    }

    /// Whether months of settlements are defaults that nobody confirmed.
    pub(crate) fn has_unconfirmed_months(&self) -> bool {
        let contract = &self.scenario.contracts[self.column];
        !contract.is_fee_for_service_alone() && self.held.iter().any(|(_, timing)| timing.is_unconfirmed)
    }

    /// Advances still to be repaid at the end of the horizon, trial by trial; none where there are none.
    pub(crate) fn advances_left(&self, outcomes: &Outcomes) -> Option<Vec<f64>> {
        let balance = outcomes.details.of(self.column, DetailOf::AdvanceBalance)?;
        let last = balance.len_of(Axis(1)) - 1;
        Some(balance.index_axis(Axis(1), last).to_vec())
    }

    /// The cash of one trial.
    pub(crate) fn of(&self, trial: usize) -> TrialCash {
        let mut all = CashCalendar::new(self.all_months.max(self.months()));
        self.collect_receivables(&mut all);
        let mut paid = 0.0;
        for year in 0..self.scenario.years {
            let lines = self.lines(trial, year);
            paid += lines.0.iter().filter(|line| **line < 0.0).map(|line| -line).sum::<f64>();
            let (fees, held) = (self.fees(trial, year, &lines), self.held(trial, year, &lines));
            let (written_off, invested) = self.investments[year as usize];
            let advances = self.detail(trial, year, DetailOf::Advances).unwrap_or(0.0);
            let at_once = self.advanced_at_once[year as usize].min(advances);
            let of_year = CashYear {
                lines: &lines,
                fees: &fees,
                advances: [at_once, advances - at_once].map(Dollars),
                held: &held,
                written_off,
                invested,
            };
            self.flows.add(year, &of_year, &mut all);
        }
        let counted = all.of_months(self.months());
        TrialCash {
            financed: self.cash.financing.finance(&counted),
            later: all.total() - counted.total(),
            paid_a_year: Dollars(paid / f64::from(self.scenario.years)),
        }
    }

    /// Fees of before the first month, in equal parts over the lag.
    fn collect_receivables(&self, calendar: &mut CashCalendar) {
        let months = (self.cash.fee_lag.ceil() as usize).max(1);
        for month in 1..=months {
            calendar.add(month, self.cash.receivables * (1.0 / months as f64));
        }
    }

    fn lines(&self, trial: usize, year: u32) -> Lines {
        let of_year = self.outcomes.lines.index_axis(Axis(0), trial);
        let of_year = of_year.index_axis(Axis(0), year as usize);
        let mut lines = Lines::default();
        for (line, value) in lines.0.iter_mut().zip(of_year.index_axis(Axis(0), self.column)) {
            *line = *value;
        }
        lines
    }

    fn detail(&self, trial: usize, year: u32, of: DetailOf) -> Option<f64> {
        self.outcomes.details.of(self.column, of).map(|values| values[(trial, year as usize)])
    }

    /// Fees by payer; where all people have one, that is the line.
    fn fees(&self, trial: usize, year: u32, lines: &Lines) -> Vec<Dollars> {
        let payers = 0..self.flows.fees.len();
        let by_payer: Vec<Option<f64>> = payers.map(|payer| self.detail(trial, year, DetailOf::Fees(payer))).collect();
        if by_payer.iter().any(Option::is_some) {
            return by_payer.into_iter().map(|fees| Dollars(fees.unwrap_or(0.0))).collect();
        }
        let only = self.only_payer();
        let fees = lines.0[Line::Fees as usize];
        (0..self.flows.fees.len()).map(|payer| Dollars(if payer == only { fees } else { 0.0 })).collect()
    }

    /// Index of the payer of everyone, where there is but one.
    fn only_payer(&self) -> usize {
        let of_first = self.scenario.population.segments()[0].payer.as_ref();
        let payers = &self.scenario.provider.payers;
        of_first.and_then(|name| payers.iter().position(|payer| payer.name == *name)).map_or(0, |index| index + 1)
    }

    /// What each contract settles, with the months by which it is late.
    fn held(&self, trial: usize, year: u32, lines: &Lines) -> Vec<HeldYear> {
        let is_portfolio = self.scenario.contracts[self.column].portfolio.is_some();
        let amount = |line: Line, of: DetailOf| {
            let of_line = lines.0[line as usize];
            Dollars(if is_portfolio { self.detail(trial, year, of).unwrap_or(0.0) } else { of_line })
        };
        let settled = self.held.iter().enumerate().map(|(index, &(name, timing))| HeldYear {
            reconciliation: amount(Line::Reconciliation, DetailOf::Reconciliation(index)),
            fee_adjustment: amount(Line::FeeAdjustment, DetailOf::FeeAdjustment(index)),
            capitation: amount(Line::Capitation, DetailOf::Capitation(index)),
            withheld: Dollars(self.detail(trial, year, DetailOf::Withheld(index)).unwrap_or(0.0)),
            timing,
            delay: self.delay(name, trial, year, timing),
        });
        settled.collect()
    }

    /// By how many months a settlement is late: the same under every contract of the name, whatever else is held.
    fn delay(&self, name: u64, trial: usize, year: u32, timing: Timing) -> u32 {
        if timing.delay == 0 {
            return 0;
        }
        let (seed, trial) = (self.scenario.seed, trial as u64);
        let mut stream =
            Stream::new(&StreamKey { seed, purpose: Purpose::Delay, segment: 0, service: name, trial, year });
        ((stream.uniform() * f64::from(timing.delay + 1)) as u32).min(timing.delay)
    }
}
