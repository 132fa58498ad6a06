//! One loop compiled for every vector width, the widest that the machine has chosen when it runs.

use pulp::{Arch, Simd, WithSimd};

struct Loop<F>(F);

impl<F: FnMut() -> R, R> WithSimd for Loop<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// Runs a loop compiled for the machine's widest vectors.
///
/// The closure must be marked `#[inline(always)]`, and so must what it calls, or it is compiled for the narrowest. It must
/// not fuse multiplications with additions, so that the result does not depend on the width.
#[inline(always)]
pub fn vectorized<R>(work: impl FnMut() -> R) -> R {
    #[cfg(test)]
    if NARROW.get() {
        return Loop(work).with_simd(pulp::Scalar);
    }
    Arch::new().dispatch(Loop(work))
}

#[cfg(test)]
thread_local! {
    /// Whether loops of this thread run without the machine's wide vectors.
    static NARROW: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Family, Purpose, Severity, SeverityScratch, Stream, StreamKey};

    #[test]
    fn results_do_not_depend_on_the_width_of_vectors() {
        let laws = [
            Severity::Family(Family::lognormal(15_000.0, 1.1).expect("valid")),
            Severity::Family(Family::gamma(900.0, 1.8).expect("valid")),
            Severity::Family(Family::weibull(900.0, 1.8).expect("valid")),
            Severity::Family(Family::pareto_of_shape(900.0, 2.5).expect("valid")),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]).expect("valid"),
        ];
        let draw = |law: &Severity, narrow: bool| -> Vec<u64> {
            NARROW.set(narrow);
            let key = StreamKey { seed: 1, purpose: Purpose::Severity, segment: 0, service: 0, trial: 0, year: 0 };
            let mut amounts = vec![0.0; 10_007];
            law.fill(&mut Stream::new(&key), &mut amounts, &mut SeverityScratch::default());
            NARROW.set(false);
            amounts.into_iter().map(f64::to_bits).collect()
        };
        for law in laws {
            assert_eq!(draw(&law, false), draw(&law, true), "{law:?}");
        }
    }
}
