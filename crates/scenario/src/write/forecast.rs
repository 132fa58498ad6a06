//! What was found of the year that is simulated.

use super::{Writer, text::quoted};
use crate::{Forecast, LikelyRate, Replay};

impl Writer<'_> {
    /// The `[forecast]` block.
    pub fn forecast(&mut self, forecast: &Forecast) {
        let Forecast { contract, year, last_year, last_rate, luck, expected_rate } = forecast;
        self.header("[forecast]");
        self.line("forecast", "contract", &quoted(contract));
        self.line("forecast", "year", &year.to_string());
        self.line("forecast", "last_year", &last_year.to_string());
        self.line("forecast", "last_rate", &self.number(*last_rate));
        self.likely(["luck", "luck_interval"], *luck);
        self.likely(["expected_rate", "rate_interval"], *expected_rate);
        self.source("forecast");
    }

    /// The `[replay]` block.
    pub fn replay(&mut self, replay: Replay) {
        self.header("[replay]");
        self.line("replay", "year", &replay.year.to_string());
        self.source("replay");
    }

    /// A share and the interval around it.
    fn likely(&mut self, [value, interval]: [&str; 2], rate: LikelyRate) {
        self.line("forecast", value, &self.number(rate.value));
        let ends = format!("[{}, {}]", self.number(rate.low), self.number(rate.high));
        self.line("forecast", interval, &ends);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layout, Notes, tests::of_blocks};

    #[test]
    fn blocks_are_read_as_they_are_written() {
        let mut notes = Notes::default();
        notes.source("forecast", "its history");
        notes.remark("forecast.last_rate", "the report of 2022");
        let forecast = Forecast {
            contract: "Rate".to_owned(),
            year: 2023,
            last_year: 2022,
            last_rate: -0.021,
            luck: LikelyRate { value: -0.012, low: -0.031, high: 0.004 },
            expected_rate: LikelyRate { value: 0.0, low: -0.048, high: 0.051 },
        };
        let written = |write: &dyn Fn(&mut Writer<'_>)| {
            let mut writer = Writer::new(Layout { digits: 6, services: &[] }, &notes, []);
            write(&mut writer);
            writer.finish()
        };
        let text = written(&|writer| writer.forecast(&forecast));
        assert!(text.contains("last_rate = -0.021 # the report of 2022\nluck = -0.012\n"), "{text}");
        assert!(text.ends_with("source = \"its history\"\n"), "{text}");
        assert_eq!(of_blocks(&text).expect("it is fine").forecast, Some(forecast));
        let replay = Replay { year: 2022 };
        let text = written(&|writer| writer.replay(replay));
        assert_eq!(text, "\n[replay]\nyear = 2022\n");
        assert_eq!(of_blocks(&text).expect("it is fine").replay, Some(replay));
    }
}
