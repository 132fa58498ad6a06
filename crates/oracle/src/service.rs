//! The transform of a person's year of one service, at a frailty score and for a life of some length.

use twosided_population::{Segment, Utilization};
use twosided_prob::{Frequency, Severity, upper_probability, upper_score};

use crate::{complex::Complex, grid::Grid};

/// A service that follows no other, with all that follow it.
pub(crate) struct Root<'a> {
    use_of: Use<'a>,
    loading: f64,
}

enum Use<'a> {
    /// A number of events, each with what it costs and what follows it.
    Events {
        /// Probabilities of the counts from zero up, and scores from which a count is above zero, one, and so on.
        counts: Vec<f64>,
        scores: Vec<f64>,
        event: Vec<Complex>,
    },
    /// One amount, or nothing.
    Annual { zero: f64, amount: &'a Severity, scale: f64 },
}

/// A count whose excess is less probable than this is the last.
const NEGLIGIBLE: f64 = 1e-15;

impl<'a> Root<'a> {
    /// The services of a segment that follow no other and reach the sum, by the factors on their costs in it.
    pub(crate) fn all(segment: &'a Segment, scales: &[f64], grid: &Grid) -> Vec<Self> {
        let roots = (0..segment.services.len()).filter(|&index| {
            let service = &segment.services[index];
            !matches!(service.utilization, Utilization::Following { .. }) && reaches(segment, index, scales)
        });
        roots.map(|index| Self::new(segment, index, scales, grid)).collect()
    }

    fn new(segment: &'a Segment, index: usize, scales: &[f64], grid: &Grid) -> Self {
        let service = &segment.services[index];
        let use_of = match &service.utilization {
            Utilization::Annual { zero, amount } => Use::Annual { zero: *zero, amount, scale: scales[index] },
            Utilization::Events { frequency, .. } | Utilization::Following { frequency, .. } => {
                let counts = counts_of(frequency);
                let above = (0..counts.len() as u32 - 1).map(|count| upper_score(frequency.survival(count)));
                let scores = if service.frailty_loading == 0.0 { Vec::new() } else { above.collect() };
                Use::Events { counts, scores, event: event(segment, index, scales, grid) }
            }
        };
        Self { use_of, loading: service.frailty_loading }
    }

    pub(crate) fn is_frail(&self) -> bool {
        self.loading != 0.0
    }

    /// The transforms of the year of somebody who lives a part of it, at frailty scores.
    pub(crate) fn at(&self, lived: f64, frailty: &[f64], grid: &Grid) -> Vec<Vec<Complex>> {
        match &self.use_of {
            Use::Events { counts, scores, event } => {
                // Of the events of a year, each falls into the part lived by itself.
                let kept: Vec<Complex> =
                    event.iter().map(|event| Complex { re: 1.0 - lived, im: 0.0 } + event.scaled(lived)).collect();
                let of = |&frailty: &f64| {
                    if !self.is_frail() {
                        return generated(counts, &kept);
                    }
                    generated(&self.masses_between(scores, frailty), &kept)
                };
                frailty.iter().map(of).collect()
            }
            Use::Annual { zero, amount, scale } => {
                let mut tails = grid.tails(amount.scaled(scale * lived).law());
                for tail in &mut tails {
                    *tail *= 1.0 - zero;
                }
                if !self.is_frail() {
                    let spectrum = grid.spectrum_of_tails(&tails);
                    return vec![spectrum; frailty.len()];
                }
                let scores: Vec<f64> = tails.iter().map(|&tail| upper_score(tail)).collect();
                let of = |&frailty: &f64| {
                    let mut masses = self.masses_between(&scores, frailty);
                    // What lies above the last point is beyond the grid.
                    masses.truncate(grid.len);
                    grid.spectrum(masses.into_iter())
                };
                frailty.iter().map(of).collect()
            }
        }
    }

    /// Probabilities that the score of the service lies below the first of some scores, between each two, and above the last, at a
    /// frailty score.
    fn masses_between(&self, scores: &[f64], frailty: f64) -> Vec<f64> {
        let own = (1.0 - self.loading * self.loading).sqrt();
        let above = |score: f64| {
            let off = score - self.loading * frailty;
            if own > 0.0 { upper_probability(off / own) } else { f64::from(off <= 0.0) }
        };
        let mut before = 1.0;
        let mut masses = Vec::with_capacity(scores.len() + 1);
        for &score in scores {
            let tail = if before < 1e-18 { 0.0 } else { above(score) };
            masses.push(before - tail);
            before = tail;
        }
        masses.push(before);
        masses
    }
}

/// Whether a service, or one that follows it, costs something in the sum.
fn reaches(segment: &Segment, index: usize, scales: &[f64]) -> bool {
    scales[index] > 0.0 || followers(segment, index).any(|follower| reaches(segment, follower, scales))
}

/// The services that follow one directly.
fn followers(segment: &Segment, index: usize) -> impl Iterator<Item = usize> {
    let name = &segment.services[index].name;
    (0..segment.services.len()).filter(move |&other| {
        matches!(&segment.services[other].utilization, Utilization::Following { after, .. } if after == name)
    })
}

/// The transform of one event: its cost and what follows it.
fn event(segment: &Segment, index: usize, scales: &[f64], grid: &Grid) -> Vec<Complex> {
    let (Utilization::Events { severity, .. } | Utilization::Following { severity, .. }) =
        &segment.services[index].utilization
    else {
        unreachable!("an annual amount has no events")
    };
    let mut all = if scales[index] > 0.0 {
        grid.spectrum_of_tails(&grid.tails(severity.scaled(scales[index]).law()))
    } else {
        vec![Complex::ONE; grid.frequencies()]
    };
    for follower in followers(segment, index).filter(|&follower| reaches(segment, follower, scales)) {
        let Utilization::Following { frequency, .. } = &segment.services[follower].utilization else { continue };
        let one = event(segment, follower, scales, grid);
        for (all, following) in all.iter_mut().zip(generated(&counts_of(frequency), &one)) {
            *all = *all * following;
        }
    }
    all
}

/// Probabilities of the counts from zero up, until what is left is negligible; it is added to the last.
fn counts_of(frequency: &Frequency) -> Vec<f64> {
    let mut counts = Vec::new();
    for count in 0.. {
        counts.push(libm::exp(frequency.log_probability(count)));
        let left = frequency.survival(count);
        if left < NEGLIGIBLE {
            counts[count as usize] += left;
            break;
        }
    }
    counts
}

/// The generating function of counts, at the transform of one event.
fn generated(counts: &[f64], event: &[Complex]) -> Vec<Complex> {
    let of = |&event: &Complex| {
        counts.iter().rev().fold(Complex::ZERO, |sum, &probability| {
            let product = sum * event;
            Complex { re: product.re + probability, ..product }
        })
    };
    event.iter().map(of).collect()
}
