//! How far what an event costs moves what follows it.
//!
//! The amounts of a service that follows are drawn from its law and multiplied:
//!
//! ```text
//! factor = (x / E[x])^e / E[(x / E[x])^e],   x the amount of the event that is followed
//! ```
//!
//! The factor has mean 1 and is independent of the amount drawn, so the mean stays as the law has it. An event that follows one that
//! follows depends on the amount of the latter, its own factor counted. How many events follow does not depend on the amount.

use crate::{PopulationError, Service, Utilization};

/// What multiplies the amounts of a service that follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Elasticity {
    /// The mean amount of an event that is followed.
    mean: f64,
    exponent: f64,
    /// The mean of the power.
    moment: f64,
}

impl Elasticity {
    /// The most that an elasticity can be.
    pub(crate) const MOST: f64 = 2.0;

    /// The elasticity of the service at an index; none where its amounts depend on no other.
    pub(crate) fn of(services: &[Service], index: usize) -> Option<Self> {
        let (followed, exponent) = followed(services, index)?;
        let mean = mean(&services[followed]);
        Some(Self { mean, exponent, moment: relative_moment(services, followed, exponent) })
    }

    /// What an event multiplies the amounts of those that follow it by.
    pub(crate) fn factor(&self, amount: f64) -> f64 {
        libm::pow(amount / self.mean, self.exponent) / self.moment
    }

    /// Whether the service at an index, which follows what it can follow, has an elasticity that it can have.
    pub(crate) fn check(services: &[Service], index: usize, segment: &str) -> Result<(), PopulationError> {
        let Some((followed, elasticity)) = followed(services, index) else { return Ok(()) };
        let refused = |expected| {
            let (segment, service) = (segment.to_owned(), services[index].name.clone());
            Err(PopulationError::Elasticity { segment, service, elasticity, expected })
        };
        if !(0.0..=Self::MOST).contains(&elasticity) {
            return refused(format!("it is a number from 0 to {}", Self::MOST));
        }
        let tail_index = tail_index(services, &services[followed]);
        if tail_index <= 2.0 * elasticity {
            let name = &services[followed].name;
            return refused(format!(
                "it is below {}, half of the tail index of `{name}`, or what follows has no variance",
                0.5 * tail_index
            ));
        }
        Ok(())
    }
}

/// The service that one follows and whose amounts move its own, and its elasticity.
fn followed(services: &[Service], index: usize) -> Option<(usize, f64)> {
    match &services[index].utilization {
        Utilization::Following { after, severity_elasticity, .. } if *severity_elasticity != 0.0 => {
            Some((services.iter().position(|known| known.name == *after)?, *severity_elasticity))
        }
        Utilization::Following { .. } | Utilization::Events { .. } | Utilization::Annual { .. } => None,
    }
}

/// The mean amount of an event.
fn mean(service: &Service) -> f64 {
    match &service.utilization {
        Utilization::Events { severity: law, .. }
        | Utilization::Following { severity: law, .. }
        | Utilization::Annual { amount: law, .. } => law.mean(),
    }
}

/// Moment of an amount over its mean, whose own factor counts.
fn relative_moment(services: &[Service], index: usize, order: f64) -> f64 {
    let of_law = match &services[index].utilization {
        Utilization::Events { severity: law, .. }
        | Utilization::Following { severity: law, .. }
        | Utilization::Annual { amount: law, .. } => law.relative_moment(order),
    };
    let Some((followed, exponent)) = followed(services, index) else { return of_law };
    let moment = |order| relative_moment(services, followed, order);
    of_law * moment(exponent * order) / libm::pow(moment(exponent), order)
}

/// Tail index of the cost of one of the services of a segment: moments of this order and above do not exist.
pub(crate) fn tail_index(services: &[Service], service: &Service) -> f64 {
    match &service.utilization {
        Utilization::Events { severity: law, .. } | Utilization::Annual { amount: law, .. } => law.tail_index(),
        Utilization::Following { after, severity, severity_elasticity, .. } => {
            let followed = services.iter().find(|known| known.name == *after && *severity_elasticity != 0.0);
            let of_followed = followed.map_or(f64::INFINITY, |known| tail_index(services, known) / severity_elasticity);
            severity.tail_index().min(of_followed)
        }
    }
}
