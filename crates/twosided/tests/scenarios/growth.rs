//! Costs that grow beside rates that do not, and growth that no number holds.

use crate::support::{Verdict, check, growing, unwrapped};

#[test]
fn rates_that_do_not_grow_with_costs_are_warned_of() {
    let compounding =
        "[[system.factors]]\nname = \"prices\"\nlognormal = { mean = 1.06, cv = 0.01 }\ncompounding = true\n";
    let (verdict, said) = check(&growing(compounding, ""));
    let said = unwrapped(&said);
    assert_eq!(verdict, Verdict::Warned, "{said}");
    for part in [
        "costs are expected to grow by 6% a year",
        "\"Capitation\" by 0%",
        "system.factors[1] (\"prices\")",
        "loading = { benchmark = 1 }",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    for (population, agreement) in [
        (format!("{compounding}loading = {{ benchmark = 1 }}\n"), ""),
        (compounding.to_owned(), "agreement.benchmark_update = 1.06\n"),
        ("population.trend = { mean = 1.06 }\n".to_owned(), ""),
    ] {
        let (verdict, said) = check(&growing(&population, agreement));
        assert_eq!(verdict, Verdict::Fine, "{population}{agreement}: {said}");
    }
    let frozen = growing("population.trend = { mean = 1.06 }\n", "agreement.benchmark_update = 1.0\n");
    let (_, said) = check(&frozen);
    assert!(unwrapped(&said).contains("agreement.benchmark_update = 1.06"), "{said}");
}

#[test]
fn a_rebased_contract_follows_with_a_lag() {
    let compounding =
        "[[system.factors]]\nname = \"prices\"\nlognormal = { mean = 1.06, cv = 0.01 }\ncompounding = true\n";
    let savings = "shared_savings = { benchmark.per_capita = 4_000, savings.sharing_rate = 0.5 }";
    let growing = |years: &str, agreement: &str| {
        let text = growing(compounding, agreement).replace("capitation = { pmpm = 340 }", savings);
        unwrapped(&check(&text.replace("years = 3", years)).1)
    };
    // Base years of one, of two, and of three years, of equal weights: 1, 1.5 and 2 years behind.
    for (years, agreement, lag) in [
        ("years = 4", "agreement.rebasing = { every = 1 }\n", "up to 2 years behind"),
        ("years = 3", "agreement.rebasing = { every = 1 }\n", "up to 1.5 years behind"),
        ("years = 4", "agreement.rebasing = { every = 1, weights = [0, 0, 1] }\n", "up to 1 year behind"),
        ("years = 6", "agreement.rebasing = { every = 3, weights = [0.1, 0.3, 0.6] }\n", "up to 3.5 years behind"),
    ] {
        let said = growing(years, agreement);
        assert!(said.contains("by 0% between rebasings") && said.contains(lag), "{years} {agreement}: {said}");
        assert!(!said.contains("is not updated with them"), "{years} {agreement}: {said}");
    }
    for (years, agreement) in [("years = 3", "agreement.rebasing = { every = 3 }\n"), ("years = 3", "")] {
        let said = growing(years, agreement);
        assert!(said.contains("is not updated with them") && !said.contains("behind"), "{agreement}: {said}");
    }
    let said = growing("years = 4", "agreement = { rebasing = { every = 1 }, benchmark_update = 1.06 }\n");
    assert!(!said.contains("costs are expected to grow"), "{said}");
}

#[test]
fn growth_that_overflows_is_refused_with_its_figure() {
    let years = |population: &str| growing(population, "").replace("years = 3", "years = 50");
    for population in [
        "population.trend = { mean = 10 }\n",
        "population.trend = { mean = 0.01 }\n",
        "[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1e6, cv = 1 }\ncompounding = true\n",
        "[[system.factors]]\nname = \"a\"\nlognormal = { mean = 1e6, cv = 100 }\nloading = { cost = -10 }\n",
    ] {
        let (verdict, said) = check(&years(population));
        assert_eq!(verdict, Verdict::Refused, "{population}: {said}");
        assert!(unwrapped(&said).contains("over 50 years") && said.contains("10^"), "{population}: {said}");
    }
    let (verdict, said) = check(&years("population.trend = { mean = 1.06, cv = 0.05 }\n"));
    assert_eq!(verdict, Verdict::Fine, "{said}");
}
