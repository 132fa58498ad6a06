//! Exponential, logarithm, sine and cosine, written so that the compiler can work on a whole vector of them.
//!
//! Only additions, multiplications, divisions, square roots and bit moves are used, each rounded as IEEE 754 says and
//! never fused, so a result is the same to the bit on every machine and vector width.
//!
//! # Source
//! Range reduction and the coefficients of [`ln`] follow FreeBSD's msun (`e_log.c`); [`exp`], sine and cosine are Taylor
//! polynomials on the reduced range, long enough for the last bit.
#![allow(clippy::excessive_precision, reason = "coefficients stand as published")]

/// Adding and subtracting this rounds a double below 2^51 to the nearest integer, left in its low mantissa bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `e^x` for `x` from -700 to 700; beyond, the value at the nearer end.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = x.clamp(-700.0, 700.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * 6.931_471_803_691_238_16e-1) - n * 1.908_214_929_270_587_7e-10;
    let mut p = 1.605_904_383_682_161_5e-10;
    p = p * r + 2.087_675_698_786_81e-9;
    p = p * r + 2.505_210_838_544_172e-8;
    p = p * r + 2.755_731_922_398_589e-7;
    p = p * r + 2.755_731_922_398_589e-6;
    p = p * r + 2.480_158_730_158_730_2e-5;
    p = p * r + 1.984_126_984_126_984_1e-4;
    p = p * r + 1.388_888_888_888_889e-3;
    p = p * r + 8.333_333_333_333_333e-3;
    p = p * r + 4.166_666_666_666_666_4e-2;
    p = p * r + 1.666_666_666_666_666_6e-1;
    p = p * r + 0.5;
    let p = 1.0 + (r + r * r * p);
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1023 << 52));
    p * scale
}

/// Natural logarithm of a positive normal number.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    /// The bits of the square root of one half: mantissas are brought between it and its double.
    const ROOT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - ROOT_HALF);
    let exponent = f64::from_bits(0x4330_0000_0000_0000 | (bits >> 52)) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((bits & 0x000f_ffff_ffff_ffff) + ROOT_HALF) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (3.999_999_999_940_942e-1 + w * (2.222_219_843_214_978_4e-1 + w * 1.531_383_769_920_937_3e-1));
    let odd = z
        * (6.666_666_666_666_735e-1
            + w * (2.857_142_874_366_239_1e-1 + w * (1.818_357_216_161_805e-1 + w * 1.479_819_860_511_658_6e-1)));
    let half_square = 0.5 * f * f;
    exponent * 6.931_471_803_691_238_16e-1
        - ((half_square - (s * (half_square + (even + odd)) + exponent * 1.908_214_929_270_587_7e-10)) - f)
}

/// Sine and cosine of `turn` full circles, for `turn` from 0 to 1.
#[inline(always)]
pub fn sin_cos_turn(turn: f64) -> (f64, f64) {
    let shifted = turn * 4.0 + ROUND;
    let quadrant = shifted.to_bits();
    let r = (turn - (shifted - ROUND) * 0.25) * std::f64::consts::TAU;
    let z = r * r;
    let mut s = -7.647_163_731_819_816e-13;
    s = s * z + 1.605_904_383_682_161_5e-10;
    s = s * z - 2.505_210_838_544_172e-8;
    s = s * z + 2.755_731_922_398_589e-6;
    s = s * z - 1.984_126_984_126_984_1e-4;
    s = s * z + 8.333_333_333_333_333e-3;
    s = s * z - 1.666_666_666_666_666_6e-1;
    let s = s * z * r + r;
    let mut c = 4.779_477_332_387_385e-14;
    c = c * z - 1.147_074_559_772_972_5e-11;
    c = c * z + 2.087_675_698_786_81e-9;
    c = c * z - 2.755_731_922_398_589e-7;
    c = c * z + 2.480_158_730_158_730_2e-5;
    c = c * z - 1.388_888_888_888_889e-3;
    c = c * z + 4.166_666_666_666_666_4e-2;
    c = c * z - 0.5;
    let c = c * z + 1.0;
    let swapped = quadrant & 1 == 1;
    let (sine, cosine) = if swapped { (c, s) } else { (s, c) };
    let sine_sign = (quadrant & 2) << 62;
    let cosine_sign = (quadrant.wrapping_add(1) & 2) << 62;
    (f64::from_bits(sine.to_bits() ^ sine_sign), f64::from_bits(cosine.to_bits() ^ cosine_sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst_relative_error(f: impl Fn(f64) -> f64, exact: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
        (0..=200_000)
            .map(|step| low + (high - low) * f64::from(step) / 200_000.0)
            .map(|x| (f(x) / exact(x) - 1.0).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn exp_agrees_with_the_standard_library() {
        let worst = worst_relative_error(exp, f64::exp, -30.0, 30.0);
        assert!(worst < 4e-16, "{worst:e}");
        assert!(worst_relative_error(exp, f64::exp, -650.0, 650.0) < 4e-16);
        assert!(exp(f64::MAX).is_finite());
    }

    #[test]
    fn ln_agrees_with_the_standard_library() {
        assert!(worst_relative_error(ln, f64::ln, 1e-9, 0.999) < 4e-16);
        assert!(worst_relative_error(ln, f64::ln, 1.001, 1e6) < 4e-16);
        assert!((ln(0.5_f64.powi(53)) - 0.5_f64.powi(53).ln()).abs() < 1e-14);
    }

    #[test]
    fn sine_and_cosine_agree_with_the_standard_library() {
        for step in 0..=100_000 {
            let turn = f64::from(step) / 100_000.0;
            let (sine, cosine) = sin_cos_turn(turn);
            let (expected_sine, expected_cosine) = (turn * std::f64::consts::TAU).sin_cos();
            assert!((sine - expected_sine).abs() < 1e-15, "sine of {turn} turns");
            assert!((cosine - expected_cosine).abs() < 1e-15, "cosine of {turn} turns");
        }
    }
}
