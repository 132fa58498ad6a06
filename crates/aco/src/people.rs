//! The people of each enrollment type, where the row says how many, and where it hides it.

use twosided_actuals::{AcoPeople, EnrollmentType, cms_columns};

use crate::national::{National, PER_CAPITA};

/// The people of one enrollment type.
#[derive(Clone, Debug)]
pub(crate) struct EnrollmentGroup {
    pub(crate) enrollment: EnrollmentType,
    /// Person-years.
    pub(crate) person_years: f64,
    /// The people who live these person-years.
    pub(crate) members: u64,
    /// Truncated spending, dollars a person-year.
    pub(crate) per_capita: f64,
    pub(crate) risk_score: f64,
    /// What of it is not in the row.
    pub(crate) inferred: Option<&'static str>,
}

/// A figure without which there is no scenario.
pub(crate) struct Lacking {
    pub(crate) column: &'static str,
    pub(crate) why: &'static str,
}

/// CMS hides counts of fewer people than 11.
const MOST_HIDDEN: f64 = 10.0;

/// The types that have people.
///
/// Of one type whose person-years are hidden, they are what the others leave of the row's total. Of two, those of one are the
/// number with which all types come to the row's total spending; CMS hides a second count where the first could be computed.
pub(crate) fn kinds(
    figures: &AcoPeople,
    national: &National,
    remarks: &mut Vec<String>,
) -> Result<Vec<EnrollmentGroup>, Lacking> {
    let mut years = figures.types.map(|figures| figures.person_years);
    let mut spent = figures.types.map(|figures| figures.per_capita);
    let mut inferred: [Option<&'static str>; 4] = [None; 4];
    let hidden: Vec<usize> = (0..4).filter(|&index| years[index].is_none()).collect();
    let columns = |index: usize| EnrollmentType::ALL[index].columns();
    for index in 0..4 {
        if years[index].is_some_and(|years| years > 0.0) && spent[index].is_none_or(|spent| spent <= 0.0) {
            return Err(Lacking { column: columns(index)[1], why: "its people need their spending" });
        }
    }
    let known = |what: &dyn Fn(usize) -> f64| (0..4).filter(|index| !hidden.contains(index)).map(what).sum::<f64>();
    let rest = figures.person_years - known(&|index| years[index].unwrap_or_default());
    let rest_spent = figures.per_capita.map(|per_capita| {
        per_capita * figures.person_years
            - known(&|index| years[index].unwrap_or_default() * spent[index].unwrap_or_default())
    });
    match hidden[..] {
        [] => {}
        _ if rest < 1.0 => {
            for &index in &hidden {
                years[index] = Some(0.0);
            }
        }
        [only] => {
            years[only] = Some(rest);
            inferred[only] = Some("person-years hidden: what the other types leave of the row's total");
            let plausible = |spent: &f64| (0.2..5.0).contains(&(spent / PER_CAPITA[only]));
            spent[only] = spent[only].or(rest_spent.map(|spent| spent / rest).filter(plausible)).or_else(|| {
                inferred[only] = Some("person-years and spending hidden: the rest of the total, at the national mean");
                Some(PER_CAPITA[only])
            });
        }
        [first, second] => {
            let (few, many) = if spent[first].is_none() { (first, second) } else { (second, first) };
            let Some(of_many) = spent[many] else {
                return Err(Lacking { column: columns(many)[1], why: "two types hide their people and spending" });
            };
            let Some(rest_spent) = rest_spent else {
                let why = "two types hide their person-years, which it would separate";
                return Err(Lacking { column: cms_columns::PER_CAPITA, why });
            };
            let is_hidden = spent[few].is_none();
            let of_few = spent[few].unwrap_or(PER_CAPITA[few]);
            let apart = (rest_spent - rest * of_many) / (of_few - of_many);
            let most = if is_hidden { MOST_HIDDEN.min(rest - 1.0) } else { rest - 1.0 }.max(1.0);
            let found = if apart.is_finite() { apart.round().clamp(1.0, most) } else { 1.0 };
            (years[few], years[many]) = (Some(found.min(rest)), Some((rest - found).max(0.0)));
            spent[few] = Some(of_few);
            inferred[few] = Some(if is_hidden {
                "person-years and spending hidden: national spending, and as many (1 to 10) as meet the row's total spending"
            } else {
                "person-years hidden: as many as meet the row's total spending"
            });
            inferred[many] = Some("person-years hidden: what the other types leave of the row's total");
        }
        [first, ..] => {
            return Err(Lacking { column: columns(first)[0], why: "more than two types hide their person-years" });
        }
    }
    let mut kinds = Vec::new();
    for (index, enrollment) in EnrollmentType::ALL.into_iter().enumerate() {
        let person_years = years[index].unwrap_or_default();
        let lived = national.expected[index].person_years;
        let members = (person_years / lived).round() as u64;
        if members == 0 {
            remarks.push(format!("nobody is {}: the type is left out", enrollment.name()));
            continue;
        }
        if let Some(inferred) = inferred[index] {
            remarks.push(format!("{}: {inferred}", enrollment.name()));
        }
        let score = figures.types[index].risk_score.filter(|score| (0.01..=100.0).contains(score));
        if score.is_none() {
            remarks.push(format!("{}: no risk score in the row; the national mean", enrollment.name()));
        }
        kinds.push(EnrollmentGroup {
            enrollment,
            person_years,
            members,
            per_capita: spent[index].expect("whoever has people has spending"),
            risk_score: score.unwrap_or(national.risk_scores[index]),
            inferred: inferred[index],
        });
    }
    let total: f64 = kinds.iter().map(|kind| kind.person_years).sum();
    if (total / figures.person_years - 1.0).abs() > 0.01 {
        remarks.push(format!(
            "person-years of the types add to {total:.0}, the row's total is {:.0}: the types hold",
            figures.person_years
        ));
    }
    if kinds.is_empty() {
        return Err(Lacking { column: columns(3)[0], why: "without people there is no scenario" });
    }
    Ok(kinds)
}
