//! The keys of a sweep and the values that they take at each point.

use twosided_form::Setting;
use twosided_report::SweepKey;

use super::{Sweep, SweepError, setting};

/// A key with the values that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct SweptKey {
    /// The key, as `--set` has it.
    pub key: String,
    /// Its values, as `--set` has them.
    pub values: SweptValues,
    /// Keys that follow it.
    pub ties: Vec<Tie>,
}

/// The values of a swept key.
#[derive(Clone, Debug, PartialEq)]
pub enum SweptValues {
    /// Equal steps between two numbers, both included.
    Between {
        /// The first.
        from: f64,
        /// The last.
        to: f64,
        /// How many values, at least two.
        steps: usize,
    },
    /// These.
    Listed(Vec<String>),
}

/// A key that follows another.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// The key, as `--set` has it.
    pub key: String,
    /// What it follows by.
    pub tied: Tied,
}

/// How a key follows another.
#[derive(Clone, Debug, PartialEq)]
pub enum Tied {
    /// Its own value in the scenario, times a power of the other's over the other's in the scenario.
    Power(f64),
    /// A value for each of the other's.
    Values(Vec<String>),
}

/// The values of all keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grid {
    pub(super) is_one_at_a_time: bool,
    keys: Vec<GridKey>,
}

/// A swept key with those tied to it.
#[derive(Clone, Debug, PartialEq)]
struct GridKey {
    /// The swept key first, each with its value in the scenario.
    keys: Vec<(String, Option<String>)>,
    /// # Shape
    /// `[value][key]`.
    values: Vec<Vec<String>>,
}

/// A number to twelve digits: what an equal step leaves beyond is rounding.
fn written(number: f64) -> String {
    let rounded: f64 = format!("{number:.11e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// A value as a number, if it is one.
fn number(value: &str) -> Option<f64> {
    value.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())
}

impl SweptKey {
    /// The values, given that of the scenario.
    fn values(&self, base: Option<&str>) -> Result<Vec<String>, SweepError> {
        match &self.values {
            SweptValues::Listed(values) if values.is_empty() => {
                Err(SweepError::Refused(format!("{} has no values", self.key)))
            }
            SweptValues::Listed(values) => Ok(values.clone()),
            SweptValues::Between { .. } if base.is_some_and(|base| number(base).is_none()) => {
                let base = base.unwrap_or_default();
                Err(SweepError::Refused(format!(
                    "{} is {base}, which is no number between others; list its values with --values",
                    self.key
                )))
            }
            SweptValues::Between { from, to, steps } => {
                let step = (to - from) / (steps.saturating_sub(1).max(1)) as f64;
                Ok((0..*steps).map(|index| written(from + step * index as f64)).collect())
            }
        }
    }
}

impl Tie {
    /// The values of the tied key, one for each of the other's.
    fn values(
        &self,
        key: &SweptKey,
        values: &[String],
        base: Option<&str>,
        own: Option<&str>,
    ) -> Result<Vec<String>, SweepError> {
        match &self.tied {
            Tied::Values(own) if own.len() == values.len() => Ok(own.clone()),
            Tied::Values(own) => Err(SweepError::Refused(format!(
                "{} has {} values and {}, to which it is tied, has {}; give as many",
                self.key,
                own.len(),
                key.key,
                values.len()
            ))),
            Tied::Power(power) => {
                let number_of = |key: &str, value: Option<&str>| {
                    value.and_then(number).ok_or_else(|| {
                        let found = value.map_or("not in the scenario".to_owned(), |value| format!("the value {value}"));
                        SweepError::Refused(format!(
                            "{key} is {found}; a tie by a power needs a number there, or list the values of the tied key with --values"
                        ))
                    })
                };
                let (own, base) = (number_of(&self.key, own)?, number_of(&key.key, base)?);
                let of = |value: &String| {
                    let tied = own * (number_of(&key.key, Some(value))? / base).powf(*power);
                    if tied.is_finite() {
                        return Ok(written(tied));
                    }
                    let message = format!(
                        "{} has no value where {} is {value}; list its values with --values",
                        self.key, key.key
                    );
                    Err(SweepError::Refused(message))
                };
                values.iter().map(of).collect()
            }
        }
    }
}

impl Grid {
    /// The values of all keys, given the text of the scenario.
    pub(super) fn new(sweep: &Sweep, text: &str) -> Result<Self, SweepError> {
        if sweep.keys.is_empty() {
            return Err(SweepError::Refused("a sweep needs a key with its values".to_owned()));
        }
        let found = |key: &str| Ok::<_, SweepError>(setting(key, "0")?.found_in(text).map(str::to_owned));
        let mut keys = Vec::new();
        for key in &sweep.keys {
            let base = found(&key.key)?;
            let values = key.values(base.as_deref())?;
            if let Some(twice) = (1..values.len()).find(|&index| values[..index].contains(&values[index])) {
                let message = format!("{} has the value {} twice; give each value once", key.key, values[twice]);
                return Err(SweepError::Refused(message));
            }
            let mut of_key = GridKey {
                keys: vec![(key.key.clone(), base.clone())],
                values: values.iter().map(|value| vec![value.clone()]).collect(),
            };
            for tie in &key.ties {
                let own = found(&tie.key)?;
                let tied = tie.values(key, &values, base.as_deref(), own.as_deref())?;
                of_key.keys.push((tie.key.clone(), own));
                for (values, value) in of_key.values.iter_mut().zip(tied) {
                    values.push(value);
                }
            }
            keys.push(of_key);
        }
        Ok(Self { is_one_at_a_time: sweep.is_one_at_a_time, keys })
    }

    /// The keys as the report has them: those that are swept, then those that are tied.
    pub(super) fn report_keys(&self) -> Vec<SweepKey> {
        let of = |is_swept: bool| {
            let keys = self.keys.iter().flat_map(move |key| if is_swept { &key.keys[..1] } else { &key.keys[1..] });
            keys.map(move |(key, base)| SweepKey { key: key.clone(), is_swept, base: base.clone() })
        };
        of(true).chain(of(false)).collect()
    }

    /// The scenario as it is: no key has a value of the sweep.
    pub(super) fn unmoved(&self) -> Vec<Option<String>> {
        vec![None; self.keys.iter().map(|key| key.keys.len()).sum()]
    }

    /// How many points there are.
    pub(super) fn count(&self) -> usize {
        let counts = self.keys.iter().map(|key| key.values.len());
        if self.is_one_at_a_time { counts.sum() } else { counts.fold(1, usize::saturating_mul) }
    }

    /// The values of each point, in the order of the report's keys; the last key changes first.
    pub(super) fn points(&self) -> Vec<Vec<Option<String>>> {
        let mut chosen: Vec<Vec<Option<usize>>> = if self.is_one_at_a_time { Vec::new() } else { vec![Vec::new()] };
        for (index, key) in self.keys.iter().enumerate() {
            let values = 0..key.values.len();
            if self.is_one_at_a_time {
                let alone = |value| (0..self.keys.len()).map(|other| (other == index).then_some(value)).collect();
                chosen.extend(values.map(alone));
            } else {
                let with = |earlier: &Vec<Option<usize>>, value| earlier.iter().copied().chain([Some(value)]).collect();
                chosen =
                    chosen.iter().flat_map(|earlier| values.clone().map(move |value| with(earlier, value))).collect();
            }
        }
        chosen.iter().map(|chosen| self.values(chosen)).collect()
    }

    fn values(&self, chosen: &[Option<usize>]) -> Vec<Option<String>> {
        let of = |is_swept: bool| {
            let keys = self.keys.iter().zip(chosen);
            keys.flat_map(move |(key, chosen)| {
                let range = if is_swept { 0..1 } else { 1..key.keys.len() };
                range.map(move |index| chosen.map(|chosen| key.values[chosen][index].clone()))
            })
        };
        of(true).chain(of(false)).collect()
    }

    /// What a point sets.
    pub(super) fn settings(&self, values: &[Option<String>]) -> Result<Vec<Setting>, SweepError> {
        let keys = self.report_keys();
        let set = keys.iter().zip(values).filter_map(|(key, value)| Some((&key.key, value.as_ref()?)));
        set.map(|(key, value)| setting(key, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "members = 10_000\nname = \"x\"\n[error]\nsd = 0.01\n";

    fn swept(key: &str, values: SweptValues, ties: Vec<Tie>) -> SweptKey {
        SweptKey { key: key.to_owned(), values, ties }
    }

    fn listed(values: &[&str]) -> SweptValues {
        SweptValues::Listed(values.iter().map(|&value| value.to_owned()).collect())
    }

    fn grid(keys: Vec<SweptKey>, is_one_at_a_time: bool) -> Result<Grid, String> {
        let sweep = Sweep { keys, is_one_at_a_time, contracts: Vec::new(), quantities: Vec::new() };
        Grid::new(&sweep, TEXT).map_err(|error| error.to_string())
    }

    fn points(grid: &Grid) -> Vec<String> {
        let point = |values: Vec<Option<String>>| {
            values.into_iter().map(|value| value.unwrap_or("-".to_owned())).collect::<Vec<_>>().join(" ")
        };
        grid.points().into_iter().map(point).collect()
    }

    #[test]
    fn a_grid_has_every_combination_and_ties_follow() {
        let tie = Tie { key: "error.sd".to_owned(), tied: Tied::Power(-0.5) };
        let members = swept("members", SweptValues::Between { from: 2_500.0, to: 40_000.0, steps: 2 }, vec![tie]);
        let name = swept("name", listed(&["a", "b"]), Vec::new());
        let both = grid(vec![members.clone(), name.clone()], false).expect("they are keys");
        assert_eq!(points(&both), ["2500 a 0.02", "2500 b 0.02", "40000 a 0.005", "40000 b 0.005"]);
        let alone = grid(vec![members, name], true).expect("they are keys");
        assert_eq!(points(&alone), ["2500 - 0.02", "40000 - 0.005", "- a -", "- b -"]);
    }

    #[test]
    fn equal_steps_have_no_digits_of_rounding() {
        let tenths = swept("error.sd", SweptValues::Between { from: 0.1, to: 0.7, steps: 7 }, Vec::new());
        let found = points(&grid(vec![tenths], false).expect("a key"));
        assert_eq!(found, ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]);
    }

    #[test]
    fn what_cannot_be_swept_is_refused_with_the_reason() {
        let between = SweptValues::Between { from: 1.0, to: 2.0, steps: 2 };
        let refused = |key| grid(vec![key], false).expect_err("it cannot be swept");
        assert_eq!(
            refused(swept("name", between.clone(), Vec::new())),
            "name is \"x\", which is no number between others; list its values with --values"
        );
        let tie = |tied| vec![Tie { key: "name".to_owned(), tied }];
        assert_eq!(
            refused(swept("members", between.clone(), tie(Tied::Values(vec!["1".to_owned()])))),
            "name has 1 values and members, to which it is tied, has 2; give as many"
        );
        assert!(
            refused(swept("members", between, tie(Tied::Power(1.0)))).starts_with("name is the value \"x\"; a tie")
        );
        assert_eq!(refused(swept("members", listed(&[]), Vec::new())), "members has no values");
        let twice = refused(swept("members", listed(&["1", "2", "1"]), Vec::new()));
        assert_eq!(twice, "members has the value 1 twice; give each value once");
        assert_eq!(grid(Vec::new(), false).expect_err("nothing"), "a sweep needs a key with its values");
    }
}
