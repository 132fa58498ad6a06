//! What a row says of use and spending by service, in events and dollars of all its people.

use std::collections::{BTreeMap, BTreeSet};

use twosided_actuals::{AcoPeople, cms_columns as column};

use crate::{
    national::{Expected, National},
    people::EnrollmentGroup,
};

/// A published figure and the services that it is of.
pub(crate) struct PublishedFigure {
    pub(crate) column: &'static str,
    /// Figures that are part of it and are taken by themselves.
    less: &'static [&'static str],
    pub(crate) services: &'static [&'static str],
}

const fn measure(
    column: &'static str,
    less: &'static [&'static str],
    services: &'static [&'static str],
) -> PublishedFigure {
    PublishedFigure { column, less, services }
}

/// Events per 1,000 person-years; what is taken off stands before what it is taken from.
pub(crate) const COUNTS: [PublishedFigure; 12] = [
    measure(column::SHORT_TERM_ADMISSIONS, &[], &["inpatient", "readmission"]),
    measure(column::LONG_TERM_ADMISSIONS, &[], &["long-term hospital"]),
    measure(column::REHABILITATION_ADMISSIONS, &[], &["rehabilitation"]),
    measure(column::PSYCHIATRIC_ADMISSIONS, &[], &["psychiatric"]),
    measure(column::EMERGENCY_ADMISSIONS, &[], &["emergency admitted"]),
    measure(column::EMERGENCY_VISITS, &[column::EMERGENCY_ADMISSIONS], &["emergency"]),
    measure(column::SKILLED_NURSING_ADMISSIONS, &[], &["skilled nursing"]),
    measure(column::CT_SCANS, &[], &["CT"]),
    measure(column::MRI_SCANS, &[], &["MRI"]),
    measure(column::PRIMARY_CARE_VISITS, &[], &["primary care visits"]),
    measure(column::SPECIALIST_VISITS, &[], &["specialist visits"]),
    measure(
        column::ALL_VISITS,
        &[column::PRIMARY_CARE_VISITS, column::SPECIALIST_VISITS],
        &["other evaluation and management"],
    ),
];

/// Dollars a person-year.
pub(crate) const DOLLARS: [PublishedFigure; 11] = [
    measure(column::LONG_TERM_HOSPITAL, &[], &["long-term hospital"]),
    measure(column::REHABILITATION, &[], &["rehabilitation"]),
    measure(column::PSYCHIATRIC, &[], &["psychiatric"]),
    measure(
        column::INPATIENT,
        &[column::LONG_TERM_HOSPITAL, column::REHABILITATION, column::PSYCHIATRIC],
        &["inpatient", "readmission"],
    ),
    measure(column::HOSPICE, &[], &["hospice"]),
    measure(column::SKILLED_NURSING, &[], &["skilled nursing", "skilled nursing days"]),
    measure(column::OUTPATIENT, &[], &["outpatient", "emergency"]),
    measure(column::AMBULANCE, &[], &["ambulance"]),
    measure(
        column::PART_B,
        &[column::AMBULANCE],
        &[
            "professional",
            "inpatient professional",
            "primary care visits",
            "specialist visits",
            "other evaluation and management",
            "CT",
            "MRI",
            "Part B drugs",
            "emergency admitted",
        ],
    ),
    measure(column::HOME_HEALTH, &[], &["home health"]),
    measure(column::EQUIPMENT, &[], &["equipment"]),
];

/// Counts of which the row also has the dollars: where one is hidden, or rounded to nothing, the other stands for it.
const PRICED: [(&str, &str); 4] = [
    (column::LONG_TERM_ADMISSIONS, column::LONG_TERM_HOSPITAL),
    (column::REHABILITATION_ADMISSIONS, column::REHABILITATION),
    (column::PSYCHIATRIC_ADMISSIONS, column::PSYCHIATRIC),
    (column::SKILLED_NURSING_ADMISSIONS, column::SKILLED_NURSING),
];

/// CMS hides figures of fewer people than 11.
const MOST_HIDDEN: f64 = 10.0;

/// What all people of an ACO are to come to.
pub(crate) struct Targets {
    /// Events, by column.
    counts: BTreeMap<&'static str, f64>,
    /// Dollars, by column.
    dollars: BTreeMap<&'static str, f64>,
    /// Days of a stay in a nursing facility; as they are where the row does not say.
    days: Option<f64>,
    /// Columns whose figure is a default.
    pub(crate) defaults: BTreeSet<&'static str>,
}

impl Targets {
    pub(crate) fn new(
        figures: &AcoPeople,
        kinds: &[EnrollmentGroup],
        national: &National,
        remarks: &mut Vec<String>,
    ) -> Self {
        let base: Vec<&Expected> = kinds.iter().map(|kind| &national.expected[kind.enrollment as usize]).collect();
        let events_of = |services: &[&str]| total(kinds, &base, services, |base| &base.counts);
        let dollars_of = |services: &[&str]| total(kinds, &base, services, |base| &base.costs);
        let person_years: f64 =
            kinds.iter().zip(&base).map(|(kind, base)| kind.members as f64 * base.person_years).sum();
        let published = |column: &str| figures.figures.get(column).copied();
        let mut targets = Self {
            counts: BTreeMap::new(),
            dollars: BTreeMap::new(),
            days: published(column::SKILLED_NURSING_DAYS).filter(|days| *days > 0.0),
            defaults: BTreeSet::new(),
        };
        if targets.days.is_none() {
            targets.defaults.insert(column::SKILLED_NURSING_DAYS);
        }
        for measure in &COUNTS {
            let national = events_of(measure.services);
            let less: f64 = measure.less.iter().map(|column| targets.counts[column]).sum();
            let count = published(measure.column).map(|rate| (rate / 1_000.0 * person_years - less).max(0.0));
            let price = PRICED.iter().find(|(count, _)| *count == measure.column);
            let priced = price.and_then(|&(_, column)| {
                let dollars = published(column)? * person_years;
                let measure = DOLLARS.iter().find(|measure| measure.column == column)?;
                Some(dollars / dollars_of(measure.services) * national)
            });
            let is_default = count.is_none() || (count == Some(0.0) && priced.is_some_and(|events| events > 0.0));
            let events = match (count, priced) {
                (Some(count), _) if !is_default => count,
                (_, Some(priced)) => priced,
                // Of what can be hidden, at most ten are.
                _ if price.is_some() => national.min(MOST_HIDDEN),
                _ => national,
            };
            if is_default {
                targets.defaults.insert(measure.column);
            }
            targets.counts.insert(measure.column, events);
        }
        for measure in &DOLLARS {
            // At national prices, with the row's use.
            let of_service = |service: &&str| dollars_of(&[service]) * targets.use_of(service, kinds, &base);
            let used: f64 = measure.services.iter().map(of_service).sum();
            let less: f64 = measure.less.iter().map(|column| targets.dollars[column]).sum();
            let dollars =
                published(measure.column).map(|figure| figure * person_years - less).filter(|dollars| *dollars >= 0.0);
            // A service that is used has its price.
            let is_default = dollars.is_none_or(|dollars| {
                dollars == 0.0 && PRICED.iter().any(|(_, column)| *column == measure.column) && used > 0.0
            });
            let dollars = dollars.filter(|_| !is_default).unwrap_or(used);
            if is_default {
                targets.defaults.insert(measure.column);
            }
            targets.dollars.insert(measure.column, dollars);
        }
        if !targets.defaults.is_empty() {
            let columns: Vec<&str> = targets.defaults.iter().copied().collect();
            remarks.push(format!("hidden or missing in the row, and a default here: {}", columns.join(", ")));
        }
        targets
    }

    /// Whether nothing is spent at all.
    pub(crate) fn cost_nothing(&self) -> bool {
        self.dollars.values().sum::<f64>() <= 0.0
    }

    /// Use of a service over that of a base.
    fn use_of(&self, service: &str, kinds: &[EnrollmentGroup], base: &[&Expected]) -> f64 {
        let total = |services: &[&str]| total(kinds, base, services, |base| &base.counts);
        if let Some(measure) = COUNTS.iter().find(|measure| measure.services.contains(&service)) {
            let events = total(measure.services);
            return if events > 0.0 { self.counts[measure.column] / events } else { 0.0 };
        }
        match service {
            "inpatient professional" => self.use_of("inpatient", kinds, base),
            "skilled nursing days" => {
                let stays = self.use_of("skilled nursing", kinds, base);
                let days = total(&[service]) / total(&["skilled nursing"]);
                self.days.map_or(stays, |wanted| stays * wanted / days)
            }
            _ => 1.0,
        }
    }

    /// Use of each service over that of a base; zero where the row has none.
    pub(crate) fn uses(&self, kinds: &[EnrollmentGroup], base: &[&Expected]) -> Vec<f64> {
        let none = |service: &str| {
            DOLLARS.iter().any(|measure| measure.services.contains(&service) && self.dollars[measure.column] == 0.0)
        };
        let used = |service: &String| if none(service) { 0.0 } else { self.use_of(service, kinds, base) };
        let mut uses: Vec<f64> = base[0].services.iter().map(used).collect();
        // What follows a service that nobody uses has nothing to follow.
        for _ in 0..uses.len() {
            for index in 0..uses.len() {
                if base[0].follows[index].is_some_and(|parent| uses[parent] == 0.0) {
                    uses[index] = 0.0;
                }
            }
        }
        uses
    }

    /// Services of one price level that are used, by their indices, and what they are to cost.
    pub(crate) fn groups(&self, services: &[String], uses: &[f64]) -> Vec<(Vec<usize>, f64)> {
        let index = |service: &&str| services.iter().position(|known| known == service);
        let group = |measure: &PublishedFigure| {
            let indices = measure.services.iter().filter_map(index).filter(|&index| uses[index] > 0.0);
            (indices.collect(), self.dollars[measure.column])
        };
        let is_used = |(indices, dollars): &(Vec<usize>, f64)| !indices.is_empty() && *dollars > 0.0;
        DOLLARS.iter().map(group).filter(is_used).collect()
    }
}

/// Events or dollars of some services, of all people.
fn total(
    kinds: &[EnrollmentGroup],
    base: &[&Expected],
    services: &[&str],
    figures: impl for<'e> Fn(&'e Expected) -> &'e Vec<f64>,
) -> f64 {
    let of_type = |(kind, base): (&EnrollmentGroup, &&Expected)| {
        let indices = services.iter().filter_map(|service| base.index(service));
        kind.members as f64 * indices.map(|index| figures(base)[index]).sum::<f64>()
    };
    kinds.iter().zip(base).map(of_type).sum()
}
