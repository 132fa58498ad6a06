//! Who leaves the program: the chance that an organization is not in the next year's file, by its result, in files with identifiers.

use crate::{Panel, Parameter, Program};
use serde::{Deserialize, Serialize};

/// The chance to leave, as a logistic function of the savings rate over the program's.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// Share that leaves in a year.
    pub share: f64,
    /// Logit of the chance at the program's level.
    pub intercept: Parameter,
    /// What the logit changes by for one more in the log ratio.
    pub on_result: Parameter,
    /// Years of organizations that it is fitted to.
    pub years: usize,
}

impl Exit {
    /// The chance to leave after a year whose log ratio is that much over the program's, with its standard error.
    pub fn chance(&self, over: f64) -> Parameter {
        let value = 1.0 / (1.0 + libm::exp(-self.intercept.value - self.on_result.value * over));
        let logit =
            self.intercept.error * self.intercept.error + over * over * self.on_result.error * self.on_result.error;
        Parameter { value, error: value * (1.0 - value) * logit.sqrt() }
    }
}

/// Fits who leaves after which result; none where everyone stays or leaves.
pub fn exit(panel: &Panel, program: &Program) -> Option<Exit> {
    let mut rows: Vec<(f64, f64)> = Vec::new();
    for series in &panel.organizations {
        for year in &series.years {
            // A row of half a year is that of an agreement that ends; without identifiers, a new name looks like an exit.
            let next = year.year + 1;
            if year.part < 1.0 || !panel.has_identifiers(year.year) || !panel.has_identifiers(next) {
                continue;
            }
            let over = year.log_ratio - program.level(year.year)?;
            let stays = panel.identified.contains(&(series.key.clone(), next));
            rows.push((over, f64::from(u8::from(!stays))));
        }
    }
    let left: f64 = rows.iter().map(|row| row.1).sum();
    let share = left / rows.len() as f64;
    if !(0.0..1.0).contains(&share) || share == 0.0 {
        return None;
    }
    let (mut a, mut b) = (libm::log(share / (1.0 - share)), 0.0);
    let mut information = (0.0, 0.0, 0.0);
    for _ in 0..50 {
        let mut gradient = (0.0, 0.0);
        information = (0.0, 0.0, 0.0);
        for &(x, y) in &rows {
            let chance = 1.0 / (1.0 + libm::exp(-a - b * x));
            let weight = chance * (1.0 - chance);
            gradient = (gradient.0 + y - chance, gradient.1 + (y - chance) * x);
            information = (information.0 + weight, information.1 + weight * x, information.2 + weight * x * x);
        }
        let determinant = information.0 * information.2 - information.1 * information.1;
        let step = (
            (information.2 * gradient.0 - information.1 * gradient.1) / determinant,
            (information.0 * gradient.1 - information.1 * gradient.0) / determinant,
        );
        (a, b) = (a + step.0, b + step.1);
        if step.0.abs() + step.1.abs() < 1e-10 {
            break;
        }
    }
    let determinant = information.0 * information.2 - information.1 * information.1;
    Some(Exit {
        share,
        intercept: Parameter { value: a, error: (information.2 / determinant).sqrt() },
        on_result: Parameter { value: b, error: (information.0 / determinant).sqrt() },
        years: rows.len(),
    })
}
