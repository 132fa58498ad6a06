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
pub fn vectorised<R>(work: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Loop(work))
}
