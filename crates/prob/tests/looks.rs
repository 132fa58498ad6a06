//! Whoever looks again and again is wrong no more often than is stated, and far from the limit decides early.

use twosided_prob::{Bounds, Purpose, Sample, Stream, StreamKey, binomial_bounds, doubling_looks, error_of_looks};
use twosided_units::Share;

/// The probability with which either verdict may be wrong.
const ERROR: f64 = 0.01;

fn stream(trial: u64) -> Stream {
    Stream::new(&StreamKey { seed: 20_27, purpose: Purpose::Frequency, segment: 0, service: 0, trial, year: 0 })
}

/// How a figure was judged against its limit, over all looks.
#[derive(Clone, Copy, Debug, Default)]
struct Verdicts {
    below: u32,
    above: u32,
    trials: u64,
}

impl Verdicts {
    /// Notes the first look whose bounds leave the limit on one side.
    fn note(&mut self, looks: &[u64], limit: f64, mut bounds: impl FnMut(u64, f64) -> Bounds) {
        for (&trials, error) in looks.iter().zip(error_of_looks(looks, ERROR)) {
            let Bounds { lower, upper } = bounds(trials, error);
            if upper <= limit || lower > limit {
                self.below += u32::from(upper <= limit);
                self.above += u32::from(lower > limit);
                self.trials += trials;
                return;
            }
        }
        self.trials += looks[looks.len() - 1];
    }

    /// At the limit itself, either verdict comes no more often than stated, within four standard errors.
    fn are_rare(self, replications: u32) {
        let most = f64::from(replications) * ERROR;
        let most = most + 4.0 * (most * (1.0 - ERROR)).sqrt();
        assert!(f64::from(self.below) <= most && f64::from(self.above) <= most, "{self:?}, at most {most}");
    }
}

#[test]
fn a_probability_at_its_limit_is_rarely_judged() {
    let looks = doubling_looks(2_048, 2_048 << 6);
    let replications = 2_000;
    let count_up = |probability: f64, verdicts: &mut Verdicts, replication: u32| {
        let mut stream = stream(u64::from(replication));
        let (mut count, mut done) = (0, 0);
        verdicts.note(&looks, 0.05, |trials, error| {
            count += stream.binomial(trials - done, probability) as usize;
            done = trials;
            binomial_bounds(count, trials as usize, error)
        });
    };
    let mut at_the_limit = Verdicts::default();
    (0..replications).for_each(|replication| count_up(0.05, &mut at_the_limit, replication));
    at_the_limit.are_rare(replications);
    // The looks spend what they may: a stated error that is hardly ever used would be no use.
    assert!(at_the_limit.below + at_the_limit.above > 5, "{at_the_limit:?}");

    let mut far = Verdicts::default();
    (0..200).for_each(|replication| count_up(0.03, &mut far, replication));
    assert_eq!((far.below, far.above), (200, 0));
    assert!(far.trials < 200 * 2 * looks[0], "{far:?}");
    let mut beyond = Verdicts::default();
    (0..200).for_each(|replication| count_up(0.07, &mut beyond, replication));
    assert_eq!((beyond.below, beyond.above), (0, 200));
    assert!(beyond.trials < 200 * 2 * looks[0], "{beyond:?}");
}

#[test]
fn measures_at_their_limits_are_rarely_judged() {
    // Losses are exponential with mean 1: VaR 95% is ln 20, TVaR 95% one more, and the standard deviation 1.
    let looks = doubling_looks(2_048, 8_192);
    let replications = 1_000;
    let level = Share::new(0.95).expect("a share");
    let mut of = [Verdicts::default(); 4];
    for replication in 0..replications {
        let mut stream = stream(1_000_000 + u64::from(replication));
        let mut gains = vec![0.0; looks[looks.len() - 1] as usize];
        gains.fill_with(|| (1.0 - stream.uniform()).ln());
        let samples: Vec<Sample> =
            looks.iter().map(|&trials| Sample::new(gains[..trials as usize].to_vec()).expect("finite")).collect();
        let at = |trials: u64| &samples[looks.iter().position(|&known| known == trials).expect("a look")];
        let [mean, sd, var, tvar] = &mut of;
        mean.note(&looks, -1.0, |trials, error| at(trials).mean_bounds(error));
        sd.note(&looks, 1.0, |trials, error| at(trials).sd_bounds(error));
        var.note(&looks, 20_f64.ln(), |trials, error| at(trials).quantile_bounds(level.complement(), error).negated());
        tvar.note(&looks, 20_f64.ln() + 1.0, |trials, error| at(trials).tail_value_at_risk_bounds(level, error));
    }
    for verdicts in of {
        verdicts.are_rare(replications);
    }
}
