//! What a report says first, where its scenario forecasts a year or simulates a past one again.

use maud::{Markup, html};
use twosided_units::grouped;

use crate::{
    ForecastSummary, RateInterval, SettledBy, Summary,
    text::{percent, percent_with_error, thousands},
};

/// Shares that are smaller are not compared with each other.
const LEAST_COMPARED: f64 = 0.005;

impl Summary {
    /// The sentences with which a report begins; none for a scenario that neither forecasts a year nor simulates a past one again.
    pub(crate) fn lead(&self) -> Vec<String> {
        if let Some(forecast) = &self.forecast {
            let trials = self.provenance.trials;
            return vec![forecast.on_luck(), forecast.on_next_year(), forecast.on_owing(trials)];
        }
        self.replayed_year.map(|year| on_replay(year).join("`")).into_iter().collect()
    }

    /// The same for a page.
    pub(crate) fn lead_markup(&self) -> Vec<Markup> {
        if let (None, Some(year)) = (&self.forecast, self.replayed_year) {
            let [before, command, after] = on_replay(year);
            return vec![html! { (before) code { (command) } (after) }];
        }
        self.lead().into_iter().map(|sentence| html! { (sentence) }).collect()
    }
}

/// What is said of a past year that is simulated again, around the command that forecasts one.
fn on_replay(year: u32) -> [String; 3] {
    [
        format!(
            "This scenario expects the spending of {year} again, luck included: it says what that year could have brought, not what the \
             next year will bring ("
        ),
        "twosided new aco --for-year".to_owned(),
        " writes a forecast).".to_owned(),
    ]
}

impl ForecastSummary {
    /// How much of the last year's rate is judged to be luck.
    fn on_luck(&self) -> String {
        let Self { last_year, last_rate, luck, .. } = *self;
        let is_good = points(luck.value) >= 0.0;
        let size = if is_good { luck } else { luck.negated() };
        let is_within = points(size.value) <= points(last_rate).abs();
        let either =
            if points(size.low) < 0.0 && points(size.high) > 0.0 { ", which holds both good and bad luck" } else { "" };
        let [value, low, high] = [size.value, size.low, size.high].map(written);
        let amount = format!("{value} points (90% interval {low} to {high}{either})");
        let rate = format!("{}%", written(last_rate.abs()));
        // Of a small rate the part is a share of next to nothing.
        let part = (last_rate.abs() >= LEAST_COMPARED).then(|| {
            let share = |of: f64| thousands(100.0 * of / last_rate.abs(), 0) + "%";
            format!("{} of it ({} to {})", share(size.value), share(size.low), share(size.high))
        });
        let part = part.map(|part| format!(", which is {part}")).unwrap_or_default();
        let brings_savings = points(last_rate) >= 0.0;
        match (brings_savings, is_good, is_within) {
            (true, true, true) => {
                format!("Of the savings rate of {rate} in {last_year}, {amount} are judged to be luck{part}.")
            }
            (true, true, false) => format!(
                "Good luck is judged to have added {amount} to the savings rate of {last_year}, which came to {rate}."
            ),
            (true, false, _) => format!(
                "Bad luck is judged to have taken {amount} from the savings rate of {last_year}, which came to {rate}."
            ),
            (false, true, _) => format!(
                "Good luck is judged to have taken {amount} off the losses of {last_year}, which came to {rate} of the benchmark."
            ),
            (false, false, true) => {
                let part = part.replace(" of it (", " of them (");
                format!(
                    "Of the losses of {rate} of the benchmark in {last_year}, {amount} are judged to be bad luck{part}."
                )
            }
            (false, false, false) => format!(
                "Bad luck is judged to have taken {amount} from the result of {last_year}, which came to losses of {rate} of the \
                 benchmark."
            ),
        }
    }

    /// What the forecast year is expected to bring.
    fn on_next_year(&self) -> String {
        let Self { year, expected_rate: RateInterval { value, low, high }, .. } = *self;
        let (size, low, high) = (written(value.abs()), written(low), written(high));
        if points(value) >= 0.0 {
            return format!(
                "{year} is expected to bring savings of {size}% of the benchmark, and between {low}% and {high}% with a probability \
                 of 90%."
            );
        }
        format!(
            "{year} is expected to bring losses of {size}% of the benchmark, a savings rate of -{size}%, and one between {low}% and \
             {high}% with a probability of 90%."
        )
    }

    /// How likely it is that the contract in force owes for the forecast year.
    fn on_owing(&self, trials: u64) -> String {
        let Self { contract, year, .. } = self;
        let chance = self.probability_of_owing.shown();
        let owing = match self.owed_by {
            SettledBy::Reconciliation => format!("to owe for {year}"),
            SettledBy::GainBeforeCosts => format!("of a loss in {year}, before administration and programs,"),
            SettledBy::Gain => format!("of a loss in {year}, administration and programs included,"),
        };
        if chance.value <= 0.0 {
            if !self.can_owe && self.owed_by == SettledBy::Reconciliation {
                return format!("Under {contract}, nothing can be owed for {year}.");
            }
            let (most, decimals) = rounded_up(chance.upper);
            return format!(
                "Under {contract}, the chance {owing} is at most {most:.decimals$}% by the 95% interval: none of {} simulated years shows it.",
                grouped(&trials.to_string())
            );
        }
        if chance.value >= 1.0 {
            let (never, decimals) = rounded_up(1.0 - chance.lower);
            return format!(
                "Under {contract}, the chance {owing} is at least {:.decimals$}% by the 95% interval: each of {} simulated years shows it.",
                100.0 - never,
                grouped(&trials.to_string())
            );
        }
        let (shown, _) = percent_with_error(chance.value, chance.standard_error);
        let decimals = shown.split_once('.').map_or(0, |(_, decimals)| decimals.len() - 1);
        let [lower, upper] = [chance.lower, chance.upper].map(|end| percent(end, decimals));
        format!(
            "Under {contract}, the simulated chance {owing} is {shown} (95% interval of the simulation {lower} to {upper})."
        )
    }
}

impl RateInterval {
    fn negated(self) -> Self {
        let Self { value, low, high } = self;
        Self { value: 0.0 - value, low: 0.0 - high, high: 0.0 - low }
    }
}

/// A share in tenths of a percentage point, as it is shown.
fn points(share: f64) -> f64 {
    (1_000.0 * share).round()
}

/// A share in percent, or a difference in percentage points, to one decimal: never a zero with a sign.
fn written(share: f64) -> String {
    thousands(100.0 * share, 1)
}

/// A probability in percent, rounded up to one digit or to tenths, and its decimals.
fn rounded_up(probability: f64) -> (f64, usize) {
    let shown = 100.0 * probability;
    let (mut decimals, mut scale) = (1, 10.0);
    while shown * scale < 1.0 && decimals < 9 {
        (decimals, scale) = (decimals + 1, 10.0 * scale);
    }
    ((shown * scale).ceil() / scale, decimals)
}

#[cfg(test)]
mod tests {
    use twosided_prob::{Design, Sample};

    use super::*;
    use crate::{Figure, Unit};

    /// A chance, by the trials that owe and all trials.
    fn chance(owing: usize, trials: usize) -> Figure {
        let years: Vec<f64> = (0..trials).map(|trial| if trial < owing { -1.0 } else { 1.0 }).collect();
        let sample = Sample::drawn_by(&Design::independent(trials).into(), years).expect("there are trials");
        Figure::new(Unit::Probability, sample.probability(|settled| settled < 0.0))
    }

    fn forecast(last_rate: f64, [value, low, high]: [f64; 3]) -> ForecastSummary {
        ForecastSummary {
            contract: "MSSP BASIC Level E, as signed".to_owned(),
            year: 2023,
            last_year: 2022,
            last_rate,
            luck: RateInterval { value, low, high },
            expected_rate: RateInterval { value: 0.039, low: -0.01, high: 0.088 },
            probability_of_owing: chance(1_234, 10_000),
            owed_by: SettledBy::Reconciliation,
            can_owe: true,
        }
    }

    const GOOD: [f64; 3] = [0.012, -0.003, 0.027];
    const BAD: [f64; 3] = [-0.012, -0.027, 0.003];

    fn on_luck(last_rate: f64, luck: [f64; 3]) -> String {
        forecast(last_rate, luck).on_luck()
    }

    #[test]
    fn good_luck_is_a_part_of_savings() {
        assert_eq!(
            on_luck(0.0646, GOOD),
            "Of the savings rate of 6.5% in 2022, 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) are judged to be luck, which is 19% of it \
             (-5% to 42%)."
        );
        assert_eq!(
            on_luck(0.004, [0.002, -0.0004, 0.003]),
            "Of the savings rate of 0.4% in 2022, 0.2 points (90% interval 0.0 to 0.3) are judged to be luck."
        );
        assert_eq!(
            on_luck(0.006, GOOD),
            "Good luck is judged to have added 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) to the savings rate of 2022, which came to 0.6%."
        );
    }

    #[test]
    fn bad_luck_is_taken_from_savings() {
        assert_eq!(
            on_luck(0.034, BAD),
            "Bad luck is judged to have taken 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) from the savings rate of 2022, which came to 3.4%."
        );
    }

    #[test]
    fn losses_are_not_a_savings_rate() {
        assert_eq!(
            on_luck(-0.021, BAD),
            "Of the losses of 2.1% of the benchmark in 2022, 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) are judged to be bad luck, which is \
             57% of them (-14% to 129%)."
        );
        assert_eq!(
            on_luck(-0.008, BAD),
            "Bad luck is judged to have taken 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) from the result of 2022, which came to losses of \
             0.8% of the benchmark."
        );
        assert_eq!(
            on_luck(-0.021, GOOD),
            "Good luck is judged to have taken 1.2 points (90% interval -0.3 to 2.7, which holds both good and bad luck) off the losses of 2022, which came to 2.1% of the \
             benchmark."
        );
    }

    #[test]
    fn the_next_year_has_its_interval() {
        let mut next = forecast(0.0646, GOOD);
        assert_eq!(
            next.on_next_year(),
            "2023 is expected to bring savings of 3.9% of the benchmark, and between -1.0% and 8.8% with a probability of 90%."
        );
        next.expected_rate = RateInterval { value: -0.008, low: -0.056, high: 0.04 };
        assert_eq!(
            next.on_next_year(),
            "2023 is expected to bring losses of 0.8% of the benchmark, a savings rate of -0.8%, and one between -5.6% and 4.0% with a \
             probability of 90%."
        );
        next.expected_rate = RateInterval { value: -0.000_4, low: -0.000_4, high: 0.04 };
        assert!(
            next.on_next_year()
                .starts_with("2023 is expected to bring savings of 0.0% of the benchmark, and between 0.0% and")
        );
    }

    #[test]
    fn owing_has_the_interval_of_its_trials() {
        let mut next = forecast(0.0646, GOOD);
        assert_eq!(
            next.on_owing(10_000),
            "Under MSSP BASIC Level E, as signed, the simulated chance to owe for 2023 is 12.3% (95% interval of the simulation 11.7% \
             to 13.0%)."
        );
        next.probability_of_owing = chance(0, 10_000);
        assert_eq!(
            next.on_owing(10_000),
            "Under MSSP BASIC Level E, as signed, the chance to owe for 2023 is at most 0.04% by the 95% interval: none of 10,000 \
             simulated years shows it."
        );
        // One-sided by its terms; what has happened is never denied.
        next.can_owe = false;
        assert_eq!(next.on_owing(10_000), "Under MSSP BASIC Level E, as signed, nothing can be owed for 2023.");
        next.probability_of_owing = chance(3, 10_000);
        assert!(
            next.on_owing(10_000).contains("is 0.030% (95% interval of the simulation 0.010% to 0.088%)"),
            "{}",
            next.on_owing(10_000)
        );
        next.probability_of_owing = chance(10_000, 10_000);
        assert_eq!(
            next.on_owing(10_000),
            "Under MSSP BASIC Level E, as signed, the chance to owe for 2023 is at least 99.96% by the 95% interval: each of 10,000 \
             simulated years shows it."
        );
        // Of the gain alone, terms say nothing.
        (next.probability_of_owing, next.owed_by) = (chance(0, 100), SettledBy::Gain);
        let text = next.on_owing(100);
        assert!(
            text.contains("the chance of a loss in 2023, administration and programs included, is at most 3.7% by"),
            "{text}"
        );
    }

    #[test]
    fn a_bound_is_rounded_up() {
        let bounds = [0.000_384, 0.036_99, 0.000_003_84, 0.25].map(rounded_up);
        assert_eq!(bounds, [(0.04, 2), (3.7, 1), (0.000_4, 4), (25.0, 1)]);
    }
}
