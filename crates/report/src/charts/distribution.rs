//! The shape of a sample: the amounts that recur exactly, and the density of the others.

use twosided_prob::Sample;
use twosided_units::Share;

/// An amount that many trials hit, such as no payment, or a limit: exactly, or within a hair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PointMass {
    pub value: f64,
    pub probability: f64,
    /// Whether all these trials have the same amount to the bit.
    pub exact: bool,
}

/// Least share of trials that makes a repeated amount a point mass.
const LEAST: f64 = 0.01;
/// Least share of trials that makes amounts which nearly recur a mass.
const LEAST_NEAR: f64 = 0.02;
/// Fewest trials that can nearly recur other than by chance.
const FEWEST_NEAR: usize = 8;
/// How many times what lies beside it, on either side and as widely, a mass of nearly equal amounts must hold.
const STANDS_OUT: usize = 3;
/// How often the width at which amounts look alike is halved in search of a mass that stands out: neighbors of a narrow one
/// hide it at a width that reaches them.
const HALVINGS: i32 = 12;

/// A sample taken apart.
#[derive(Clone, Debug)]
pub(super) struct Distribution {
    /// The likeliest first.
    pub point_masses: Vec<PointMass>,
    /// The other trials, rising.
    pub others: Vec<f64>,
    trials: f64,
}

impl Distribution {
    pub fn new(sample: &Sample) -> Self {
        let trials = sample.len() as f64;
        let mut point_masses = Vec::new();
        let mut others = Vec::new();
        #[expect(clippy::float_cmp, reason = "a point mass is the same number to the bit")]
        for run in sample.sorted().chunk_by(|a, b| a == b) {
            let probability = run.len() as f64 / trials;
            if run.len() > 1 && probability >= LEAST {
                point_masses.push(PointMass { value: run[0], probability, exact: true });
            } else {
                others.extend_from_slice(run);
            }
        }
        point_masses.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Self { point_masses, others, trials }
    }

    /// The one exact amount of all trials, if there is one.
    pub fn certain(&self) -> Option<f64> {
        let only = self.point_masses.first().filter(|only| only.exact)?;
        (self.others.is_empty() && self.point_masses.len() == 1).then_some(only.value)
    }

    /// The same where what differs by no more than `width` dollars looks the same: amounts that nearly recur are a mass, and
    /// masses so near each other are one.
    pub fn seen_at(mut self, width: f64) -> Self {
        while let Some((first, last)) = self.near_mass(width) {
            let probability = (last - first) as f64 / self.trials;
            let value = self.others[first + (last - first) / 2];
            self.others.drain(first..last);
            self.point_masses.push(PointMass { value, probability, exact: false });
        }
        self.point_masses.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        let mut seen: Vec<PointMass> = Vec::new();
        for mass in self.point_masses {
            match seen.iter_mut().find(|larger| (larger.value - mass.value).abs() <= width) {
                Some(larger) => {
                    larger.probability += mass.probability;
                    larger.exact = false;
                }
                None => seen.push(mass),
            }
        }
        seen.sort_by(|a, b| b.probability.total_cmp(&a.probability));
        Self { point_masses: seen, ..self }
    }

    /// The widest mass within `width` that stands out from what is beside it.
    fn near_mass(&self, width: f64) -> Option<(usize, usize)> {
        (0..=HALVINGS).find_map(|halvings| self.standing_out(width / 2_f64.powi(halvings)))
    }

    /// Where the most of the other trials lie within `width`, if that is a mass that stands out from what is beside it.
    fn standing_out(&self, width: f64) -> Option<(usize, usize)> {
        let others = &self.others;
        let (mut last, mut best) = (0, (0, 0));
        for first in 0..others.len() {
            while last < others.len() && others[last] - others[first] <= width {
                last += 1;
            }
            if last - first > best.1 - best.0 {
                best = (first, last);
            }
        }
        let (first, last) = best;
        let count = last - first;
        if count < FEWEST_NEAR || (count as f64) < LEAST_NEAR * self.trials {
            return None;
        }
        let below = first - others.partition_point(|value| *value < others[first] - width);
        let above = others.partition_point(|value| *value <= others[last - 1] + width) - last;
        (count >= STANDS_OUT * (below + above)).then_some(best)
    }

    /// Share of trials outside the point masses.
    pub fn spread_share(&self) -> f64 {
        self.others.len() as f64 / self.trials
    }

    /// Density of the other trials at the middles of equal cells from `low` to `high`, its peak 1.
    ///
    /// Normal kernels, 0.6 times as wide as Silverman's rule says; what they would spread beyond the ends of the sample, or
    /// into a corridor that no trial falls in, is kept out.
    pub fn density(&self, low: f64, high: f64, cells: usize) -> Vec<f64> {
        let cell = (high - low) / cells as f64;
        let mut density = vec![0.0; cells];
        for cluster in self.clusters() {
            smooth(cluster, low, cell, &mut density);
        }
        let peak = density.iter().fold(0.0, |peak: f64, value| peak.max(*value));
        if peak > 0.0 {
            for value in &mut density {
                *value /= peak;
            }
        }
        density
    }

    /// The other trials, parted where a gap is too wide to be chance; single trials far out in a tail are not parted.
    fn clusters(&self) -> Vec<&[f64]> {
        let n = self.others.len();
        let (first, last) = (n / 100, n - n / 100);
        let bulk = &self.others[first..last];
        let range = bulk.last().unwrap_or(&0.0) - bulk.first().unwrap_or(&0.0);
        let wide = range * (10.0 / n as f64).max(0.03);
        let mut clusters = Vec::new();
        let mut start = 0;
        for index in first + 1..last {
            if self.others[index] - self.others[index - 1] > wide {
                clusters.push(&self.others[start..index]);
                start = index;
            }
        }
        clusters.push(&self.others[start..]);
        clusters
    }
}

/// Adds the density of a cluster, in trials per cell.
fn smooth(cluster: &[f64], low: f64, cell: f64, density: &mut [f64]) {
    let (Some(&least), Some(&most)) = (cluster.first(), cluster.last()) else {
        return;
    };
    let cells = density.len();
    let mut counts = vec![0.0; cells];
    for value in cluster {
        let index = (value - low) / cell;
        if index >= 0.0 && index < cells as f64 {
            counts[index as usize] += 1.0;
        }
    }
    let bandwidth = (bandwidth(cluster) / cell).max(0.7);
    let reach = (3.0 * bandwidth).ceil().min(cells as f64) as usize;
    let kernel: Vec<f64> = (0..=reach).map(|step| (-0.5 * (step as f64 / bandwidth).powi(2)).exp()).collect();
    let within = |index: usize| {
        let start = low + index as f64 * cell;
        start + cell >= least && start <= most
    };
    for index in (0..cells).filter(|index| within(*index)) {
        let (mut spread, mut coverage) = (0.0, 0.0);
        for from in (index.saturating_sub(reach)..=(index + reach).min(cells - 1)).filter(|from| within(*from)) {
            let weight = kernel[from.abs_diff(index)];
            spread += counts[from] * weight;
            coverage += weight;
        }
        density[index] += spread / coverage;
    }
}

fn bandwidth(cluster: &[f64]) -> f64 {
    let n = cluster.len();
    let quantile = |share: f64| cluster[((n - 1) as f64 * share) as usize];
    let quartiles = (quantile(0.75) - quantile(0.25)) / 1.34;
    let width = if quartiles > 0.0 { quartiles } else { (quantile(1.0) - quantile(0.0)) / 4.0 };
    0.6 * 0.9 * width * (n as f64).powf(-0.2)
}

/// A level known to be a share.
pub(super) fn level(value: f64) -> Share {
    Share::new(value).expect("a level of the charts lies from 0 to 1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: Vec<f64>) -> Distribution {
        Distribution::new(&Sample::new(values).expect("a sample"))
    }

    #[test]
    fn exact_repeats_are_point_masses_and_the_rest_is_spread() {
        let values = (0..100).map(|i| if i < 55 { 0.0 } else { f64::from(i) }).collect();
        let taken_apart = of(values);
        assert_eq!(taken_apart.point_masses, [PointMass { value: 0.0, probability: 0.55, exact: true }]);
        assert!((taken_apart.spread_share() - 0.45).abs() < 1e-12);
        assert_eq!(taken_apart.certain(), None);
        assert_eq!(of(vec![7.0; 3]).certain(), Some(7.0));
        assert!(of(vec![1.0, 2.0]).point_masses.is_empty());
    }

    #[test]
    fn amounts_that_nearly_recur_are_one_mass() {
        // Administration that varies by a few dollars around -500,000, among gains up to a million.
        let values = (0..1000).map(|i| if i < 600 { -5e5 + f64::from(i % 97) } else { 2e3 * f64::from(i - 500) });
        let taken_apart = of(values.collect());
        assert!(taken_apart.point_masses.iter().all(|mass| mass.value == -5e5) && taken_apart.certain().is_none());
        let seen = taken_apart.seen_at(1e4);
        let [only] = seen.point_masses[..] else { panic!("{:?}", seen.point_masses) };
        assert!((only.value + 5e5).abs() < 97.0 && (only.probability - 0.6).abs() < 1e-9 && !only.exact);
        assert_eq!(seen.others.len(), 400);
    }

    #[test]
    fn a_mass_beside_a_crowd_is_one() {
        // A fifth of the trials within 20,000 of a limit; the others rise from it, dense enough for a width of 2.5 million to
        // hold many of them. Another mass, of one in forty, stands among them.
        let atom = (0..430).map(|i| -13.4e6 + 1e4 * f64::from(i % 3));
        let small = (0..50).map(|i| 5e6 + 10.0 * f64::from(i));
        let others = (0..1520).map(|i| -13.2e6 + 25e6 * (f64::from(i) / 1520.0).powf(1.3));
        let seen = of(atom.chain(small).chain(others).collect()).seen_at(2.5e6);
        let [limit, small] = seen.point_masses[..] else { panic!("{:?}", seen.point_masses) };
        assert!((limit.value + 13.4e6).abs() < 1e5 && (0.21..0.24).contains(&limit.probability), "{limit:?}");
        assert!((small.value - 5e6).abs() < 1e5 && (0.025..0.03).contains(&small.probability), "{small:?}");
    }

    #[test]
    fn masses_that_look_the_same_are_one() {
        let seen = of((0..100).map(|i| if i < 50 { 0.0 } else { f64::from(i % 2) + 1e6 }).collect()).seen_at(10.0);
        let shares: Vec<f64> = seen.point_masses.iter().map(|mass| mass.probability).collect();
        assert_eq!(shares, [0.5, 0.5]);
    }

    #[test]
    fn a_spread_is_no_mass() {
        let bell = |i: i32| ((f64::from(i) - 500.0) / 500.0).powi(3) * 1e6;
        assert!(of((0..1000).map(|i| f64::from(i) * 1e3).collect()).seen_at(1e4).point_masses.is_empty());
        assert!(of((0..1000).map(bell).collect()).seen_at(4e3).point_masses.len() <= 1);
    }

    #[test]
    fn the_density_is_level_up_to_the_ends_of_a_level_sample() {
        let density = of((1..200).map(f64::from).collect()).density(-100.0, 300.0, 400);
        assert!(density[..99].iter().all(|value| *value == 0.0));
        assert!(density[301..].iter().all(|value| *value == 0.0));
        assert!(density[102..298].iter().all(|value| *value > 0.9));
    }

    #[test]
    fn a_corridor_without_trials_stays_empty() {
        let outside = (-1000..=1000).filter(|i: &i32| i.abs() > 400).map(f64::from).collect();
        let density = of(outside).density(-1000.0, 1000.0, 200);
        assert!(density[61..139].iter().all(|value| *value == 0.0));
        assert!(density[55] > 0.9 && density[145] > 0.9);
    }
}
