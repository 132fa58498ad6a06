//! What a run yields, trial by trial.

use ndarray::{Array2, Array3, Array4, ArrayView1, Axis};
use twosided_contracts::Against;
use twosided_provider::Line;

use crate::{Details, Keep, Layout, gain::without_rounding};

/// What every trial comes to. A figure that is not kept is of no trial.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// What is kept.
    pub keep: Keep,
    /// Components of the margin; kept by [`Keep::Lines`].
    ///
    /// # Shape
    /// `[trial, year, contract, line]`, contracts in the order of the job, lines in that of [`Line::ALL`].
    ///
    /// # Units
    /// Dollars a year; receipts positive.
    pub lines: Array4<f64>,
    /// Margin under the contract less that of the same year under fee-for-service alone.
    ///
    /// # Shape
    /// `[trial, year, contract]`.
    ///
    /// # Units
    /// Dollars a year.
    pub yearly: Array3<f64>,
    /// The same, summed over the years of the horizon.
    ///
    /// # Shape
    /// `[trial, contract]`.
    ///
    /// # Units
    /// Dollars.
    pub gains: Array2<f64>,
    /// Years in which the contract was in force.
    ///
    /// # Shape
    /// `[trial, contract]`.
    pub in_force: Array2<u32>,
    /// Time enrolled under the contract; not kept by [`Keep::None`].
    ///
    /// # Shape
    /// `[trial, year, contract]`.
    ///
    /// # Units
    /// Person-years.
    pub person_years: Array3<f64>,
    /// Benchmark and expenditure as they are settled, where the contract compares them and is in force; not kept by [`Keep::None`].
    ///
    /// # Shape
    /// `[trial, year, contract]`.
    pub against: Array3<Option<Against>>,
    /// The reconciliation before covers, without advances: earned under the terms, or owed where negative; not kept by
    /// [`Keep::None`].
    ///
    /// # Shape
    /// `[trial, year, contract]`.
    ///
    /// # Units
    /// Dollars a year.
    pub earned_before_covers: Array3<f64>,
    /// Figures whose means are known; none where the job does not ask for them.
    ///
    /// # Shape
    /// `[trial, control]`.
    pub controls: Array2<f64>,
    /// What is kept beside the lines; kept by [`Keep::Lines`].
    pub details: Details,
}

/// The sums of gains year by year; what is due to rounding is exactly nothing.
pub(crate) fn running_sums<'a>(years: impl Iterator<Item = &'a f64>) -> impl Iterator<Item = f64> {
    years.scan([0.0; 2], |[sum, amounts], gain| {
        *sum += gain;
        *amounts += gain.abs();
        *sum = without_rounding(*sum, *amounts);
        Some(*sum)
    })
}

impl Outcomes {
    /// No trial yet: every figure is nothing.
    pub fn zeros(keep: Keep, trials: usize, years: usize, contracts: usize) -> Self {
        let trials_from = |least: Keep| if keep >= least { trials } else { 0 };
        let detailed = (trials_from(Keep::Gains), years, contracts);
        Self {
            keep,
            lines: Array4::zeros((trials_from(Keep::Lines), years, contracts, Line::ALL.len())),
            yearly: Array3::zeros((trials, years, contracts)),
            gains: Array2::zeros((trials, contracts)),
            in_force: Array2::zeros((trials, contracts)),
            person_years: Array3::zeros(detailed),
            against: Array3::from_elem(detailed, None),
            earned_before_covers: Array3::zeros(detailed),
            controls: Array2::zeros((trials, 0)),
            details: Details::zeros(Layout::default(), trials, years),
        }
    }

    /// The same with room for this many controls of each trial.
    pub(crate) fn with_controls(self, controls: usize) -> Self {
        Self { controls: Array2::zeros((self.trials(), controls)), ..self }
    }

    /// The same with room for these details of each trial.
    pub(crate) fn with_details(self, layout: &Layout) -> Self {
        let details = Details::zeros(layout.clone(), self.trials(), self.years());
        Self { details, ..self }
    }

    /// The same without what is kept beside the lines, which a saved run does not hold: its summary has the figures that are made of
    /// it.
    #[must_use]
    pub fn without_details(self) -> Self {
        let details = Details::zeros(Layout::default(), 0, self.years());
        Self { details, ..self }
    }

    /// The same with the gains of the horizon summed from those of its years.
    #[must_use]
    pub fn summed(self) -> Self {
        let gains = self.yearly.map_axis(Axis(1), |years| running_sums(years.iter()).last().unwrap_or(0.0));
        Self { gains, ..self }
    }

    /// Makes room for the figures of more trials.
    pub(crate) fn reserve(&mut self, trials: usize) {
        const COUNTED: &str = "the size of the run was checked";
        let from = |least: Keep| if self.keep >= least { trials } else { 0 };
        let (detailed, of_lines) = (from(Keep::Gains), from(Keep::Lines));
        self.lines.reserve(Axis(0), of_lines).expect(COUNTED);
        self.yearly.reserve(Axis(0), trials).expect(COUNTED);
        self.gains.reserve(Axis(0), trials).expect(COUNTED);
        self.in_force.reserve(Axis(0), trials).expect(COUNTED);
        self.person_years.reserve(Axis(0), detailed).expect(COUNTED);
        self.against.reserve(Axis(0), detailed).expect(COUNTED);
        self.earned_before_covers.reserve(Axis(0), detailed).expect(COUNTED);
    }

    /// Adds the trials of another simulation of the same job after these.
    pub(crate) fn append(&mut self, later: &Self) {
        const ALIKE: &str = "simulations of one job have the same years and contracts";
        let Self {
            keep: _,
            lines,
            yearly,
            gains,
            in_force,
            person_years,
            against,
            earned_before_covers,
            controls,
            details,
        } = self;
        lines.append(Axis(0), later.lines.view()).expect(ALIKE);
        yearly.append(Axis(0), later.yearly.view()).expect(ALIKE);
        gains.append(Axis(0), later.gains.view()).expect(ALIKE);
        in_force.append(Axis(0), later.in_force.view()).expect(ALIKE);
        person_years.append(Axis(0), later.person_years.view()).expect(ALIKE);
        against.append(Axis(0), later.against.view()).expect(ALIKE);
        earned_before_covers.append(Axis(0), later.earned_before_covers.view()).expect(ALIKE);
        if controls.nrows() == 0 {
            // Of a part without trials, nothing says how many controls they will have.
            controls.clone_from(&later.controls);
        } else {
            controls.append(Axis(0), later.controls.view()).expect(ALIKE);
        }
        details.append(&later.details);
    }

    /// How many trials.
    pub fn trials(&self) -> usize {
        self.gains.nrows()
    }

    /// Whether the details are known that stand beside the lines: those of a run that is read back from its report are not.
    pub fn has_details(&self) -> bool {
        !self.details.values.is_empty()
    }

    /// How many years each has.
    pub fn years(&self) -> usize {
        self.yearly.len_of(Axis(1))
    }

    /// Gains of one contract over the horizon, trial by trial.
    pub fn gains_of(&self, contract: usize) -> ArrayView1<'_, f64> {
        self.gains.column(contract)
    }

    /// Gains of one contract since the start of the horizon.
    ///
    /// # Shape
    /// `[trial][year]`.
    pub fn cumulative_of(&self, contract: usize) -> Vec<Vec<f64>> {
        let gains = self.yearly.index_axis(Axis(2), contract);
        gains.outer_iter().map(|years| running_sums(years.iter()).collect()).collect()
    }

    /// Margins of one contract over the horizon, trial by trial; none where lines are not kept.
    pub fn margins_of(&self, contract: usize) -> Vec<f64> {
        let lines = self.lines.index_axis(Axis(2), contract);
        lines.outer_iter().map(|trial| trial.sum()).collect()
    }

    /// One line of one contract over the horizon, trial by trial; none where lines are not kept.
    pub fn line_of(&self, contract: usize, line: Line) -> Vec<f64> {
        let lines = self.lines.index_axis(Axis(3), line as usize);
        lines.index_axis(Axis(2), contract).outer_iter().map(|trial| trial.sum()).collect()
    }
}
