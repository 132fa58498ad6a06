//! Finding the least of a function of a few numbers.

/// Most evaluations of one search.
const MOST: usize = 4_000;

/// The simplex search of \[NM65\]: reflects the worst corner through the others, until values and corners agree. Values that
/// are not numbers count as infinite.
///
/// # Source
/// \[NM65\], with their coefficients 1, 2, 1/2, 1/2; started again once from where it ended.
pub(crate) fn least(start: &[f64], step: f64, function: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let once = simplex(start, step, &function);
    simplex(&once, 0.2 * step, &function)
}

fn simplex(start: &[f64], step: f64, function: &impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let value = |at: &[f64]| {
        let value = function(at);
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let dimensions = start.len();
    let mut corners: Vec<(f64, Vec<f64>)> = vec![(value(start), start.to_vec())];
    for dimension in 0..dimensions {
        let mut corner = start.to_vec();
        corner[dimension] += step;
        corners.push((value(&corner), corner));
    }
    let mut evaluations = corners.len();
    loop {
        corners.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (best, worst) = (corners[0].0, corners[dimensions].0);
        let wide = (0..dimensions)
            .map(|at| corners.iter().map(|corner| (corner.1[at] - corners[0].1[at]).abs()).fold(0.0, f64::max))
            .fold(0.0, f64::max);
        let level = (worst - best).abs() <= 1e-11 * (1.0 + best.abs());
        if (level && wide < 1e-6) || wide < 1e-9 || evaluations > MOST {
            return corners.swap_remove(0).1;
        }
        let middle: Vec<f64> = (0..dimensions)
            .map(|at| corners[..dimensions].iter().map(|corner| corner.1[at]).sum::<f64>() / dimensions as f64)
            .collect();
        let along = |factor: f64| -> Vec<f64> {
            middle
                .iter()
                .zip(&corners[dimensions].1)
                .map(|(middle, worst)| middle + factor * (middle - worst))
                .collect()
        };
        let reflected = along(1.0);
        let reflected_value = value(&reflected);
        evaluations += 1;
        let new = if reflected_value < best {
            let expanded = along(2.0);
            let expanded_value = value(&expanded);
            evaluations += 1;
            if expanded_value < reflected_value {
                Some((expanded_value, expanded))
            } else {
                Some((reflected_value, reflected))
            }
        } else if reflected_value < corners[dimensions - 1].0 {
            Some((reflected_value, reflected))
        } else {
            let contracted = along(if reflected_value < worst { 0.5 } else { -0.5 });
            let contracted_value = value(&contracted);
            evaluations += 1;
            (contracted_value < reflected_value.min(worst)).then_some((contracted_value, contracted))
        };
        if let Some(new) = new {
            corners[dimensions] = new;
            continue;
        }
        let nearest = corners[0].1.clone();
        for corner in &mut corners[1..] {
            let halved: Vec<f64> = corner.1.iter().zip(&nearest).map(|(at, best)| 0.5 * (at + best)).collect();
            *corner = (value(&halved), halved);
        }
        evaluations += dimensions;
    }
}

/// Where a function that has one least value between two ends has it, by golden section.
pub(crate) fn least_between(mut low: f64, mut high: f64, function: impl Fn(f64) -> f64) -> f64 {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_left, mut at_right) = (function(left), function(right));
    while high - low > 1e-9 * (1.0 + low.abs()) {
        if at_left < at_right {
            high = right;
            (right, at_right) = (left, at_left);
            left = high - GOLDEN * (high - low);
            at_left = function(left);
        } else {
            low = left;
            (left, at_left) = (right, at_right);
            right = low + GOLDEN * (high - low);
            at_right = function(right);
        }
    }
    f64::midpoint(low, high)
}

/// Where a rising function passes zero between two ends, by halving.
pub(crate) fn zero_between(mut low: f64, mut high: f64, rising: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if rising(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
        if high - low <= 1e-13 * middle.abs() {
            break;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_a_curved_valley_is_found() {
        // Rosenbrock's: least at (1, 1).
        let found = least(&[-1.2, 1.0], 0.5, |x| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2));
        assert!((found[0] - 1.0).abs() < 1e-4 && (found[1] - 1.0).abs() < 1e-4, "{found:?}");
        assert!((least_between(-3.0, 7.0, |x| (x - 2.5).powi(2)) - 2.5).abs() < 1e-6);
        assert!((zero_between(0.0, 9.0, |x| x * x - 2.0) - 2.0_f64.sqrt()).abs() < 1e-9);
    }
}
