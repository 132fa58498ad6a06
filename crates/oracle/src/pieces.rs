//! The gain as a function of one sum, in straight pieces.

use crate::series::{HIGH, LOW};

/// A straight piece of the gain, over deviations of the sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Piece {
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Gain at the beginning and the end.
    pub(crate) first: f64,
    pub(crate) last: f64,
}

/// Parts in which pieces are looked for.
const CELLS: u32 = 64;
/// A piece shorter than this is a jump or a bend, in standard deviations of the sum.
const SHORTEST: f64 = 1e-10;
/// What a piece may be off a straight line by, over the largest gain.
const STRAIGHT: f64 = 1e-10;
/// Parts of a piece at which it is held against a straight line.
const PROBES: [f64; 3] = [0.29, 0.5, 0.83];

impl Piece {
    /// The gain at a deviation.
    fn at(&self, t: f64) -> f64 {
        if self.to > self.from { self.first + self.slope() * (t - self.from) } else { self.first }
    }

    pub(crate) fn slope(&self) -> f64 {
        if self.first == self.last { 0.0 } else { (self.last - self.first) / (self.to - self.from) }
    }

    /// The gain at a deviation of zero, if the piece went on to there.
    pub(crate) fn origin(&self) -> f64 {
        self.first - self.slope() * self.from
    }
}

/// The straight pieces of a gain over all deviations, in order and without gaps. Bends and jumps are found by bisection.
pub(crate) fn pieces(mut gain: impl FnMut(f64) -> f64) -> Vec<Piece> {
    let width = (LOW + HIGH) / f64::from(CELLS);
    let ends: Vec<(f64, f64)> = (0..=CELLS).map(|cell| width * f64::from(cell) - LOW).map(|t| (t, gain(t))).collect();
    let largest = ends.iter().fold(0.0, |most: f64, (_, gain)| most.max(gain.abs()));
    let within = STRAIGHT * largest;
    let mut found: Vec<Piece> = Vec::new();
    let cells = ends.windows(2).map(|pair| Piece { from: pair[0].0, to: pair[1].0, first: pair[0].1, last: pair[1].1 });
    let mut left: Vec<Piece> = cells.rev().collect();
    while let Some(piece) = left.pop() {
        if is_straight(&piece, within, &mut gain) {
            add(&mut found, piece, within);
        } else if let Some([before, after]) = broken(&piece, within, &mut gain) {
            add(&mut found, before, within);
            add(&mut found, after, within);
        } else if piece.to - piece.from > SHORTEST {
            let middle = 0.5 * (piece.from + piece.to);
            let of_middle = gain(middle);
            left.push(Piece { from: middle, first: of_middle, ..piece });
            left.push(Piece { to: middle, last: of_middle, ..piece });
        }
    }
    found
}

/// Whether the gain is straight over a piece.
fn is_straight(piece: &Piece, within: f64, gain: &mut impl FnMut(f64) -> f64) -> bool {
    PROBES.iter().all(|&part| {
        let t = piece.from + part * (piece.to - piece.from);
        (gain(t) - piece.at(t)).abs() <= within
    })
}

/// The two straight pieces of a gain that has one bend or jump, which is found by bisection between the lines at the ends.
fn broken(piece: &Piece, within: f64, gain: &mut impl FnMut(f64) -> f64) -> Option<[Piece; 2]> {
    /// The part of a piece over which the line at an end is seen.
    const SEEN: f64 = 1e-3;
    let Piece { from, to, first, last } = *piece;
    let (near, far) = (from + SEEN * (to - from), to - SEEN * (to - from));
    let low_line = Piece { from, to: near, first, last: gain(near) };
    let high_line = Piece { from: far, to, first: gain(far), last };
    // What a line is off by grows with the distance from where it was seen.
    let is_on = |line: &Piece, t: f64, value: f64| (value - line.at(t)).abs() <= within / SEEN;
    let (mut low, mut high) = ((near, low_line.last), (far, high_line.first));
    while high.0 - low.0 > SHORTEST {
        let t = 0.5 * (low.0 + high.0);
        let value = gain(t);
        if is_on(&low_line, t, value) {
            low = (t, value);
        } else if is_on(&high_line, t, value) {
            high = (t, value);
        } else {
            return None;
        }
    }
    let pieces = [Piece { from, to: low.0, first, last: low.1 }, Piece { from: high.0, to, first: high.1, last }];
    pieces.iter().all(|piece| is_straight(piece, within, gain)).then_some(pieces)
}

/// Adds a piece, as a part of the one before where it goes on in a straight line.
fn add(found: &mut Vec<Piece>, mut piece: Piece, within: f64) {
    if let Some(before) = found.last_mut() {
        let goes_on = Piece { to: piece.to, last: piece.last, ..*before };
        let is_one = (piece.first - before.last).abs() <= within
            && (goes_on.at(before.to) - before.last).abs() <= within
            && (before.at(piece.to) - piece.last).abs()
                <= within * (1.0 + (piece.to - before.to) / (before.to - before.from));
        if is_one {
            *before = goes_on;
            return;
        }
        // What was too short for a piece is of the next.
        piece.from = before.to;
    }
    found.push(piece);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_and_bends_are_found() {
        let gain = |t: f64| {
            if t < -1.234_567 {
                100.0
            } else if t < 0.7 {
                -3.0 * t
            } else {
                -50.0 - t
            }
        };
        let found = pieces(gain);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!((found[0].to + 1.234_567).abs() < 1e-9 && (found[1].to - 0.7).abs() < 1e-9);
        assert!((found[1].origin()).abs() < 1e-6 && (found[2].slope() + 1.0).abs() < 1e-6);
        assert!(found.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert_eq!((found[0].from, found[2].to), (-LOW, HIGH));
    }

    #[test]
    fn a_curve_is_many_straight_pieces() {
        let found = pieces(|t| t * t);
        let worst = (0..1_000).map(|index| f64::from(index) * 0.03 - 13.5).map(|t| {
            let piece = found.iter().find(|piece| piece.to >= t).expect("no gaps");
            (piece.at(t) - t * t).abs()
        });
        assert!(worst.fold(0.0, f64::max) < 1e-6);
    }
}
