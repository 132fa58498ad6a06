//! A member-level file as people's years by segment, with every problem named.

use std::collections::{BTreeMap, BTreeSet};

use twosided_actuals::{ActualsError, Table};
use twosided_form::{Suggestions, name_fault, shortened};

use crate::columns::{ColumnRoles, Exposure, Unmatched};

/// Fewest people of a segment.
pub const FEWEST_PEOPLE: usize = 20;
/// Fewest people who use a service, if anyone does.
pub const FEWEST_USERS: usize = 5;
/// Most segments and services, as of a scenario.
const MOST_SEGMENTS: usize = 1_000;
/// Most events of a person in a year.
const MOST_EVENTS: f64 = 10_000.0;
/// Most events per person-year of a segment, as of a scenario.
const MOST_MEAN_EVENTS: f64 = 1_000.0;
/// Most dollars of a person in a year: more than any person has cost.
const MOST_DOLLARS: f64 = 1e9;
/// Least dollars of a person in a year who has cost: a millionth of a dollar.
const LEAST_DOLLARS: f64 = 1e-6;
/// Least share of a year, less than a day.
const LEAST_EXPOSURE: f64 = 0.002;

/// One service in one person's year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Use {
    /// Dollars.
    pub cost: f64,
    /// Events, where they are counted.
    pub count: Option<u32>,
}

/// A row of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonYear {
    /// The person, as a number.
    pub person: u32,
    /// The year.
    pub year: i64,
    /// Share of the year enrolled, above 0 and at most 1.
    pub exposure: f64,
    /// Services, in the order of the columns.
    pub uses: Vec<Use>,
}

/// The rows of one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct SegmentData {
    /// Its name.
    pub name: String,
    /// Its rows, in the order of the file.
    pub years: Vec<PersonYear>,
}

/// A file, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// The file's name.
    pub file: String,
    /// Rows.
    pub rows: usize,
    /// Different years.
    pub years: usize,
    /// Segments in the order of their names.
    pub segments: Vec<SegmentData>,
    /// Rows of each service in which cost without an event was taken as one event, and in which events without cost were left out.
    pub mended: Vec<[usize; 2]>,
}

impl SegmentData {
    /// How many people.
    pub fn people(&self) -> usize {
        self.years.iter().map(|year| year.person).collect::<BTreeSet<u32>>().len()
    }

    /// Years enrolled, summed.
    pub fn person_years(&self) -> f64 {
        self.years.iter().map(|year| year.exposure).sum()
    }
}

/// Indices of the columns in the table.
struct ColumnIndices {
    person: usize,
    year: usize,
    exposure: Option<(usize, f64)>,
    services: Vec<(usize, Option<usize>)>,
    segments: Vec<usize>,
}

impl Data {
    /// Reads a table.
    ///
    /// # Errors
    /// [`ActualsError::Invalid`] with every problem: columns that are not there; cells that are not numbers or out of range;
    /// cost and events that disagree; a person's year that is listed twice; segments of too few people, or of too few
    /// who use a service.
    pub fn read(table: &Table, columns: &ColumnRoles) -> Result<Self, ActualsError> {
        let mut problems = Vec::new();
        let indices = indices(table, columns, &mut problems);
        let indices = table.checked(indices, problems)?.expect("a column that is not there is a problem");
        let mut reader =
            Reader { table, columns, indices, problems: Vec::new(), mended: vec![[0; 2]; columns.services.len()] };
        let mut persons: BTreeMap<&str, u32> = BTreeMap::new();
        let mut lines: BTreeMap<(u32, i64), u64> = BTreeMap::new();
        let mut segments: BTreeMap<String, Vec<PersonYear>> = BTreeMap::new();
        for row in 0..table.len() {
            let segment = reader.segment(row);
            let person = reader.person(row).map(|person| {
                let next = persons.len() as u32;
                *persons.entry(person).or_insert(next)
            });
            let (year, exposure, uses) = (reader.year(row), reader.exposure(row), reader.uses(row));
            if let (Some(person), Some(year)) = (person, year)
                && let Some(earlier) = lines.insert((person, year), table.line(row))
            {
                let help = format!("line {earlier} has the same person in the same year; add the rows up to one");
                reader.problems.push(table.wrong(row, reader.indices.person, &help));
            }
            if let (Some(segment), Some(person), Some(year), Some(exposure), Some(uses)) =
                (segment, person, year, exposure, uses)
            {
                segments.entry(segment).or_default().push(PersonYear { person, year, exposure, uses });
            }
        }
        let Reader { mut problems, mended, .. } = reader;
        let segments: Vec<SegmentData> =
            segments.into_iter().map(|(name, years)| SegmentData { name, years }).collect();
        if problems.is_empty() {
            unfit(&segments, columns, &mut problems);
        }
        let years = lines.keys().map(|(_, year)| year).collect::<BTreeSet<_>>().len();
        table.checked(Self { file: table.file().to_owned(), rows: table.len(), years, segments, mended }, problems)
    }
}

fn indices(table: &Table, columns: &ColumnRoles, problems: &mut Vec<String>) -> Option<ColumnIndices> {
    let suggestions = Suggestions::default();
    let mut index = |name: &str| {
        let found = table.column(&[name]);
        if found.is_none() {
            let headers: Vec<&str> = table.headers().iter().collect();
            let help = suggestions.help(name, headers.into_iter(), "its columns are");
            problems.push(format!("there is no column `{}`; {help}", shortened(name, 60)));
        }
        found
    };
    let (person, year) = (index(&columns.person), index(&columns.year));
    let exposure = match &columns.exposure {
        Exposure::WholeYears => Some(None),
        Exposure::Share(name) => index(name).map(|index| Some((index, 1.0))),
        Exposure::Months(name) => index(name).map(|index| Some((index, 12.0))),
    };
    let services: Vec<Option<(usize, Option<usize>)>> = columns
        .services
        .iter()
        .map(|service| {
            let (cost, count) = (index(&service.cost), service.count.as_ref().map(|count| index(count)));
            match count {
                None => cost.map(|cost| (cost, None)),
                Some(count) => cost.zip(count).map(|(cost, count)| (cost, Some(count))),
            }
        })
        .collect();
    let segments: Vec<Option<usize>> = columns.segments.iter().map(|name| index(name)).collect();
    Some(ColumnIndices {
        person: person?,
        year: year?,
        exposure: exposure?,
        services: services.into_iter().collect::<Option<_>>()?,
        segments: segments.into_iter().collect::<Option<_>>()?,
    })
}

/// Reads cells and notes their problems.
struct Reader<'a> {
    table: &'a Table,
    columns: &'a ColumnRoles,
    indices: ColumnIndices,
    problems: Vec<String>,
    mended: Vec<[usize; 2]>,
}

impl<'a> Reader<'a> {
    fn wrong<T>(&mut self, row: usize, column: usize, help: &str) -> Option<T> {
        self.problems.push(self.table.wrong(row, column, help));
        None
    }

    /// A number that is present and in range.
    fn number(&mut self, row: usize, column: usize, help: &str, is_right: impl Fn(f64) -> bool) -> Option<f64> {
        match self.table.number(row, column) {
            Ok(Some(number)) if is_right(number) => Some(number),
            _ => self.wrong(row, column, help),
        }
    }

    fn person(&mut self, row: usize) -> Option<&'a str> {
        let (table, column) = (self.table, self.indices.person);
        match table.text(row, column) {
            "" => self.wrong(row, column, "write whose year it is"),
            text => Some(text),
        }
    }

    fn year(&mut self, row: usize) -> Option<i64> {
        let column = self.indices.year;
        let is_year = |year: f64| year.fract() == 0.0 && year.abs() <= 9_999.0;
        self.number(row, column, "write a year as a whole number, as 2024", is_year).map(|year| year as i64)
    }

    fn exposure(&mut self, row: usize) -> Option<f64> {
        let Some((column, whole)) = self.indices.exposure else { return Some(1.0) };
        let help = if whole == 1.0 {
            "write the enrolled share of the year, from 0.002 (a day) to 1 (months are read with --months)"
        } else {
            "write the months enrolled, from 0.024 (a day) to 12"
        };
        self.number(row, column, help, |number| (LEAST_EXPOSURE * whole..=whole).contains(&number))
            .map(|number| number / whole)
    }

    fn segment(&mut self, row: usize) -> Option<String> {
        let mut parts = Vec::new();
        for at in 0..self.indices.segments.len() {
            let column = self.indices.segments[at];
            match self.table.text(row, column) {
                "" => {
                    self.wrong::<()>(row, column, "write the segment that the row belongs to");
                }
                text => parts.push(text.to_owned()),
            }
        }
        if parts.len() < self.indices.segments.len() {
            return None;
        }
        let name = match &self.columns.segments[..] {
            [] => return Some("everyone".to_owned()),
            names => {
                names.iter().zip(&parts).map(|(name, part)| format!("{name} {part}")).collect::<Vec<_>>().join(", ")
            }
        };
        match name_fault(&name) {
            None => Some(name),
            Some((fault, help)) => {
                let column = self.indices.segments[0];
                self.wrong(row, column, &format!("the segment's name \"{}\" {fault}: {help}", shortened(&name, 60)))
            }
        }
    }

    fn uses(&mut self, row: usize) -> Option<Vec<Use>> {
        let uses: Vec<Option<Use>> =
            (0..self.indices.services.len()).map(|service| self.of_service(row, service)).collect();
        uses.into_iter().collect()
    }

    fn of_service(&mut self, row: usize, service: usize) -> Option<Use> {
        let (cost_column, count_column) = self.indices.services[service];
        let help = "write the dollars of the year, from 1e-6 to 1e9; 0 where there was none";
        let is_cost = |cost: f64| cost == 0.0 || (LEAST_DOLLARS..=MOST_DOLLARS).contains(&cost);
        let cost = self.number(row, cost_column, help, is_cost);
        let Some(count_column) = count_column else { return Some(Use { cost: cost?, count: None }) };
        let help = "write the events of the year as a whole number from 0 to 10,000";
        let is_count = |count: f64| count >= 0.0 && count.fract() == 0.0 && count <= MOST_EVENTS;
        let count = self.number(row, count_column, help, is_count);
        let (mut cost, mut count) = (cost?, count? as u32);
        if (cost > 0.0) != (count > 0) {
            if self.columns.unmatched == Unmatched::Refuse {
                let shown = self.table.text(row, cost_column);
                let help = format!(
                    "{} is \"{}\"; cost and events go together, or give --unmatched mend",
                    self.columns.services[service].cost,
                    shortened(shown, 60)
                );
                return self.wrong(row, count_column, &help);
            }
            let lacks_event = cost > 0.0;
            self.mended[service][usize::from(!lacks_event)] += 1;
            (cost, count) = if lacks_event { (cost, 1) } else { (0.0, 0) };
        }
        Some(Use { cost, count: Some(count) })
    }
}

/// Notes segments to which no law can be fitted.
fn unfit(segments: &[SegmentData], columns: &ColumnRoles, problems: &mut Vec<String>) {
    if segments.len() > MOST_SEGMENTS {
        let many = segments.len();
        problems.push(format!("there are {many} segments, more than {MOST_SEGMENTS}; segment by fewer columns"));
        return;
    }
    for segment in segments {
        let (name, people) = (shortened(&segment.name, 80), segment.people());
        if people < FEWEST_PEOPLE {
            let plural = if people == 1 { "person" } else { "people" };
            problems.push(format!(
                "segment \"{name}\" has {people} {plural}; a segment needs {FEWEST_PEOPLE}: join segments"
            ));
            continue;
        }
        let mut used = false;
        for (index, service) in columns.services.iter().enumerate() {
            let users: BTreeSet<u32> =
                segment.years.iter().filter(|year| year.uses[index].cost > 0.0).map(|year| year.person).collect();
            used |= !users.is_empty();
            let events: f64 = segment.years.iter().filter_map(|year| year.uses[index].count).map(f64::from).sum();
            let mean = events / segment.person_years();
            if mean > MOST_MEAN_EVENTS {
                let service = shortened(&service.name, 80);
                problems.push(format!(
                    "segment \"{name}\": {service} has {mean:.0} events a person-year, more than {MOST_MEAN_EVENTS}; count \
                     larger events"
                ));
            }
            if (1..FEWEST_USERS).contains(&users.len()) {
                let (service, users) = (shortened(&service.name, 80), users.len());
                problems.push(format!(
                    "segment \"{name}\": {users} of its people use {service}, a law needs {FEWEST_USERS}; join segments or \
                     leave the service out"
                ));
            }
        }
        if !used {
            problems.push(format!("segment \"{name}\" uses none of the services: there is no cost to fit"));
        }
    }
}
