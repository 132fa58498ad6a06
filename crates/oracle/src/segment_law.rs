//! The law of one person's part in the sum, made ready to be read at any factor on all costs.

use twosided_population::{Segment, Utilization};

use crate::{
    NoExactLaw,
    complex::Complex,
    grid::{Grid, Tilt},
    person::{Living, Rule, is_frail, lives, mortality, weights_of_movers},
    series::FREQUENCY,
    sum::PersonFunction,
};

/// One segment's people: what each adds to the sum, and the law of a person's total on a grid.
pub(crate) struct SegmentLaw {
    pub(crate) members: f64,
    function: PersonFunction,
    lives: Vec<Life>,
    /// What costs are multiplied by of those who join or leave, and the probability.
    movers: Vec<(f64, f64)>,
    step: f64,
    end: f64,
    /// Dollars of a person that may lie beyond the grid, where nothing cuts them.
    beyond: f64,
}

/// People who live the same part of the year.
struct Life {
    living: Living,
    /// Probability of a total beyond the grid.
    beyond: f64,
    blocks: Vec<Block>,
}

/// Points of the grid side by side, by two totals with the same first four moments.
#[derive(Clone, Copy)]
struct Block {
    first: usize,
    last: usize,
    atoms: [Atom; 2],
}

/// What a person adds to the sum, with its probability.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Atom {
    pub(crate) probability: f64,
    pub(crate) value: f64,
}

/// Steps in a standard deviation of what a person adds.
const STEPS: f64 = 256.0;
/// Points of a grid at most, and at most where every score of frailty needs transforms of its own.
const MOST_POINTS: usize = 1 << 17;
const MOST_FRAIL_POINTS: usize = 1 << 14;
/// Points of the grid on which the standard deviation is seen first.
const FIRST_POINTS: usize = 1 << 10;
/// The part of a person's mean cost that may lie beyond the grid, where no limit cuts it.
const BEYOND: f64 = 1e-7;

impl SegmentLaw {
    /// The law where a factor on the scaled costs is at least `least`. The coarse rule has a step of twice the length.
    pub(crate) fn new(
        segment: &Segment,
        function: PersonFunction,
        scales: &[f64],
        least: f64,
        is_prospective: bool,
        rule: Rule,
    ) -> Result<Self, NoExactLaw> {
        let movers = weights_of_movers(segment, is_prospective);
        let least = movers.iter().fold(f64::INFINITY, |least_weight, mover| least_weight.min(mover.0)) * least;
        let ((end, beyond), tilt) = match function.end() {
            Some(end) => ((1.01 * end / least, 0.0), Tilt::Strong),
            None => (far_end(segment, scales)?, Tilt::Weak),
        };
        let most = if is_frail(segment) { MOST_FRAIL_POINTS } else { MOST_POINTS };
        let end = if end > 0.0 { end } else { 1.0 };
        let first = Grid::new(end / FIRST_POINTS as f64, FIRST_POINTS, tilt);
        let law = Self::on(&first, segment, function, scales, movers, Rule::Coarse);
        let (_, variance) = law.moments(1.0);
        let steps = end * STEPS * law.function.steepest() / variance.sqrt();
        let steps = if variance > 0.0 { steps.clamp(16.0, most as f64) } else { 16.0 };
        let points = (steps as usize).next_power_of_two();
        let points = if rule == Rule::Fine { points } else { points / 2 };
        let grid = Grid::new(end / points as f64, points, tilt);
        let Self { function, movers, .. } = law;
        Ok(Self { beyond, ..Self::on(&grid, segment, function, scales, movers, rule) })
    }

    fn on(
        grid: &Grid,
        segment: &Segment,
        function: PersonFunction,
        scales: &[f64],
        movers: Vec<(f64, f64)>,
        rule: Rule,
    ) -> Self {
        let life = |living: Living| {
            let beyond = 1.0 - living.masses.iter().sum::<f64>();
            Life { living, beyond, blocks: Vec::new() }
        };
        Self {
            members: segment.members as f64,
            function,
            lives: lives(segment, scales, grid, rule).into_iter().map(life).collect(),
            movers,
            step: grid.step,
            end: grid.step * grid.len as f64,
            beyond: 0.0,
        }
    }

    /// Gathers points that are closer together than a width.
    pub(crate) fn gather(&mut self, width: f64) {
        let length = ((width / self.step) as usize).clamp(1, 64);
        for life in &mut self.lives {
            let masses = life.living.masses.chunks(length).enumerate();
            let block = |(index, masses): (usize, &[f64])| Block::new(masses, index * length, self.step);
            life.blocks = masses.map(block).collect();
        }
    }

    /// Points of the grids of all lives.
    pub(crate) fn points(&self) -> usize {
        self.lives.iter().map(|life| life.living.masses.len()).sum()
    }

    /// Totals with a probability, of all lives and movers.
    pub(crate) fn totals(&self) -> usize {
        self.movers.len() * self.lives.iter().map(|life| 2 * life.blocks.len()).sum::<usize>()
    }

    /// Mean and variance of what a person adds where all costs are multiplied by a factor.
    pub(crate) fn moments(&self, factor: f64) -> (f64, f64) {
        let mean = self.mean_of(factor, |value| value);
        (mean, self.mean_of(factor, |value| (value - mean) * (value - mean)))
    }

    /// The first four cumulants of what a person adds.
    pub(crate) fn cumulants(&self, factor: f64) -> [f64; 4] {
        let (mean, variance) = self.moments(factor);
        let central =
            |power: i32| self.mean_of(factor, |value| (0..power).fold(1.0, |product, _| product * (value - mean)));
        [mean, variance, central(3), central(4) - 3.0 * variance * variance]
    }

    /// The mean of a figure of what a person adds.
    fn mean_of(&self, factor: f64, figure: impl Fn(f64) -> f64) -> f64 {
        let of_life = |(index, life): (usize, &Life)| -> f64 {
            let always = self.function.of_life * life.living.lived;
            self.atoms(index, factor).map(|atom| atom.probability * figure(atom.value + always)).sum()
        };
        self.lives.iter().enumerate().map(of_life).sum()
    }

    /// Mean and variance of the part of the year that a person lives.
    pub(crate) fn moments_of_life(&self) -> (f64, f64) {
        let sum = |power: i32| -> f64 {
            let of = |life: &Life| life.living.probability * (0..power).fold(1.0, |lived, _| lived * life.living.lived);
            self.lives.iter().map(of).sum()
        };
        (sum(1), sum(2) - sum(1) * sum(1))
    }

    /// Dollars of all people that lie beyond the grid, where nothing cuts them before its end.
    pub(crate) fn beyond(&self, factor: f64) -> f64 {
        if self.function.end().is_some() { 0.0 } else { self.members * self.beyond * factor * self.function.steepest() }
    }

    /// The parts of the year that people live.
    pub(crate) fn lived(&self) -> impl Iterator<Item = f64> {
        self.lives.iter().map(|life| life.living.lived)
    }

    /// The characteristic function of what a person adds less `center`, for each part of the year lived, at multiples of a
    /// frequency.
    pub(crate) fn characteristic(&self, factor: f64, center: f64, sd: f64, count: usize) -> Vec<Vec<Complex>> {
        let of_life = |index: usize| {
            let (mut re, mut im) = (vec![0.0; count], vec![0.0; count]);
            let always = self.function.of_life * self.lives[index].living.lived - center;
            for Atom { probability, value } in self.atoms(index, factor) {
                add_turns(&mut re, &mut im, probability, FREQUENCY * (value + always) / sd);
            }
            re.into_iter().zip(im).map(|(re, im)| Complex { re, im }).collect()
        };
        (0..self.lives.len()).map(of_life).collect()
    }

    /// What the people of one life add, at a factor on all costs.
    fn atoms(&self, life: usize, factor: f64) -> impl Iterator<Item = Atom> {
        let Life { living, beyond, blocks } = &self.lives[life];
        self.movers.iter().flat_map(move |&(weight, probability)| {
            let factor = factor * weight;
            let probability = probability * living.probability;
            let bends: Vec<f64> = self.function.bends().map(|bend| bend / (factor * self.step)).collect();
            let is_bent =
                move |block: &Block| bends.iter().any(|&bend| bend > block.first as f64 && bend < block.last as f64);
            let point = move |index: usize| Atom { probability: living.masses[index], value: self.step * index as f64 };
            // Points one by one before they are gathered, and where the function bends between them.
            let ungathered = if blocks.is_empty() { 0..living.masses.len() } else { 0..0 };
            let gathered = blocks.iter().flat_map(move |block| {
                let (points, atoms) =
                    if is_bent(block) { (block.first..block.last + 1, None) } else { (0..0, Some(block.atoms)) };
                points.map(point).chain(atoms.into_iter().flatten())
            });
            let beyond = Atom { probability: *beyond, value: self.end };
            let totals = ungathered.map(point).chain(gathered).chain([beyond]);
            totals.map(move |total| Atom {
                probability: total.probability * probability,
                value: self.function.of_total(total.value * factor),
            })
        })
    }
}

/// Adds `probability × exp(i angle k)` to each sum `k`. Neighbors are computed side by side, since a product need not wait for the one
/// before it then.
fn add_turns(re: &mut [f64], im: &mut [f64], probability: f64, angle: f64) {
    const LANES: usize = 4;
    if probability == 0.0 {
        return;
    }
    let turn = Complex::turn(angle);
    let two = turn * turn;
    let lanes = [Complex::ONE, turn, two, two * turn].map(|lane| lane.scaled(probability));
    let (mut lanes_re, mut lanes_im) = (lanes.map(|lane| lane.re), lanes.map(|lane| lane.im));
    let step = two * two;
    for (re, im) in re.chunks_mut(LANES).zip(im.chunks_mut(LANES)) {
        for (sum, lane) in re.iter_mut().zip(lanes_re) {
            *sum += lane;
        }
        for (sum, lane) in im.iter_mut().zip(lanes_im) {
            *sum += lane;
        }
        for (re, im) in lanes_re.iter_mut().zip(&mut lanes_im) {
            (*re, *im) = (*re * step.re - *im * step.im, *re * step.im + *im * step.re);
        }
    }
}

impl Block {
    fn new(masses: &[f64], first: usize, step: f64) -> Self {
        let last = first + masses.len() - 1;
        let mass: f64 = masses.iter().sum();
        let below_zero: f64 = masses.iter().filter(|&&mass| mass < 0.0).sum();
        if mass <= 0.0 || -below_zero > 1e-6 * mass {
            // Rounding alone, which the middle serves as well.
            let middle = Atom { probability: mass, value: step * 0.5 * (first + last) as f64 };
            return Self { first, last, atoms: [middle, Atom { probability: 0.0, ..middle }] };
        }
        let moment = |center: f64, power: i32| -> f64 {
            let of = |(index, mass): (usize, &f64)| {
                mass * (0..power).fold(1.0, |product, _| product * (index as f64 - center))
            };
            masses.iter().enumerate().map(of).sum::<f64>() / mass
        };
        let mean = moment(0.0, 1);
        let variance = moment(mean, 2);
        let at = |offset: f64| step * (first as f64 + offset);
        let whole = Atom { probability: mass, value: at(mean) };
        if variance <= 1e-12 {
            return Self { first, last, atoms: [whole, Atom { probability: 0.0, ..whole }] };
        }
        let half_skew = 0.5 * moment(mean, 3) / (variance * variance.sqrt());
        let root = (1.0 + half_skew * half_skew).sqrt();
        let (low, high) = (half_skew - root, half_skew + root);
        let atom = |deviation: f64, share: f64| Atom {
            probability: mass * share,
            value: at(mean + deviation * variance.sqrt()),
        };
        let atoms = [atom(low, high / (high - low)), atom(high, -low / (high - low))];
        Self { first, last, atoms }
    }
}

/// The end of a grid beyond which hardly any cost lies, and the dollars of a person that may lie there.
fn far_end(segment: &Segment, scales: &[f64]) -> Result<(f64, f64), NoExactLaw> {
    let counts = segment.expected_counts();
    let mut laws = Vec::new();
    // So many events that hardly anybody has more, at what they cost on average.
    let mut many = 0.0;
    for (index, service) in segment.services.iter().enumerate().filter(|(index, _)| scales[*index] > 0.0) {
        let law = match &service.utilization {
            Utilization::Events { severity, frequency } | Utilization::Following { severity, frequency, .. } => {
                many += f64::from(frequency.quantile_above(BEYOND * BEYOND)) * severity.law().mean() * scales[index];
                severity
            }
            Utilization::Annual { amount, .. } => amount,
        };
        laws.push((counts[index], law.scaled(scales[index])));
    }
    if let Some((mortality, end)) = mortality(segment).and_then(|known| Some((known, known.end_of_life.as_ref()?))) {
        let most = scales.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            laws.push((mortality.probability, end.amount.scaled(most)));
        }
    }
    if laws.iter().any(|(_, law)| law.law().tail_index() <= 2.0) {
        return Err(NoExactLaw::NoVariance);
    }
    let mean: f64 = laws.iter().map(|(count, law)| count * law.law().mean()).sum();
    let mut end = 4.0 * mean;
    while laws.iter().map(|(count, law)| count * law.law().excess_mean(end)).sum::<f64>() > BEYOND * mean {
        end *= 1.25;
    }
    Ok((end + 4.0 * mean + many, 2.0 * BEYOND * mean))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_side_by_side_are_those_one_by_one() {
        let (mut re, mut im) = (vec![1.0; 10], vec![0.5; 10]);
        add_turns(&mut re, &mut im, 0.3, 0.7);
        for (index, (re, im)) in re.into_iter().zip(im).enumerate() {
            let turn = Complex::turn(0.7 * index as f64).scaled(0.3);
            assert!((re - 1.0 - turn.re).abs() < 1e-15 && (im - 0.5 - turn.im).abs() < 1e-15, "{index}");
        }
    }
}
