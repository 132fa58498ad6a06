//! How many of a segment's people are how frail: counts by classes of the frailty score, from which measures of people are drawn.

/// Classes: a quarter of a standard deviation each, the first and the last with all that lies beyond.
pub(super) const CLASSES: usize = 32;
const WIDTH: f64 = 0.25;
const FIRST: f64 = -4.0;
/// Nodes and weights of Gauss and Legendre on [-1, 1].
const NODES: [(f64, f64); 3] = [(-0.774_596_669_241_483_4, 5.0), (0.0, 8.0), (0.774_596_669_241_483_4, 5.0)];

/// The people of a year by class.
pub(super) type Counts = [u32; CLASSES];

/// Adds a block's members.
pub(super) fn count(frailty: impl Iterator<Item = f32>, counts: &mut Counts) {
    for score in frailty {
        // What lies below the first class is cut to 0 by the conversion.
        let class = ((score - FIRST as f32) / WIDTH as f32) as usize;
        counts[class.min(CLASSES - 1)] += 1;
    }
}

/// The mean over each class of a function of the score, which is a standard normal.
pub(super) fn means(function: impl Fn(f64) -> f64) -> [f64; CLASSES] {
    std::array::from_fn(|class| mean(class, &function))
}

/// The mean over one class.
pub(super) fn mean(class: usize, function: impl Fn(f64) -> f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (node, weight) in NODES {
        let score = FIRST + WIDTH * (class as f64 + 0.5 + 0.5 * node);
        let weight = weight * libm::exp(-0.5 * score * score);
        sum += weight * function(score);
        weights += weight;
    }
    sum / weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use twosided_prob::upper_probability;

    #[test]
    fn classes_hold_everyone_and_average_to_the_whole() {
        let mut counts = [0; CLASSES];
        count([-9.0, -3.99, -0.1, 0.0, 0.24, 0.26, 3.9, 7.0].into_iter(), &mut counts);
        assert_eq!(counts.iter().sum::<u32>(), 8);
        assert_eq!((counts[0], counts[15], counts[16], counts[17], counts[31]), (2, 1, 2, 1, 2));
        // Of a standard normal, each class's mean with its probability adds up to the mean of the whole.
        let edge = |class: usize| if class == 0 { f64::NEG_INFINITY } else { FIRST + WIDTH * class as f64 };
        let probability = |class: usize| {
            let above = if class == CLASSES - 1 { 0.0 } else { upper_probability(edge(class + 1)) };
            let from = if class == 0 { 1.0 } else { upper_probability(edge(class)) };
            from - above
        };
        let met = means(|score| upper_probability(0.4 + 0.7 * score));
        let whole: f64 = (0..CLASSES).map(|class| probability(class) * met[class]).sum();
        let expected = upper_probability(0.4 / (1.0_f64 + 0.49).sqrt());
        assert!((whole - expected).abs() < 2e-6, "{whole} against {expected}");
    }
}
