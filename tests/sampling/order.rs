//! The order of a file, and what is added to it or left out, change no other number to the bit.

use twosided_scenario::Scenario;

use crate::{
    pieces::{Permute, Pieces, everything},
    support::{Run, parse},
};

/// A run, asked by names.
struct Found {
    scenario: Scenario,
    run: Run,
}

impl Pieces {
    fn run(&self) -> Found {
        let scenario = parse(&self.text());
        let run = Run::of(&scenario, 12, 7);
        Found { scenario, run }
    }
}

impl Found {
    /// All lines of a contract, to the bit.
    fn contract(&self, name: &str) -> Vec<u64> {
        let index = self.scenario.contracts.iter().position(|contract| contract.name == name).expect("it is there");
        let lines = self.run.outcomes.lines.index_axis(ndarray::Axis(2), index);
        lines.iter().map(|line| line.to_bits()).collect()
    }

    fn contracts(&self) -> Vec<String> {
        self.scenario.contracts.iter().map(|contract| contract.name.clone()).collect()
    }

    /// What was observed of each segment, by the names of the segment and the observation; totals under no name.
    fn observed(&self) -> Vec<(String, String, String)> {
        let observed = &self.run.observed;
        let mut found = Vec::new();
        for (column, observation) in observed.plan.observations().iter().enumerate() {
            for year in 0..self.run.outcomes.years() {
                for (index, segment) in self.scenario.population.segments().iter().enumerate() {
                    let moments = format!("{:?}", observed.segments[(year, index, column)]);
                    found.push((segment.name.clone(), format!("{observation:?} in {year}"), moments));
                }
                let total = format!("{:?}", observed.total[(year, column)]);
                found.push((String::new(), format!("{observation:?} in {year}"), total));
            }
        }
        found.sort();
        found
    }

    /// What both observe, where the filter passes the segment and the observation, is the same.
    fn assert_same_observed(&self, other: &Self, what: &str, counts: impl Fn(&str, &str) -> bool) {
        let others = other.observed();
        let mut compared = 0;
        for (segment, observation, moments) in self.observed() {
            let same = others.iter().find(|(name, of, _)| *name == segment && *of == observation);
            if let Some((.., others)) = same.filter(|_| counts(&segment, &observation)) {
                assert_eq!(moments, *others, "{what}: {observation} of {segment}");
                compared += 1;
            }
        }
        assert!(compared > 10, "{what}: something is compared");
    }

    fn assert_same_contracts(&self, other: &Self, what: &str, counts: impl Fn(&str) -> bool) {
        let others = other.contracts();
        for name in self.contracts().iter().filter(|name| others.contains(name) && counts(name)) {
            assert_eq!(self.contract(name), other.contract(name), "{what}: {name}");
        }
    }
}

#[test]
fn the_order_of_a_file_changes_no_bit() {
    let whole = everything();
    let before = whole.run();
    assert!(before.contract("two-sided") != before.contract("savings"), "contracts differ");
    for (what, turned) in [
        ("turned", whole.permuted(|list: &mut dyn Permute| list.turn())),
        ("shifted", whole.permuted(|list: &mut dyn Permute| list.shift())),
    ] {
        let after = turned.run();
        before.assert_same_contracts(&after, what, |_| true);
        before.assert_same_observed(&after, what, |_, _| true);
    }
}

#[test]
fn a_contract_changes_no_other() {
    let whole = everything();
    let before = whole.run();
    for index in 0..whole.contracts.len() {
        let mut fewer = whole.clone();
        let removed = fewer.contracts.remove(index);
        let after = fewer.run();
        before.assert_same_contracts(&after, &format!("without {removed}"), |_| true);
        before.assert_same_observed(&after, &format!("without {removed}"), |_, _| true);
        let mut alone = whole.clone();
        alone.contracts = vec![removed];
        alone.run().assert_same_contracts(&before, "alone", |_| true);
    }
}

#[test]
fn a_program_changes_only_who_runs_it() {
    let whole = everything();
    let before = whole.run();
    for (index, runs) in
        [(0, vec!["two-sided"]), (1, vec!["two-sided", "capitation"]), (2, vec!["two-sided", "bundle"])]
    {
        let mut fewer = whole.clone();
        let removed = fewer.programs.remove(index);
        let name = removed.split('"').nth(1).expect("a name").to_owned();
        for contract in &mut fewer.contracts {
            *contract = contract.replace(&format!("\"{name}\", "), "").replace(&format!(", \"{name}\""), "");
            *contract = contract.replace(&format!("[\"{name}\"]"), "[]");
        }
        let after = fewer.run();
        before.assert_same_contracts(&after, &name, |contract| !runs.contains(&contract));
        before.assert_same_observed(&after, &name, |_, _| true);
    }
    // Without any program or response, plain people are drawn the short way: the same to the bit.
    let mut none = whole.clone();
    none.programs.clear();
    none.response = "";
    none.contracts = vec![none.contracts[0].clone()];
    none.run().assert_same_observed(&before, "no program", |_, _| true);
}

#[test]
fn segments_services_measures_and_factors_change_no_others() {
    let mut whole = everything();
    // What benchmarks, rates and shares are tuned to may refer to what is left out.
    whole.contracts.truncate(1);
    whole.programs.clear();
    whole.response = "";
    let before = whole.run();
    for index in 0..whole.segments.len() {
        let mut fewer = whole.clone();
        let (removed, _) = fewer.segments.remove(index);
        fewer.run().assert_same_observed(&before, &format!("without {removed}"), |segment, _| !segment.is_empty());
    }
    for (segment, service) in [(0, 0), (0, 1), (1, 0), (1, 2)] {
        let mut fewer = whole.clone();
        let removed = fewer.segments[segment].1.remove(service);
        let is_of_a_service =
            |observation: &str| observation.starts_with("Expenditure") || observation.starts_with("Count");
        let name = removed.split(' ').next().expect("a name");
        fewer.run().assert_same_observed(&before, &format!("without {removed}"), |segment, observation| {
            !segment.is_empty() && is_of_a_service(observation) && !observation.contains(name)
        });
    }
    for index in 0..whole.measures.len() {
        let mut fewer = whole.clone();
        let removed = fewer.measures.remove(index);
        fewer.run().assert_same_observed(&before, &format!("without {removed}"), |_, _| true);
    }
    // The last factor moves drugs alone, and is correlated with none.
    let mut fewer = whole.clone();
    let removed = fewer.factors.pop().expect("factors");
    fewer.run().assert_same_observed(&before, &format!("without {removed}"), |_, observation| {
        !observation.contains("drugs") && !observation.starts_with("Layer")
    });
    // A layer on one service leaves the others alone.
    let mut layered = whole.clone();
    layered.segments[0].1[3].push_str(", frailty_loading = 0.5 }");
    layered.segments[0].1[3] = layered.segments[0].1[3].replace(" } }, frailty", " }, frailty");
    layered.run().assert_same_observed(&before, "a layer", |_, observation| {
        !observation.contains("visits") && !observation.starts_with("Layer")
    });
}
