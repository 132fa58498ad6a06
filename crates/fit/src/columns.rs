//! What the columns of a member-level file mean.

use std::str::FromStr;

use twosided_form::{name_fault, shortened};

/// Which columns are read, and as what.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnRoles {
    /// The person.
    pub person: String,
    /// The year.
    pub year: String,
    /// The enrolled part of the year.
    pub exposure: Exposure,
    /// Cost, and events, of each service.
    pub services: Vec<ServiceColumns>,
    /// Columns whose texts together name the segment; none for one segment of everyone.
    pub segments: Vec<String>,
    /// What to do with rows whose cost and events disagree.
    pub unmatched: Unmatched,
}

/// Which column holds the enrolled part of a year.
#[derive(Clone, Debug, PartialEq)]
pub enum Exposure {
    /// Everyone is enrolled for the whole year.
    WholeYears,
    /// A column of shares of the year.
    Share(String),
    /// A column of months.
    Months(String),
}

/// What to do with cost without an event, and with an event without cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmatched {
    /// Name the rows and fit nothing.
    #[default]
    Refuse,
    /// Cost without an event is one event; events without cost are none.
    Mend,
}

/// The columns of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceColumns {
    /// The service.
    pub name: String,
    /// Dollars of the year.
    pub cost: String,
    /// Events of the year.
    pub count: Option<String>,
}

/// An invalid `--service` argument.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServiceColumnsError {
    /// The argument is malformed.
    #[error("\"{0}\" is not NAME=cost:COLUMN or NAME=cost:COLUMN,count:COLUMN")]
    Form(String),
    /// A part is neither a cost nor a count.
    #[error("\"{0}\" is neither cost:COLUMN nor count:COLUMN")]
    Part(String),
    /// The name is invalid.
    #[error("the name \"{name}\" {fault}; {help}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        fault: &'static str,
        /// What is expected.
        help: &'static str,
    },
}

impl FromStr for ServiceColumns {
    type Err = ServiceColumnsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || ServiceColumnsError::Form(shortened(text, 100));
        let (name, parts) = text.split_once('=').ok_or_else(form)?;
        if let Some((fault, help)) = name_fault(name) {
            return Err(ServiceColumnsError::Name { name: shortened(name, 60), fault, help });
        }
        let (mut cost, mut count) = (None, None);
        for part in parts.split(',') {
            let slot = match part.split_once(':') {
                Some(("cost", column)) if !column.trim().is_empty() => (&mut cost, column),
                Some(("count", column)) if !column.trim().is_empty() => (&mut count, column),
                _ => return Err(ServiceColumnsError::Part(shortened(part, 60))),
            };
            if slot.0.replace(slot.1.trim().to_owned()).is_some() {
                return Err(form());
            }
        }
        Ok(Self { name: name.to_owned(), cost: cost.ok_or_else(form)?, count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_given_by_their_columns() {
        let service: ServiceColumns = "inpatient stays=count:totadm,cost:inpdol".parse().expect("a valid argument");
        assert_eq!(service.name, "inpatient stays");
        assert_eq!((service.cost.as_str(), service.count.as_deref()), ("inpdol", Some("totadm")));
        for wrong in ["drugs", "drugs=drugdol", "drugs=count:n", "=cost:a", "a/b=cost:a", "a=cost:x,cost:y", "a=cost:"]
        {
            assert!(wrong.parse::<ServiceColumns>().is_err(), "{wrong}");
        }
    }
}
