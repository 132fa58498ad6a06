//! Segments, the lives of their people, and their services.

use twosided_population::{
    Attribution, AttributionTerms, EndOfLife, Mortality, RiskScore, Segment, Service, SocialRisk, Turnover, Utilization,
};

use super::{
    Writer, segment_path,
    text::{braced, key_text, quoted, whole},
};

/// Entries of a table in one line.
type Entries = Vec<(&'static str, String)>;

impl Writer<'_> {
    /// A `[[population.segments]]` block for each segment; a tier is written as a segment of its own.
    pub fn segments(&mut self, segments: &[Segment]) {
        for segment in segments {
            let path = segment_path(self.segments);
            self.segments += 1;
            self.segment(&path, segment);
        }
    }

    fn segment(&mut self, path: &str, segment: &Segment) {
        self.header("[[population.segments]]");
        self.line(path, "name", &quoted(&segment.name));
        if segment.life.attribution.is_none() {
            self.line(path, "members", &whole(segment.members));
        }
        if let Some(point) = segment.truncation_point {
            self.line(path, "truncation_point", &self.number(point.0));
        }
        self.source(path);
        let life = &segment.life;
        let tables = [
            ("risk_score", segment.risk_score.as_ref().map(|score| self.risk_score(score))),
            ("social_risk", self.social_risk(&segment.social_risk)),
            ("frailty", Some(vec![("persistence", self.number(life.persistence))])),
            ("mortality", life.mortality.as_ref().map(|mortality| self.mortality(mortality))),
            ("turnover", life.turnover.as_ref().map(|turnover| self.turnover(turnover))),
            ("attribution", life.attribution.as_ref().map(|attribution| self.attribution(attribution))),
        ];
        for (key, entries) in tables {
            if let Some(entries) = entries {
                let table = self.inline(&format!("{path}.{key}"), &entries);
                self.line(path, key, &table);
            }
        }
        self.text.push('\n');
        for service in self.in_order(&segment.services) {
            self.service(path, service);
        }
    }

    /// Services in the order of the layout, the others by name.
    fn in_order<'s>(&self, services: &'s [Service]) -> Vec<&'s Service> {
        let index = |name: &str| self.layout.services.iter().position(|known| *known == name).unwrap_or(usize::MAX);
        let mut services: Vec<&Service> = services.iter().collect();
        services.sort_by_key(|service| index(&service.name));
        services
    }

    fn risk_score(&self, score: &RiskScore) -> Entries {
        let RiskScore { mean, cv, frailty_loading, coding_growth } = *score;
        let others = [("cv", cv), ("frailty_loading", frailty_loading), ("coding_growth", coding_growth)];
        [("mean", mean)]
            .into_iter()
            .chain(others.into_iter().filter(|(_, number)| *number != 0.0))
            .map(|(key, number)| (key, self.number(number)))
            .collect()
    }

    fn social_risk(&self, social: &SocialRisk) -> Option<Entries> {
        let entries = || vec![("cost", self.number(social.cost)), ("risk_score", self.number(social.risk_score))];
        (*social != SocialRisk::NONE).then(entries)
    }

    fn mortality(&self, mortality: &Mortality) -> Entries {
        let mut entries = vec![("probability", self.number(mortality.probability))];
        if mortality.frailty_loading != 0.0 {
            entries.push(("frailty_loading", self.number(mortality.frailty_loading)));
        }
        if let Some(EndOfLife { amount, services }) = &mortality.end_of_life {
            let parts =
                services.iter().map(|(service, part)| format!("{} = {}", key_text(service), self.number(*part)));
            let amount = format!("amount = {}", braced([self.severity(amount)]));
            entries.push(("end_of_life", braced([amount, format!("services = {}", braced(parts))])));
        }
        entries
    }

    fn turnover(&self, turnover: &Turnover) -> Entries {
        let Turnover { rate, joiner_cost, leaver_cost } = *turnover;
        let factors = [("joiner_cost", joiner_cost), ("leaver_cost", leaver_cost)];
        [("rate", rate)]
            .into_iter()
            .chain(factors.into_iter().filter(|(_, factor)| *factor != 1.0))
            .map(|(key, number)| (key, self.number(number)))
            .collect()
    }

    fn attribution(&self, attribution: &Attribution) -> Entries {
        let AttributionTerms { visits, dispersion, share, share_sd, rivals, frailty_loading, persistence } =
            *attribution.terms();
        let mut entries = vec![("eligible", whole(attribution.eligible)), ("visits", self.number(visits))];
        entries.extend(dispersion.map(|dispersion| ("dispersion", self.number(dispersion))));
        entries.push(("share", self.number(share)));
        let others = [("share_sd", share_sd, 0.0), ("persistence", persistence, 1.0)];
        let others = others.into_iter().chain([("frailty_loading", frailty_loading, 0.0)]);
        let others = others.filter(|(_, number, absent)| number != absent);
        entries.extend(others.map(|(key, number, _)| (key, self.number(number))));
        if rivals != 1 {
            entries.push(("rivals", rivals.to_string()));
        }
        entries
    }

    fn service(&mut self, segment: &str, service: &Service) {
        let name = key_text(&service.name);
        let path = format!("{segment}.services.{}", service.name);
        self.text.push_str(&format!("[population.segments.services.{name}]\n"));
        match &service.utilization {
            Utilization::Events { frequency, severity } => {
                self.line(&path, "frequency", &self.frequency(frequency));
                self.line(&path, "severity", &braced([self.severity(severity)]));
            }
            Utilization::Following { after, frequency, severity, severity_elasticity } => {
                self.line(&path, "follows", &quoted(after));
                self.line(&path, "frequency", &self.frequency(frequency));
                self.line(&path, "severity", &braced([self.severity(severity)]));
                if *severity_elasticity != 0.0 {
                    self.line(&path, "severity_elasticity", &self.number(*severity_elasticity));
                }
            }
            Utilization::Annual { zero, amount } => {
                let law = braced([self.severity(amount), format!("zero = {}", self.number(*zero))]);
                self.line(&path, "annual", &law);
            }
        }
        if !matches!(service.utilization, Utilization::Following { .. }) {
            self.line(&path, "frailty_loading", &self.number(service.frailty_loading));
        }
        self.source(&path);
    }
}
