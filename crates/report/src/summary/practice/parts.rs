//! What each contract of a practice adds to its gain and to the tail of its loss.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twosided_prob::{Allocation, ComponentTail, Gains, Sample, SampleError};

use super::{Trials, left_of, level};
use crate::{Figure, Unit};

/// The name of what no contract brings by itself.
const REST: &str = "Programs and changed care";

/// One contract of a practice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeldFigures {
    /// The contract.
    pub contract: String,
    /// Payers of the people whom it covers; empty where none is stated.
    pub payers: Vec<String>,
    /// Mean of what it adds to the gain of the practice.
    pub mean_gain: Figure,
    /// VaR 95 of the loss that it adds.
    pub var_95: Figure,
    /// TVaR 95 of the loss that it adds.
    pub tvar_95: TailFigures,
    /// TVaR 99 of the loss that it adds.
    pub tvar_99: TailFigures,
    /// The contract if it is the only one; absent of programs and changed care.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<HeldAlone>,
}

/// One part of a tail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TailFigures {
    /// The tail value at risk of the part by itself.
    pub own: Figure,
    /// What it adds to the tail value at risk of the practice: its mean loss where the practice is in its tail.
    pub part: Figure,
    /// That over the tail value at risk of the practice; absent where the latter is not above zero beyond chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Figure>,
}

/// A contract that is held without the others, with its programs and what they change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HeldAlone {
    /// Mean gain.
    pub mean_gain: Figure,
    /// TVaR 95 of the loss.
    pub tvar_95: Figure,
}

/// The trials of a contract that is held.
pub(super) struct Held {
    pub(super) name: String,
    pub(super) payers: Vec<String>,
    /// What it adds to the gain.
    pub(super) gains: Vec<f64>,
    /// Tail indices of the laws behind its losses and its gains.
    pub(super) tails: [f64; 2],
    /// Gains if it is the only one.
    pub(super) alone: Option<Vec<f64>>,
}

/// The parts of a gain, measured.
pub(super) struct Parts {
    pub(super) mean_gain: Figure,
    /// At 95% and 99%.
    pub(super) tvar: [Figure; 2],
    pub(super) contracts: Vec<HeldFigures>,
    pub(super) rest: Option<HeldFigures>,
    /// At 95% and 99%.
    pub(super) diversification: [Figure; 2],
}

impl Parts {
    /// Of the gains of a practice, the tail indices of the laws behind its losses and gains, and its contracts.
    pub(super) fn new(
        trials: &Trials<'_>,
        gains: &[f64],
        tails: [f64; 2],
        mut held: Vec<Held>,
    ) -> Result<Self, SampleError> {
        let contracts = held.len();
        let rest = rest(gains, &held);
        if rest.iter().any(|&rest| rest != 0.0) {
            held.push(Held { name: REST.to_owned(), payers: Vec::new(), gains: rest, tails, alone: None });
        }
        let whole = trials.sample(gains, tails)?;
        let samples: Vec<Sample> =
            held.iter().map(|held| trials.sample(&held.gains, held.tails)).collect::<Result<_, _>>()?;
        let components: Vec<Gains<'_>> =
            held.iter().zip(&samples).map(|(held, sample)| Gains { trials: &held.gains, sample }).collect();
        let of_whole = Gains { trials: gains, sample: &whole };
        let allocations = [0.95, 0.99].map(|value| Allocation::new(trials.design, of_whole, &components, level(value)));
        let [at_95, at_99] = allocations.each_ref().map(Allocation::components);
        let tail = |index: usize, value: f64, ComponentTail { part, share, .. }: ComponentTail| TailFigures {
            own: trials.dollars(samples[index].tail_value_at_risk(level(value))),
            part: trials.dollars(part),
            share: share.ok().map(|share| trials.figure(Unit::Share, share)),
        };
        let figures = held.iter().enumerate().map(|(index, held)| {
            let alone = held.alone.as_ref().map(|gains| {
                let sample = trials.sample(gains, held.tails)?;
                Ok::<_, SampleError>(HeldAlone {
                    mean_gain: trials.dollars(sample.mean()),
                    tvar_95: trials.dollars(sample.tail_value_at_risk(level(0.95))),
                })
            });
            Ok(HeldFigures {
                contract: held.name.clone(),
                payers: held.payers.clone(),
                mean_gain: trials.dollars(samples[index].mean()),
                var_95: trials.dollars(samples[index].value_at_risk(level(0.95))),
                tvar_95: tail(index, 0.95, at_95[index]),
                tvar_99: tail(index, 0.99, at_99[index]),
                alone: alone.transpose()?,
            })
        });
        let mut figures: Vec<HeldFigures> = figures.collect::<Result<_, SampleError>>()?;
        let rest = (figures.len() > contracts).then(|| figures.remove(contracts));
        Ok(Self {
            mean_gain: trials.dollars(whole.mean()),
            tvar: [0.95, 0.99].map(|value| trials.dollars(whole.tail_value_at_risk(level(value)))),
            contracts: figures,
            rest,
            diversification: allocations.map(|allocation| trials.dollars(allocation.diversification())),
        })
    }
}

/// What the contracts leave of the gain; what is due to rounding is exactly nothing.
fn rest(gains: &[f64], held: &[Held]) -> Vec<f64> {
    let rest = gains.iter().enumerate().map(|(trial, &gain)| {
        let parts = || held.iter().map(|held| held.gains[trial]);
        left_of(std::iter::once(gain).chain(parts().map(|part| -part)))
    });
    rest.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use twosided_prob::{Design, Purpose, Stream, StreamKey, name_key};

    use super::*;
    use crate::Period;

    fn normals(name: &str) -> Vec<f64> {
        let key =
            StreamKey { seed: 12, purpose: Purpose::Factor, segment: 0, service: name_key(name), trial: 0, year: 0 };
        let mut stream = Stream::new(&key);
        (0..8_000).map(|_| stream.normal()).collect()
    }

    fn held(name: &str, gains: Vec<f64>) -> Held {
        let alone = Some(gains.iter().map(|gain| gain - 2.0).collect());
        Held { name: name.to_owned(), payers: Vec::new(), gains, tails: [f64::INFINITY; 2], alone }
    }

    #[test]
    fn parts_add_up_and_what_no_contract_brings_has_a_row() {
        let design = Arc::new(Design::independent(8_000));
        let trials = Trials { design: &design, period: Period { years: 1 } };
        let [a, b] = ["a", "b"].map(normals);
        let gains: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b - 3.0).collect();
        let open = [f64::INFINITY; 2];
        let parts =
            Parts::new(&trials, &gains, open, vec![held("A", a.clone()), held("B", b.clone())]).expect("finite");
        let rest = parts.rest.expect("the contracts leave a loss of 3");
        assert!(rest.contract == REST && rest.mean_gain.standard_error < 1e-12, "{rest:?}");
        assert!((rest.mean_gain.value + 3.0).abs() < 1e-9 && (rest.tvar_99.part.value - 3.0).abs() < 1e-9);
        let [at_95, at_99]: [fn(&HeldFigures) -> &TailFigures; 2] = [|held| &held.tvar_95, |held| &held.tvar_99];
        for (tvar, tail) in parts.tvar.iter().zip([at_95, at_99]) {
            let tails: Vec<&TailFigures> = parts.contracts.iter().chain([&rest]).map(tail).collect();
            let total: f64 = tails.iter().map(|tail| tail.part.value).sum();
            let shares: f64 = tails.iter().map(|tail| tail.share.expect("a loss").value).sum();
            assert!((total - tvar.value).abs() < 1e-9 && (shares - 1.0).abs() < 1e-9, "{total} {tvar:?} {shares}");
        }
        // Two independent contracts of the same spread: (2 - √2) × 2.0627.
        let benefit = &parts.diversification[0];
        assert!(
            (benefit.value - 1.208).abs() < 4.0 * benefit.standard_error && benefit.standard_error < 0.1,
            "{benefit:?}"
        );
        let alone = parts.contracts[0].alone.as_ref().expect("it has trials");
        assert!((alone.mean_gain.value - parts.contracts[0].mean_gain.value + 2.0).abs() < 1e-9);
        // Where the contracts are all, nothing is left but rounding.
        let gains: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + b).collect();
        let parts = Parts::new(&trials, &gains, open, vec![held("A", a), held("B", b)]).expect("finite");
        assert_eq!((parts.rest, parts.contracts.len()), (None, 2));
    }
}
