//! One loop compiled for every vector width, the widest that the machine has chosen when it runs.

use std::{env, ffi::OsStr, sync::OnceLock};

use pulp::{Arch, Simd, WithSimd};

struct Loop<F>(F);

impl<F: FnMut() -> R, R> WithSimd for Loop<F> {
    type Output = R;

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) -> R {
        (self.0)()
    }
}

/// Runs a loop compiled for the machine's widest vectors, or for narrower ones where the environment says so
/// (see [`check_vectors`]).
///
/// The closure must be marked `#[inline(always)]`, and so must what it calls, or it is compiled for the narrowest. It must
/// not fuse multiplications with additions, so that the result does not depend on the width.
#[inline(always)]
pub fn vectorized<R>(work: impl FnMut() -> R) -> R {
    #[cfg(test)]
    if let Some(arch) = LIMITED.get() {
        return arch.dispatch(Loop(work));
    }
    CHOSEN.get_or_init(|| limited(env::var_os(VARIABLE).as_deref()).unwrap_or_default()).dispatch(Loop(work))
}

/// Read once: every loop of a process runs with the same vectors.
static CHOSEN: OnceLock<Arch> = OnceLock::new();

/// The environment variable that limits vectors.
const VARIABLE: &str = "TWOSIDED_VECTORS";

/// The environment variable `TWOSIDED_VECTORS` has another value than `none` or `avx2`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{VARIABLE} is `{0}`; write `none` or `avx2`, or leave it unset")]
pub struct VectorsError(String);

/// Checks the environment variable `TWOSIDED_VECTORS`, which limits the vectors of [`vectorized`]: `none` to what every
/// processor of its kind has, `avx2` to AVX2. Results are the same to the bit; it shows that they are, on one machine.
///
/// # Errors
/// Another value, under which the machine's widest vectors are used.
pub fn check_vectors() -> Result<(), VectorsError> {
    limited(env::var_os(VARIABLE).as_deref()).map(|_| ())
}

/// The vectors under a limit.
fn limited(limit: Option<&OsStr>) -> Result<Arch, VectorsError> {
    match limit {
        None => Ok(Arch::new()),
        Some(limit) if limit == "none" => Ok(Arch::Scalar),
        Some(limit) if limit == "avx2" => Ok(at_most_avx2()),
        Some(other) => Err(VectorsError(other.to_string_lossy().into_owned())),
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn at_most_avx2() -> Arch {
    pulp::x86::V3::try_new().map_or(Arch::Scalar, Arch::V3)
}

/// Other processors have no wider ones.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn at_most_avx2() -> Arch {
    Arch::new()
}

#[cfg(test)]
thread_local! {
    /// The vectors of this thread's loops, where a test sets them.
    static LIMITED: std::cell::Cell<Option<Arch>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Family, Purpose, ScoredAmounts, Severity, SeverityScratch, Stream, StreamKey, exponential_total, scores_at,
    };

    fn stream() -> Stream {
        Stream::new(&StreamKey { seed: 1, purpose: Purpose::Severity, segment: 0, service: 0, trial: 0, year: 0 })
    }

    /// What a figure is under each limit, as bits.
    fn under_limits(figures: impl Fn() -> Vec<u64>) -> Vec<Vec<u64>> {
        let limits = [None, Some("avx2"), Some("none")];
        let under = |limit: Option<&str>| {
            LIMITED.set(Some(limited(limit.map(OsStr::new)).expect("a limit")));
            let bits = figures();
            LIMITED.set(None);
            bits
        };
        limits.into_iter().map(under).collect()
    }

    fn assert_same(what: &str, figures: impl Fn() -> Vec<u64>) {
        let under = under_limits(figures);
        assert!(under.windows(2).all(|pair| pair[0] == pair[1]), "{what} depends on the width of vectors");
    }

    #[test]
    fn results_do_not_depend_on_the_width_of_vectors() {
        let laws = [
            Severity::Family(Family::lognormal(15_000.0, 1.1).expect("valid")),
            Severity::Family(Family::gamma(900.0, 1.8).expect("valid")),
            Severity::Family(Family::gamma(900.0, 0.6).expect("valid")),
            Severity::Family(Family::weibull(900.0, 1.8).expect("valid")),
            Severity::Family(Family::pareto_of_shape(900.0, 2.5).expect("valid")),
            Severity::lognormal_mixture(&[(0.9, 4_000.0, 1.0), (0.1, 60_000.0, 0.8)]).expect("valid"),
        ];
        let bits = |amounts: Vec<f64>| amounts.into_iter().map(f64::to_bits).collect();
        for law in laws {
            assert_same(&format!("{law:?}"), || {
                let mut amounts = vec![0.0; 10_007];
                law.fill(&mut stream(), &mut amounts, &mut SeverityScratch::default());
                bits(amounts)
            });
            let scored = ScoredAmounts::new(0.3, &law).expect("valid");
            assert_same(&format!("{law:?} at scores"), || {
                let (mut normals, mut amounts) = (vec![0.0; 10_007], Vec::new());
                stream().fill_normals(&mut normals);
                scored.fill(&normals, &mut amounts);
                bits(amounts)
            });
        }
        assert_same("scores", || {
            let (mut words, mut frailty, mut scores) = (vec![0; 10_007], vec![0.0; 10_007], vec![0.0; 10_007]);
            stream().fill_half_words(&mut words);
            stream().fill_normals(&mut frailty);
            scores_at(&words, &frailty, 0.6, 0.8, &mut scores);
            let total = exponential_total(0.7, &scores).to_bits();
            scores.into_iter().map(|score| u64::from(score.to_bits())).chain([total]).collect()
        });
    }

    #[test]
    fn a_limit_is_none_or_avx2() {
        assert!(matches!(limited(Some(OsStr::new("none"))), Ok(Arch::Scalar)));
        assert!(limited(Some(OsStr::new("avx2"))).is_ok() && limited(None).is_ok());
        for wrong in ["", "AVX2", "sse", "0"] {
            let error = limited(Some(OsStr::new(wrong))).expect_err("no limit").to_string();
            assert_eq!(error, format!("TWOSIDED_VECTORS is `{wrong}`; write `none` or `avx2`, or leave it unset"));
        }
    }
}
