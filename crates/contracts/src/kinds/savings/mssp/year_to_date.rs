//! A performance year of the Medicare Shared Savings Program of which a part has already happened.

use twosided_form::{Key, Range, Section, Unit, keys};
use twosided_units::{Dollars, PerCapita, PersonYears, Share};

use crate::{AGREED, OBSERVED, Settlement, read};

/// The part of the first year that has already happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct YearToDate {
    /// The share of a whole year's expected expenditure that has already happened.
    pub share: Share,
    /// What has been spent so far per person-year of the whole year, completed for run-out.
    pub per_capita: PerCapita,
}

keys! {
    /// The part of the first year that has already happened.
    pub(crate) struct YearToDateKeys "terms.mssp.year_to_date" {
        SHARE: Share = Key::share("share").required("0.5")
            .meaning("the share of a whole year's expected expenditure that has already happened")
            .more("It follows the seasons of expenditure, and is not the share of months");
        PER_CAPITA: PerCapita = Key::quantity("per_capita", Unit::PER_PERSON_YEAR, Range::of(read::LEAST, 1e9))
            .required("5_600").meaning("what has been spent so far, per person-year of the whole year, completed for run-out")
            .more("At a share of 1 it is the whole year's expenditure");
    }
}

impl YearToDate {
    pub(super) fn read(section: Section<'_>) -> Option<Self> {
        type Keys = YearToDateKeys;
        let (share, per_capita) = (section.read(&Keys::SHARE), section.read(&Keys::PER_CAPITA));
        if share == Some(Share::ZERO) {
            let path = section.path_of(Keys::SHARE.name);
            let message = format!("{path} is 0, but something has been spent");
            section.wrong(
                &section.span_of(Keys::SHARE.name),
                message,
                "write a share above 0, or leave year_to_date out",
            );
            return None;
        }
        section.finish();
        Some(Self { share: share?, per_capita: per_capita? })
    }

    /// The year's expenditure and how it follows: what has been spent so far, and the rest of a whole year's.
    ///
    /// ```text
    /// expenditure = per capita × person-years + (1 - share) × expenditure of a whole year
    /// ```
    pub(super) fn expenditure(
        self,
        settlement: &mut Settlement,
        person_years: PersonYears,
        whole_year: Dollars,
    ) -> (Dollars, &'static str) {
        settlement.rule("a part of the year has already happened");
        settlement.per_capita("expenditure to date per capita", AGREED, self.per_capita);
        let to_date = settlement.dollars(
            "expenditure to date",
            "{expenditure to date per capita} × {person-years}",
            self.per_capita * person_years,
        );
        settlement.dollars("expenditure of a whole year", OBSERVED, whole_year);
        settlement.share("share of the year that has happened", AGREED, self.share.value());
        let to_come = settlement.dollars(
            "expenditure still to come",
            "{expenditure of a whole year} × (1 - {share of the year that has happened})",
            whole_year * self.share.complement(),
        );
        (to_date + to_come, "{expenditure to date} + {expenditure still to come}")
    }
}
