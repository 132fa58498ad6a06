//! The standard normal at a word of 32 bits, in single precision: one polynomial, which the compiler works out for a whole vector.
//!
//! A word `w` stands for the probability `(w + 1/2) / 2^32` of a normal above, so half the words are positive, and the largest
//! normal is 6.34. The value is off by 2.3e-6 at most, which moves no probability by more than 1e-5 of itself, and a
//! normal that one in 10^7 exceeds has 429 words beyond it.
//!
//! # Source
//! The polynomials are least squares fits in Chebyshev nodes: of the logarithm of base 2 of a mantissa, and of the normal in
//! the root of the logarithm of its probability, in which it is nearly straight.

/// `log2` of a mantissa `1.5 + x`, off by 3.2e-7.
const LOGARITHM: [f32; 8] =
    [0.584_962_8, 0.961_796, -0.320_632_34, 0.142_526_37, -0.070_589_68, 0.037_462_94, -0.025_123_203, 0.014_778_721];

/// The normal in the root of `-log2` of its probability, which from 1 to the root of 33 is brought to -1 to 1.
const NORMAL: [f32; 13] = [
    3.368_985_7,
    3.056_831_8,
    -0.135_131_96,
    0.074_078_8,
    -0.042_221_68,
    0.022_158_047,
    -0.011_866_633,
    0.015_159_689,
    -0.011_697_454,
    -0.006_110_064,
    0.006_017_97,
    0.006_859_514_4,
    -0.005_106_495_7,
];
const SLOPE: f32 = 0.421_535_16;
const START: f32 = -1.421_535_1;

/// The root of `-log2` of the probability of the nearer side, scaled.
#[inline(always)]
fn root_of(word: u32) -> f32 {
    let below = (word.cast_signed() >> 31).cast_unsigned();
    let half = (word ^ below).cast_signed() as f32 + 0.5;
    let bits = half.to_bits();
    let exponent = ((bits >> 23).cast_signed() - 127) as f32;
    let mantissa = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000) - 1.5;
    ((32.0 - exponent) - polynomial(&LOGARITHM, mantissa)).sqrt() * SLOPE + START
}

/// The normal of a root, on the side of its word.
#[inline(always)]
fn normal_of(root: f32, word: u32) -> f32 {
    f32::from_bits(polynomial(&NORMAL, root).to_bits() ^ (word & 0x8000_0000))
}

/// The standard normals that are exceeded with the probabilities `(word + 1/2) / 2^32`, turn by turn.
///
/// In two passes, since a processor looks too few steps ahead to work on the next turn while one's long chain of steps goes on.
#[inline(always)]
pub(crate) fn normals_at<const N: usize>(words: &[[u32; N]], normals: &mut [[f32; N]]) {
    for (roots, words) in normals.iter_mut().zip(words) {
        *roots = roots_of(words);
    }
    for (normals, words) in normals.iter_mut().zip(words) {
        *normals = normals_of(normals, words);
    }
}

#[inline(always)]
fn roots_of<const N: usize>(words: &[u32; N]) -> [f32; N] {
    let mut roots = [0.0; N];
    for lane in 0..N {
        roots[lane] = root_of(words[lane]);
    }
    roots
}

#[inline(always)]
fn normals_of<const N: usize>(roots: &[f32; N], words: &[u32; N]) -> [f32; N] {
    let mut normals = [0.0; N];
    for lane in 0..N {
        normals[lane] = normal_of(roots[lane], words[lane]);
    }
    normals
}

/// The even powers and the odd ones apart, which a processor works out side by side.
#[inline(always)]
fn polynomial<const N: usize>(coefficients: &[f32; N], x: f32) -> f32 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    for index in (0..N).rev() {
        let sum = if index % 2 == 0 { &mut even } else { &mut odd };
        *sum = if index + 2 < N { *sum * square + coefficients[index] } else { coefficients[index] };
    }
    even + x * odd
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::upper_score;

    #[test]
    fn a_word_has_the_normal_of_its_probability() {
        // All words of the far tail, and words everywhere in steps of 9,973.
        let words = (0..100_000_u32).chain((0..u32::MAX).step_by(9_973)).chain([0x7fff_ffff, 0x8000_0000, u32::MAX]);
        let mut worst: f64 = 0.0;
        for word in words {
            let exact = upper_score((f64::from(word) + 0.5) / 4_294_967_296.0);
            let mut normals = [[0.0; 2]];
            normals_at(&[[word, !word]], &mut normals);
            let [[normal, opposite]] = normals;
            worst = worst.max((f64::from(normal) - exact).abs());
            assert_eq!(normal, -opposite, "word {word} and its opposite");
        }
        assert!(worst < 2.3e-6, "{worst:e}");
    }
}
