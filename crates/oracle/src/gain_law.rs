//! The law of a gain: a mixture, over factors and years lived, of straight pieces of a smooth sum.

use std::sync::Arc;

use twosided_units::Share;

use crate::{
    pieces::Piece,
    series::{Integrals, Series},
};

/// A figure of an exact law, in the unit of the figure, and what it may be off by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exact {
    /// The figure.
    pub value: f64,
    /// What it may be off by: the difference from a law of half the fineness, and what is left out.
    pub bound: f64,
}

/// The exact law of a contract's gain over fee-for-service alone, in dollars.
#[derive(Clone, Debug)]
pub struct GainLaw {
    pub(crate) fine: Mixture,
    /// The same with half as many points, scores, times and factors.
    pub(crate) coarse: Mixture,
}

/// A gain given the factors, with its weight.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    weight: f64,
    series: Arc<Series>,
    /// Pieces, with the integrals of the density up to the end of each and up to the beginning of the first.
    pieces: Vec<(Piece, Integrals)>,
    start: Integrals,
}

/// Parts with their weights, which add to one.
#[derive(Clone, Debug)]
pub(crate) struct Mixture {
    pub(crate) parts: Vec<Part>,
    /// Probability that may be missing.
    pub(crate) missing: f64,
    /// Gains between which nearly all probability lies.
    pub(crate) span: [f64; 2],
    /// Dollars of the sum that lie beyond the grid, as far as they move the gain.
    pub(crate) beyond: f64,
}

/// Probability, and the integral of the gain, over the gains below a threshold.
#[derive(Clone, Copy, Default)]
struct Below {
    probability: f64,
    gain: f64,
}

impl Part {
    pub(crate) fn new(weight: f64, series: Arc<Series>, pieces: Vec<Piece>) -> Self {
        let start = pieces.first().map_or_else(Integrals::default, |piece| series.up_to(piece.from));
        let pieces = pieces.into_iter().map(|piece| (piece, series.up_to(piece.to))).collect();
        Self { weight, series, pieces, start }
    }

    /// Each piece with the integrals of the density over it.
    fn integrated(&self) -> impl Iterator<Item = (&Piece, Integrals)> {
        let mut before = self.start;
        self.pieces.iter().map(move |(piece, end)| (piece, end.since(std::mem::replace(&mut before, *end))))
    }

    /// What lies below a threshold, or at it where `with` says so.
    fn below(&self, threshold: f64, with: bool) -> Below {
        let mut sum = Below::default();
        let mut before = self.start;
        for &(piece, end) in &self.pieces {
            let start = std::mem::replace(&mut before, end);
            let (low, high) = (piece.first.min(piece.last), piece.first.max(piece.last));
            let integrals = if low == high {
                let counts = low < threshold || with && low == threshold;
                if counts { end.since(start) } else { continue }
            } else if high <= threshold {
                end.since(start)
            } else if low >= threshold {
                continue;
            } else {
                let crossing = self.series.up_to(piece.from + (threshold - piece.first) / piece.slope());
                if piece.slope() > 0.0 { crossing.since(start) } else { end.since(crossing) }
            };
            sum.probability += integrals.0[0];
            sum.gain += integrals.linear(piece.origin(), piece.slope());
        }
        sum
    }
}

impl Default for Mixture {
    fn default() -> Self {
        Self { parts: Vec::new(), missing: 0.0, span: [f64::INFINITY, f64::NEG_INFINITY], beyond: 0.0 }
    }
}

impl Mixture {
    /// Adds a part, of whose sum some dollars lie beyond the grids.
    pub(crate) fn add(&mut self, part: Part, beyond: f64) {
        self.missing += part.weight * part.series.missing();
        let mut steepest: f64 = 0.0;
        for (piece, _) in &part.pieces {
            for gain in [piece.first, piece.last] {
                self.span = [self.span[0].min(gain), self.span[1].max(gain)];
            }
            steepest = steepest.max(piece.slope().abs());
        }
        if part.series.sd > 0.0 {
            self.beyond = self.beyond.max(beyond * steepest / part.series.sd);
        }
        self.parts.push(part);
    }

    fn below(&self, threshold: f64, with: bool) -> Below {
        self.parts.iter().fold(Below::default(), |sum, part| {
            let below = part.below(threshold, with);
            Below {
                probability: sum.probability + part.weight * below.probability,
                gain: sum.gain + part.weight * below.gain,
            }
        })
    }

    fn sum(&self, figure: impl Fn(Integrals, f64, f64) -> f64) -> f64 {
        let of_part = |part: &Part| -> f64 {
            part.integrated().map(|(piece, integrals)| figure(integrals, piece.origin(), piece.slope())).sum()
        };
        self.parts.iter().map(|part| part.weight * of_part(part)).sum()
    }

    fn mean(&self) -> f64 {
        self.sum(Integrals::linear)
    }

    fn sd(&self) -> f64 {
        let mean = self.mean();
        self.sum(|integrals, origin, slope| integrals.square(origin - mean, slope)).max(0.0).sqrt()
    }

    fn probability_of_loss(&self) -> f64 {
        self.below(0.0, false).probability
    }

    fn probability_of_gain(&self) -> f64 {
        1.0 - self.below(0.0, true).probability
    }

    /// The smallest gain that is not exceeded with a probability above a level.
    fn quantile(&self, level: f64) -> f64 {
        let [mut low, mut high] = self.span;
        let within = 1e-13 * (high - low);
        while high - low > within {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if self.below(middle, true).probability > level { high = middle } else { low = middle }
        }
        // A gain that has a probability of its own is met to the bit.
        let pieces = self.parts.iter().flat_map(|part| &part.pieces);
        let mut masses = pieces.filter(|(piece, _)| piece.first == piece.last).map(|(piece, _)| piece.first);
        masses.find(|gain| (gain - high).abs() <= 2.0 * within).unwrap_or(high)
    }

    /// The mean of the worst gains of a probability in all.
    fn worst(&self, probability: f64) -> f64 {
        let quantile = self.quantile(probability);
        let below = self.below(quantile, false);
        (below.gain + (probability - below.probability) * quantile) / probability
    }
}

impl GainLaw {
    fn exact(&self, figure: impl Fn(&Mixture) -> f64, left_out: f64) -> Exact {
        let (value, coarse) = (figure(&self.fine), figure(&self.coarse));
        Exact { value, bound: (value - coarse).abs() + left_out }
    }

    /// Dollars that a mean may miss: of what is missing, as far as gains reach.
    fn dollars(&self) -> f64 {
        self.fine.missing * (self.fine.span[1] - self.fine.span[0]) + self.fine.beyond
    }

    /// Mean gain.
    pub fn mean(&self) -> Exact {
        self.exact(Mixture::mean, self.dollars())
    }

    /// Standard deviation of the gain.
    pub fn sd(&self) -> Exact {
        self.exact(Mixture::sd, self.dollars())
    }

    /// Probability of a gain below zero.
    pub fn probability_of_loss(&self) -> Exact {
        self.exact(Mixture::probability_of_loss, self.fine.missing)
    }

    /// Probability of a gain above zero.
    pub fn probability_of_gain(&self) -> Exact {
        self.exact(Mixture::probability_of_gain, self.fine.missing)
    }

    /// Quantile of the gain: the smallest that is not exceeded with a probability above the level.
    pub fn quantile(&self, level: Share) -> Exact {
        let missing = self.fine.missing;
        let of = |shift: f64| self.fine.quantile((level.value() + shift).clamp(0.0, 1.0));
        let left_out = (of(missing) - of(-missing)).abs() + self.fine.beyond;
        self.exact(|mixture| mixture.quantile(level.value()), left_out)
    }

    /// Value at risk of the loss: the smallest loss that at least the level of the probability does not exceed.
    pub fn value_at_risk(&self, level: Share) -> Exact {
        let Exact { value, bound } = self.quantile(level.complement());
        Exact { value: 0.0 - value, bound }
    }

    /// Tail value at risk of the loss: the mean of the worst losses, of a probability of one less the level.
    pub fn tail_value_at_risk(&self, level: Share) -> Exact {
        let tail = level.complement().value();
        self.exact(|mixture| 0.0 - mixture.worst(tail), self.dollars() / tail)
    }
}
