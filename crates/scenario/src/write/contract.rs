//! Contracts: fee-for-service, and the Shared Savings Program with a benchmark that is given.

use twosided_contracts::{DisasterRelief, MinimumRate, Mssp, QualityStandard, RevenueCategory, YearToDate};
use twosided_units::{Dollars, Share};

use super::{
    Writer, contract_path,
    text::{quoted, whole},
};

impl Writer<'_> {
    /// A `[[contracts]]` block of fee-for-service alone.
    pub fn fee_for_service(&mut self, name: &str) {
        self.contract(name);
        self.text.push_str("terms.fee_for_service = {}\n");
    }

    /// A `[[contracts]]` block of an ACO's performance year, with the benchmark per capita to the cent and the numbers that its
    /// rules have in that year.
    pub fn mssp(&mut self, name: &str, terms: &Mssp, performance_year: u16) {
        let path = self.contract(name) + ".terms.mssp";
        self.text.push_str("[contracts.terms.mssp]\n");
        self.line(&path, "track", &quoted(terms.track.name()));
        self.line(&path, "performance_year", &performance_year.to_string());
        self.line(&path, "benchmark", &format!("{{ per_capita = {:.2} }}", terms.benchmark.per_capita().0));
        if let Some(beneficiaries) = terms.assigned_beneficiaries {
            self.line(&path, "assigned_beneficiaries", &whole(beneficiaries));
        }
        self.line(&path, "quality_score", &self.number(terms.quality_score.value()));
        match terms.quality_standard {
            QualityStandard::Full => {}
            QualityStandard::Alternative => self.line(&path, "quality_standard", &quoted("alternative")),
            QualityStandard::Neither => self.line(&path, "quality_standard", &quoted("neither")),
        }
        self.line(&path, "agreement_start_year", &terms.agreement_start.to_string());
        let category = match terms.revenue_category {
            RevenueCategory::Low => "low",
            RevenueCategory::High => "high",
        };
        self.line(&path, "revenue_category", &quoted(category));
        let rate = match terms.minimum_rate {
            MinimumRate::Fixed(rate) => self.number(rate.value()),
            MinimumRate::Variable => quoted("variable"),
        };
        self.line(&path, "minimum_rate", &rate);
        match terms.disaster_relief {
            DisasterRelief::Share(share) if share > Share::ZERO => {
                self.line(&path, "disaster_relief", &self.number(share.value()));
            }
            DisasterRelief::Share(_) | DisasterRelief::Amount(_) => {}
        }
        if terms.guardrail {
            self.line(&path, "guardrail", "true");
        }
        if terms.advance_balance > Dollars::ZERO {
            self.line(&path, "advance_balance", &self.number(terms.advance_balance.0));
        }
        if let Some(YearToDate { share, per_capita }) = terms.year_to_date {
            let written = format!("{{ share = {}, per_capita = {} }}", share.value(), per_capita.0);
            self.line(&path, "year_to_date", &written);
        }
    }

    /// The head of the next contract's block; its path.
    fn contract(&mut self, name: &str) -> String {
        let path = contract_path(self.contracts);
        self.contracts += 1;
        self.header("[[contracts]]");
        self.line(&path, "name", &quoted(name));
        self.source(&path);
        path
    }
}
