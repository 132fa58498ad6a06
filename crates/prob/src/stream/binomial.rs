//! How many of so many trials succeed.

use crate::{Stream, special::ln_gamma};

impl Stream {
    /// How many of so many trials succeed, each with the same probability.
    ///
    /// Draw order: where fewer than ten are expected of the rarer outcome, one uniform, by inversion; otherwise two
    /// uniforms for each try.
    ///
    /// # Source
    /// \[HOR93\], algorithm BTRS: a transformed uniform, accepted without a logarithm nearly always.
    pub fn binomial(&mut self, trials: u64, probability: f64) -> u64 {
        let rarer = if probability > 0.5 { 1.0 - probability } else { probability };
        let n = trials as f64;
        let count = if rarer <= 0.0 || trials == 0 {
            0
        } else if n * rarer < 10.0 {
            self.binomial_by_inversion(trials, rarer)
        } else {
            self.binomial_by_rejection(n, rarer)
        };
        if probability > 0.5 { trials - count } else { count }
    }

    fn binomial_by_inversion(&mut self, trials: u64, probability: f64) -> u64 {
        let n = trials as f64;
        let odds = probability / (1.0 - probability);
        let mut left = self.uniform();
        let mut here = libm::exp(n * libm::log1p(-probability));
        for count in 0..trials {
            // Far out, what is left of the uniform may be a rounding error.
            if left <= here || here < 1e-300 {
                return count;
            }
            left -= here;
            here *= odds * (n - count as f64) / (count as f64 + 1.0);
        }
        trials
    }

    fn binomial_by_rejection(&mut self, n: f64, probability: f64) -> u64 {
        let spread = (n * probability * (1.0 - probability)).sqrt();
        let b = 1.15 + 2.53 * spread;
        let a = -0.0873 + 0.0248 * b + 0.01 * probability;
        let center = n * probability + 0.5;
        let sure = 0.92 - 4.2 / b;
        let alpha = (2.83 + 5.1 / b) * spread;
        let mode = ((n + 1.0) * probability).floor();
        let log_odds = libm::log(probability / (1.0 - probability));
        let log_ways = |k: f64| ln_gamma(k + 1.0) + ln_gamma(n - k + 1.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let near = 0.5 - u.abs();
            let count = ((2.0 * a / near + b) * u + center).floor();
            if !(0.0..=n).contains(&count) {
                continue;
            }
            let accepted = near >= 0.07 && v <= sure
                || libm::log(v * alpha / (a / (near * near) + b))
                    <= log_ways(mode) - log_ways(count) + (count - mode) * log_odds;
            if accepted {
                return count as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Purpose, StreamKey, name_key};

    use super::*;

    fn stream(trial: u64) -> Stream {
        let (segment, service) = (name_key("aged"), name_key("inpatient"));
        Stream::new(&StreamKey { seed: 7, purpose: Purpose::Severity, segment, service, trial, year: 0 })
    }

    #[test]
    fn row_5_8_binomials_have_their_law() {
        let draws = 200_000;
        for (trials, probability) in [(1, 0.3), (40, 0.02), (25, 0.5), (60, 0.9), (5_000, 0.27), (1_000_000, 0.999)] {
            let mut stream = stream(trials);
            let counts: Vec<f64> = (0..draws).map(|_| stream.binomial(trials, probability) as f64).collect();
            let n = f64::from(draws);
            let expected = trials as f64 * probability;
            let variance = expected * (1.0 - probability);
            let mean = counts.iter().sum::<f64>() / n;
            let z = (mean - expected) / (variance / n).sqrt();
            assert!(z.abs() < 4.0, "{trials}, {probability}: mean {mean}, {z:.1} standard errors");
            let found = counts.iter().map(|x| (x - expected) * (x - expected)).sum::<f64>() / n;
            // Excess kurtosis (1 - 6 p q) / n p q.
            let kurtosis = 3.0 + (1.0 - 6.0 * probability * (1.0 - probability)) / variance;
            let z = (found / variance - 1.0) / ((kurtosis - 1.0) / n).sqrt();
            assert!(z.abs() < 4.0, "{trials}, {probability}: variance {found}, {z:.1} standard errors");
            // The likeliest count has its probability.
            let mode = ((trials as f64 + 1.0) * probability).floor();
            let ways = |k: f64| ln_gamma(k + 1.0) + ln_gamma(trials as f64 - k + 1.0);
            let log = ways(trials as f64) - ln_gamma(1.0) - ways(mode);
            let likely = (log + mode * probability.ln() + (trials as f64 - mode) * (1.0 - probability).ln()).exp();
            let share = counts.iter().filter(|&&count| count == mode).count() as f64 / n;
            let z = (share - likely) / (likely * (1.0 - likely) / n).sqrt();
            assert!(z.abs() < 4.0, "{trials}, {probability}: {share} at the mode, {z:.1} standard errors");
        }
        let mut stream = stream(0);
        assert_eq!((stream.binomial(0, 0.5), stream.binomial(9, 0.0), stream.binomial(9, 1.0)), (0, 0, 9));
    }
}
