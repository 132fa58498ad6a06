//! Claims noise of the ACOs of a year: of a sample person by person, of the rest by what enrollment types say.

use std::collections::BTreeMap;

use rayon::prelude::*;
use twosided_aco::{AcoFile, SampledPersons, claims_cv, national_claims_cv};
use twosided_actuals::{AcoYear, Table, types_of};

use crate::ClaimsNoise;

/// ACOs that are drawn person by person, spread evenly through the file, and persons of each enrollment type.
const SAMPLED: usize = 24;
const PERSONS: u64 = 50_000;

/// The claims noise of each ACO of a results file. An ACO that is not drawn person by person has that of its enrollment types, times
/// the mean ratio of the two in those that are.
pub fn claims_noise(table: &Table, year: u16, acos: &[AcoYear], seed: u64) -> ClaimsNoise {
    let program = national_claims_cv();
    // A selection of columns without people has the program's noise.
    let Ok(file) = AcoFile::new(table, year) else {
        return ClaimsNoise { by_aco: BTreeMap::new(), program, sampled: Vec::new() };
    };
    let rows: BTreeMap<String, usize> =
        (0..file.years().rows()).map(|row| (file.years().identity(row).1.to_owned(), row)).collect();
    let by_types = |aco: &str| rows.get(aco).and_then(|&row| types_of(table, row)).map(claims_cv);
    let step = (acos.len() / SAMPLED).max(1);
    let chosen: Vec<&AcoYear> = acos.iter().step_by(step).take(SAMPLED).collect();
    let sampled = chosen.par_iter().filter_map(|aco| {
        let persons = SampledPersons { count: PERSONS, times: 1, seed };
        let by_person = file.claims_cv(*rows.get(&aco.aco)?, persons).ok()?;
        Some((aco.aco.clone(), by_person, by_types(&aco.aco)?))
    });
    let sampled: Vec<(String, f64, f64)> = sampled.collect();
    let count = sampled.len().max(1) as f64;
    let ratio =
        if sampled.is_empty() { 1.0 } else { sampled.iter().map(|(_, own, types)| own / types).sum::<f64>() / count };
    let mut by_aco: BTreeMap<String, f64> =
        acos.iter().filter_map(|aco| Some((aco.aco.clone(), ratio * by_types(&aco.aco)?))).collect();
    by_aco.extend(sampled.iter().map(|(aco, own, _)| (aco.clone(), *own)));
    ClaimsNoise { by_aco, program, sampled }
}
