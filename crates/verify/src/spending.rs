//! Tables of people's spending and use: concentration, persistence, use by spending group, national means.

use twosided_form::DocumentError;

use crate::{
    Effort, ValidationRow,
    persons::{Concentration, Person, SampledPeople, Strata},
};

const MEDICARE_2022: &str = include_str!("../../../scenarios/populations/medicare-2022.toml");
const MEDICARE_2001: &str = include_str!("../../../scenarios/populations/medicare-2001.toml");
const NATIONAL_2022: &str = include_str!("../tables/national-2022.csv");
const NATIONAL_BY_YEAR: &str = include_str!("../tables/national-by-year.csv");

/// Groups of services of table 9, as the population of 2001 names them.
const USE_2001: [&[&str]; 5] = [
    &["inpatient"],
    &["other hospital"],
    &["skilled nursing"],
    &["emergency", "emergency admitted"],
    &["physician visits", "visits after discharge"],
];

pub(crate) fn rows(effort: Effort) -> Result<Vec<ValidationRow>, DocumentError> {
    let (file, text) = ("populations/medicare-2022.toml", MEDICARE_2022);
    let of_2022 = SampledPeople::sample(file, text, effort, &[], Strata::Proportional)?;
    let of_2001 = SampledPeople::sample(
        "populations/medicare-2001.toml",
        MEDICARE_2001,
        effort,
        &USE_2001,
        Strata::Proportional,
    )?;
    let mut rows = concentration(&of_2022, &of_2001);
    rows.extend(persistence(&of_2022));
    rows.extend(use_by_group(&of_2001));
    drop((of_2022, of_2001));
    // Rare services need more people than shares do.
    let effort = Effort { people: 2 * effort.people, ..effort };
    rows.extend(national(&SampledPeople::sample(file, text, effort, &[], Strata::Balanced)?));
    Ok(rows)
}

fn costs<'a>(people: &'a [&Person]) -> impl Iterator<Item = f64> + 'a {
    people.iter().map(|person| person.cost[0])
}

/// Table 7: shares of spending of the top parts of people.
fn concentration(of_2022: &SampledPeople, of_2001: &SampledPeople) -> Vec<ValidationRow> {
    let aged: Vec<usize> = (0..of_2022.population.segments().len())
        .filter(|&index| of_2022.population.segments()[index].name.starts_with("aged"))
        .collect();
    let parts = [0.01, 0.05, 0.10, 0.20, 0.50];
    let shares = of_2022.figures(|people| {
        let of_aged = people.iter().filter(|person| aged.contains(&person.segment));
        let concentration = Concentration::of(of_aged.map(|person| person.cost[0]));
        parts.iter().map(|&part| 100.0 * concentration.share(part)).collect()
    });
    let published = [14.9, 41.5, 60.0, 79.1, 95.7];
    let mut rows: Vec<ValidationRow> = (0..5)
        .map(|index| {
            let what = format!("65 and over, 2007-2018: share of the top {:.0}%, percent", 100.0 * parts[index]);
            ValidationRow::compared(7, what, published[index], shares[index], 1.0, 1)
        })
        .collect();
    let cv = of_2022.figures(|people| vec![Concentration::of(costs(people)).cv()])[0];
    let mut row = ValidationRow::compared(7, "coefficient of variation a person, all", 2.2, cv, 0.2, 2);
    row.published = String::from("2.0 to 2.4");
    rows.push(row);
    let ours = of_2001.figures(|people| {
        let all = Concentration::of(costs(people));
        let mean = all.mean();
        let of_part = |part: f64| all.share(part) / part;
        let bottom = (1.0 - all.share(0.5)) / 0.5;
        vec![
            100.0 * all.share(0.05),
            of_part(0.05) * mean,
            all.threshold(0.05),
            100.0 * all.share(0.25),
            of_part(0.25) * mean,
            all.threshold(0.25),
            100.0 * (1.0 - all.share(0.5)),
            bottom * mean,
            100.0 * all.share(0.05),
            100.0 * all.share(0.10),
            of_part(0.10),
        ]
    });
    let dollars =
        |what: &str, published: f64, ours| ValidationRow::compared(7, what, published, ours, 0.1 * published, 0);
    let share = |what: &str, published, ours| ValidationRow::compared(7, what, published, ours, 2.0, 1);
    rows.extend([
        share("2001: share of the top 5%, percent", 43.0, ours[0]),
        dollars("2001: mean of the top 5%, dollars of 2005", 63_000.0, ours[1]),
        dollars("2001: threshold of the top 5%", 35_400.0, ours[2]),
        share("2001: share of the top 25%, percent", 85.0, ours[3]),
        dollars("2001: mean of the top 25%", 24_800.0, ours[4]),
        dollars("2001: threshold of the top 25%", 6_200.0, ours[5]),
        share("2001: share of the bottom half, percent", 4.0, ours[6]),
        dollars("2001: mean of the bottom half", 550.0, ours[7]),
        share("2001, elderly: share of the top 5%, percent (ours: all)", 41.9, ours[8]),
        share("2006: share of the top 10%, percent (ours: 2001)", 58.0, ours[9])
            .because("a secondhand figure of 2006, compared with people of 2001 who agree with 2001's own figures"),
        ValidationRow::compared(
            7,
            "2006: mean of the top 10% over that of all (ours: 2001)",
            48_210.0 / 8_344.0,
            ours[10],
            0.578,
            2,
        ),
    ]);
    let others = [
        ("US civilians 2022: share of the top 1%, percent", "21.7"),
        ("US civilians 2022: share of the bottom half", "less than 3"),
        ("US civilians 2021: share of the top 1%", "24"),
        ("US civilians 2018: share of the top 1%", "about 21"),
        ("US civilians 2018: share of the bottom half", "about 3"),
        ("US civilians 2012: share of the top 1%", "22.7"),
        ("US civilians 2012: share of the top half", "97.3"),
        ("US civilians 2012: share of the bottom half", "2.7"),
        ("uninsured under 65, 2012: share of the top 5%", "58.9"),
        ("four or more chronic conditions, 2012: share of the top 5%", "29.7"),
        ("US civilians 2008: share of the top 1%", "20.2"),
        ("US civilians 2007: share of the top 1%", "22.8"),
        ("US civilians 2007: share of the bottom half", "3.0"),
        ("US civilians 2005-2006, two years: share of the top 1%", "18.7"),
        ("US civilians 2005-2006, two years: share of the top 5%", "44"),
    ];
    rows.extend(others.map(|(what, published)| {
        ValidationRow::not_compared(7, what, published, "another population: the default one is Medicare's")
    }));
    rows
}

/// Table 8: who stays among the costliest. Over two years, of the people who are the same in both.
fn persistence(people: &SampledPeople) -> Vec<ValidationRow> {
    let ours = people.figures(|people| {
        let all = Concentration::of(costs(people));
        let quarter = all.threshold(0.25);
        let top: Vec<&&Person> = people.iter().filter(|person| person.cost[0] >= quarter).collect();
        let die = top.iter().filter(|person| person.died).count() as f64 / top.len() as f64;
        let same: Vec<&&Person> = people.iter().filter(|person| !person.replaced).collect();
        let first = Concentration::of(same.iter().map(|person| person.cost[0]));
        let second = Concentration::of(same.iter().map(|person| person.cost[1]));
        let stays = |from: f64, to: f64| {
            let (from, to) = (first.threshold(from), second.threshold(to));
            let start = same.iter().filter(|person| person.cost[0] >= from);
            let (count, kept) = start.fold((0.0, 0.0), |(count, kept), person| {
                (count + 1.0, kept + f64::from(u8::from(person.cost[1] >= to)))
            });
            kept / count
        };
        let (low, high) = (first.threshold(0.5), second.threshold(0.5));
        let bottom = same.iter().filter(|person| person.cost[0] < low);
        let (count, kept) = bottom
            .fold((0.0, 0.0), |(count, kept), person| (count + 1.0, kept + f64::from(u8::from(person.cost[1] < high))));
        // Of who dies in the second year: what that year cost, and the part of the first that lies within a year of death.
        let dying = same.iter().filter(|person| person.died_second);
        let last: f64 = dying.map(|person| person.cost[1] + (1.0 - person.lived_second) * person.cost[0]).sum();
        let last = last / same.iter().map(|person| person.cost[1]).sum::<f64>();
        let shares = [stays(0.01, 0.01), stays(0.05, 0.05), stays(0.05, 0.10), kept / count, die, last];
        shares.map(|share| 100.0 * share).into()
    });
    let row = |what: &str, published, index: usize| ValidationRow::compared(8, what, published, ours[index], 5.0, 1);
    vec![
        row("top 1% stays in it (2007-08), percent", 18.2, 0),
        row("top 1% stays in it (2008-09)", 20.0, 0),
        row("top 1% stays in it (2012-13)", 14.0, 0)
            .because("the three published years differ by six points; ours agrees with the two others"),
        row("top 5% stays in it (1996-97)", 30.0, 1),
        row("top 5% goes to the top 10% (1996-97)", 45.0, 2),
        row("bottom half stays in it (2007-08, 2012-13)", 75.0, 3),
        row("of the top 25%, die in the year", 14.0, 4),
        ValidationRow::not_compared(
            8,
            "of the top 25%, dead within four years",
            "40",
            "the simulation follows people for two years",
        ),
        row("last year of life, share of all payments, about", 25.0, 5),
        ValidationRow::not_compared(
            8,
            "privately insured under 65, never in the top 10% in six years",
            "70",
            "another population: the default one is Medicare's",
        ),
    ]
}

/// Table 9: use by spending group, 2001.
fn use_by_group(people: &SampledPeople) -> Vec<ValidationRow> {
    let services = [
        "short-term hospital admission",
        "other hospital admission",
        "skilled nursing admission",
        "emergency visit",
        "physician office visit",
    ];
    let published = [
        [(74.8, 1.7), (12.1, 1.4), (16.5, 1.4), (62.6, 2.2), (86.0, 11.3)],
        [(2.4, 1.0), (0.3, 1.1), (0.1, 1.1), (14.0, 1.4), (73.6, 6.0)],
    ];
    let ours = people.figures(|people| {
        let quarter = Concentration::of(costs(people)).threshold(0.25);
        let mut figures = Vec::new();
        for top in [true, false] {
            let group: Vec<&&Person> = people.iter().filter(|person| (person.cost[0] >= quarter) == top).collect();
            for service in 0..services.len() {
                let users = group.iter().filter(|person| person.events[service] > 0).count() as f64;
                let events: u32 = group.iter().map(|person| u32::from(person.events[service])).sum();
                figures.push(100.0 * users / group.len() as f64);
                figures.push(if users > 0.0 { f64::from(events) / users } else { 0.0 });
            }
        }
        figures
    });
    let mut rows = Vec::new();
    for (group, name) in ["top 25%", "bottom 75%"].into_iter().enumerate() {
        for (service, what) in services.into_iter().enumerate() {
            let (percent, mean) = published[group][service];
            let index = 2 * (group * services.len() + service);
            rows.push(ValidationRow::compared(
                9,
                format!("{name}: {what}, percent of people"),
                percent,
                ours[index],
                3.0,
                1,
            ));
            // A mean printed with one decimal may be off by half of it.
            let row = ValidationRow::compared(
                9,
                format!("{name}: {what}, mean of users"),
                mean,
                ours[index + 1],
                0.1 * mean,
                2,
            );
            rows.push(row.because("too few of the bottom group use it to estimate the mean"));
        }
    }
    rows
}

/// Tables 15 to 17 for 2022: spending by enrollment type, use and spending by service.
fn national(people: &SampledPeople) -> Vec<ValidationRow> {
    let segments = people.population.segments();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(NATIONAL_2022.as_bytes());
    let rows = reader.records().map(|record| {
        let record = record.expect("a table in the repository");
        let text = |index: usize| record.get(index).expect("five columns");
        let table: u8 = text(0).parse().expect("a number");
        let value: f64 = text(4).parse().expect("a number");
        let names: Vec<&str> = text(2).split('+').collect();
        let segment = segments.iter().position(|segment| segment.name == text(2));
        let truncation = |index: usize| segments[index].truncation_point.map_or(f64::INFINITY, |point| point.0);
        let (ours, tolerance, decimals) = match (text(3), segment) {
            ("truncated_per_capita", Some(index)) => {
                let figures = people.figures(|people| {
                    let own = || people.iter().filter(|person| person.segment == index);
                    let cost: f64 = own().map(|person| person.cost[0].min(truncation(index))).sum();
                    vec![cost / own().map(|person| person.lived).sum::<f64>()]
                });
                (figures[0], 0.02 * value, 0)
            }
            ("person_years_percent", Some(index)) => {
                let figures = people.figures(|sampled| {
                    let lived = |person: &&&Person| people.weight(person.segment) * person.lived;
                    let own: f64 =
                        sampled.iter().filter(|person| person.segment == index).map(|person| lived(&person)).sum();
                    vec![100.0 * own / sampled.iter().map(|person| lived(&person)).sum::<f64>()]
                });
                (figures[0], 0.5, 2)
            }
            ("per_1000", _) => {
                let [_, events] = people.service(&names);
                ((1_000.0 * events.0, 1_000.0 * events.1), 0.02 * value, 1)
            }
            _ => (people.service(&names)[0], 0.02 * value, 0),
        };
        let row = ValidationRow::compared(table, format!("2022, {}", text(1)), value, ours, tolerance, decimals);
        // A figure within two of its own errors of the tolerance may fail by chance.
        let is_rare = row.off().is_some_and(|off| off.abs() * tolerance - tolerance < 2.0 * ours.1);
        if is_rare { row.because("rare: within two standard errors of the tolerance at this many people") } else { row }
    });
    let mut rows: Vec<ValidationRow> = rows.collect();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(NATIONAL_BY_YEAR.as_bytes());
    rows.extend(reader.records().map(|record| {
        let record = record.expect("a table in the repository");
        let table: u8 = record[0].parse().expect("a number");
        let why = "another year's people: the default population describes 2022";
        ValidationRow::not_compared(table, format!("{}, {}", &record[1], &record[2]), &record[3], why)
    }));
    rows
}
