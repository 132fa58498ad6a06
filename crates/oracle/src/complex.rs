//! Complex numbers.

use std::ops::{Add, AddAssign, Mul};

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f64,
    pub(crate) im: f64,
}

impl Complex {
    pub(crate) const ZERO: Self = Self { re: 0.0, im: 0.0 };
    pub(crate) const ONE: Self = Self { re: 1.0, im: 0.0 };

    /// `exp(i angle)`.
    pub(crate) fn turn(angle: f64) -> Self {
        let (im, re) = libm::sincos(angle);
        Self { re, im }
    }

    #[must_use]
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }

    #[must_use]
    pub(crate) fn conjugate(self) -> Self {
        Self { im: -self.im, ..self }
    }

    pub(crate) fn norm(self) -> f64 {
        (self.re * self.re + self.im * self.im).sqrt()
    }

    /// The number to a power.
    #[must_use]
    pub(crate) fn power(self, exponent: f64) -> Self {
        let norm = self.norm();
        if norm == 0.0 {
            return if exponent == 0.0 { Self::ONE } else { Self::ZERO };
        }
        let angle = libm::atan2(self.im, self.re);
        Self::turn(exponent * angle).scaled(libm::exp(exponent * libm::log(norm)))
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl AddAssign for Complex {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}
