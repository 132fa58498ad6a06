//! Where the outcomes of trials go, handed out to threads.

use twosided_contracts::Against;
use twosided_provider::Line;

use crate::Outcomes;

/// Where the outcomes of trials go; empty for figures that are not kept.
#[derive(Default)]
pub(crate) struct Slots<'a> {
    /// `[trial, contract]`.
    pub(crate) in_force: &'a mut [u32],
    /// `[trial, year, contract]`.
    pub(crate) gains: &'a mut [f64],
    pub(crate) person_years: &'a mut [f64],
    pub(crate) against: &'a mut [Option<Against>],
    pub(crate) earned_before_covers: &'a mut [f64],
    /// `[trial, year, contract, line]`.
    pub(crate) lines: &'a mut [f64],
    /// `[trial, control]`.
    pub(crate) controls: &'a mut [f64],
    /// `[trial, year, detail]`.
    pub(crate) details: &'a mut [f64],
    controls_of_trial: usize,
    details_of_year: usize,
    contracts: usize,
    years: usize,
}

impl<'a> Slots<'a> {
    pub(crate) fn of(outcomes: &'a mut Outcomes) -> Self {
        let (_, years, contracts) = outcomes.yearly.dim();
        Self {
            in_force: slice_of(&mut outcomes.in_force),
            gains: slice_of(&mut outcomes.yearly),
            person_years: slice_of(&mut outcomes.person_years),
            against: slice_of(&mut outcomes.against),
            earned_before_covers: slice_of(&mut outcomes.earned_before_covers),
            lines: slice_of(&mut outcomes.lines),
            controls_of_trial: outcomes.controls.ncols(),
            controls: slice_of(&mut outcomes.controls),
            details_of_year: outcomes.details.layout.len(),
            details: slice_of(&mut outcomes.details.values),
            contracts,
            years,
        }
    }

    /// Takes the first trials out of these: at most `most`, and none once all are taken.
    pub(crate) fn first(&mut self, most: usize) -> Option<Self> {
        let trials = most.min(self.in_force.len() / self.contracts);
        let cells = trials * self.years * self.contracts;
        (trials > 0).then(|| Self {
            in_force: take(&mut self.in_force, trials * self.contracts),
            gains: take(&mut self.gains, cells),
            person_years: take(&mut self.person_years, cells),
            against: take(&mut self.against, cells),
            earned_before_covers: take(&mut self.earned_before_covers, cells),
            lines: take(&mut self.lines, cells * Line::ALL.len()),
            controls: take(&mut self.controls, trials * self.controls_of_trial),
            details: take(&mut self.details, trials * self.years * self.details_of_year),
            ..*self
        })
    }
}

/// Takes the first slots of a figure; a figure that is not kept has none.
#[expect(clippy::mut_mut, reason = "the slots that are left are written back")]
fn take<'a, T>(slots: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    let count = count.min(slots.len());
    slots.split_off_mut(..count).expect("there are as many")
}

fn slice_of<T, D: ndarray::Dimension>(array: &mut ndarray::Array<T, D>) -> &mut [T] {
    array.as_slice_mut().expect("a fresh array is contiguous")
}
