//! The `[provider]` block: what the provider delivers itself, at what cost, and what it does to change use.

use twosided_contracts::{FeeSchedule, Known};
use twosided_form::{At, ByName, Holds, Key, List, Literal::Number, Names, Nested, Range, Section, Status, Unit, keys};
use twosided_population::{Program, ServiceScope};
use twosided_provider::{Administration, Payer, Provider, Response};
use twosided_units::{Dollars, Share};

use crate::{
    investments::{self, INVESTMENTS},
    payers::PayerBlock,
    programs::{PROGRAMS, read_programs},
    steps::{self, STEPS},
};

keys! {
    /// The block.
    pub(crate) struct ProviderKeys "provider" {
        OWN_SHARE: ByName<Share> = Key::by_name("own_share", "service", &Holds::Share(Range::UNIT))
            .absent("0 each", "{ professional = 0.55 }")
            .meaning("the share of the service's expenditure that is the provider's own billing");
        VARIABLE_COST_SHARE: ByName<Share> = Key::by_name("variable_cost_share", "service", &Holds::Share(Range::UNIT))
            .absent("0 each", "{ professional = 0.45 }")
            .meaning("the cost of own services that follows volume, as a share of their allowed amount");
        FIXED_COST: Dollars = Key::quantity("fixed_cost", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e12))
            .default(Number(0.0)).meaning("the cost that no volume changes");
        FEES: Nested = Key::table("fees", FeesKeys::TABLE).absent("the whole allowed amount", "{ cost_share = 0.2 }")
            .meaning("what part of an allowed amount becomes revenue");
        COST_TREND: f64 = Key::number("cost_trend", Range::of(0.5, 2.0)).absent("costs follow prices", "1.03")
            .meaning("the growth of the provider's costs a year, as a factor")
            .more("It holds for the fixed cost, steps, and what a unit of own care costs; fees follow the trend of the population");
        STEPS: List = STEPS;
        INVESTMENTS: List = INVESTMENTS;
        ADMINISTRATION: Nested = Key::table("administration", AdministrationKeys::TABLE)
            .absent("what contracts state", "{ per_measure = 15_000, shared = 0.3 }")
            .meaning("what taking part in contracts costs besides what each states");
        PROGRAMS: List = PROGRAMS;
        RESPONSE: Nested = Key::table("response", ResponseKeys::TABLE)
            .absent("volume stays", "{ elasticity = 0.1, source = \"…\" }")
            .meaning("how volume answers to what is left of a fee for one more service");
    }
}

keys! {
    /// What taking part in contracts costs.
    pub(crate) struct AdministrationKeys "provider.administration" {
        PER_MEASURE: Dollars = Key::quantity("per_measure", Unit::DOLLARS_A_YEAR, Range::of(0.0, 1e9)).default(Number(0.0))
            .meaning("what reporting a quality measure of a contract costs");
        SHARED: Share = Key::share("shared").default(Number(0.0))
            .meaning("the part of contracts' administration that is paid once where they are held at once")
            .more("It is paid for the costliest of them");
    }
}

keys! {
    /// What becomes of an allowed amount.
    pub(crate) struct FeesKeys "provider.fees" {
        COST_SHARE: Share = Key::share("cost_share").default(Number(0.0))
            .meaning("the patient's part of the allowed amount").more("Medicare Part B's is 20%").status(Status::Unconfirmed);
        SEQUESTRATION: Share = Key::share("sequestration").default(Number(0.0))
            .meaning("the cut from what the program pays, not from the patient's part")
            .more("Medicare's is 2%").status(Status::Unconfirmed);
        COLLECTION: Share = Key::share("collection").default(Number(1.0))
            .meaning("the part of the patient's part that is collected");
    }
}

keys! {
    /// How volume answers.
    pub(crate) struct ResponseKeys "provider.response" {
        ELASTICITY: f64 = Key::number("elasticity", Range::of(0.0, 0.9)).required("0.1")
            .meaning("the change of volume from no incentive to that of fee-for-service");
        INCENTIVE_OF_DATA: Share = Key::share("incentive_of_data").default(Number(1.0))
            .meaning("the incentive under which the population's use was observed").more("1 is fee-for-service");
        SERVICES: Vec<At<String>> = Key::names("services", "services that some segment has")
            .absent("all", "[\"professional\"]").meaning("the services that answer");
        SOURCE: String = Key::text("source").required("\"…\"")
            .ask("an elasticity is an assumption that the report must be able to cite, as source = \"…\"")
            .meaning("where the elasticity is from");
    }
}

/// Reads the block, with the programs; without it, a provider that delivers nothing itself.
pub(crate) fn read(
    root: &Section<'_>,
    key: &Key<Nested>,
    known: &mut Known,
    payers: Option<Vec<PayerBlock>>,
) -> Option<(Provider, Vec<Program>)> {
    type Keys = ProviderKeys;
    let payers_with =
        |fees: FeeSchedule| -> Option<Vec<Payer>> { Some(payers?.into_iter().map(|payer| payer.with(fees)).collect()) };
    if !root.has(key.name) {
        known.programs.complete();
        let payers = payers_with(FeeSchedule::default())?;
        return Some((Provider { payers, ..Provider::default() }, Vec::new()));
    }
    let section = root.table(key);
    if section.is_none() {
        known.programs.may_be_more();
    }
    let section = section?;
    let programs = read_programs(&section, known);
    known.programs.complete();
    let services = &known.services;
    let own_share = section.optional_by_name(&Keys::OWN_SHARE, services);
    let variable_cost_share = section.optional_by_name(&Keys::VARIABLE_COST_SHARE, services);
    let fixed_cost = section.read(&Keys::FIXED_COST);
    let fees = section.optional_table(&Keys::FEES, read_fees);
    let response = section.optional_table(&Keys::RESPONSE, |section| read_response(section, services));
    let cost_trend = section.optional(&Keys::COST_TREND);
    let (steps, investments) = (steps::read(&section, services), investments::read(&section));
    let administration = section.optional_table(&Keys::ADMINISTRATION, |section| {
        type Keys = AdministrationKeys;
        let (per_measure, shared) = (section.read(&Keys::PER_MEASURE), section.read(&Keys::SHARED));
        section.finish();
        Some(Administration { per_measure: per_measure?, shared: shared? })
    });
    section.finish();
    let fees = fees?.unwrap_or_default();
    let provider = Provider {
        own_share: own_share?,
        variable_cost_share: variable_cost_share?,
        fixed_cost: fixed_cost?,
        fees,
        payers: payers_with(fees)?,
        cost_trend: cost_trend?,
        steps: steps?,
        investments: investments?,
        administration: administration?.unwrap_or_default(),
        response: response?,
    };
    Some((provider, programs?))
}

fn read_response(section: Section<'_>, services: &Names) -> Option<Response> {
    type Keys = ResponseKeys;
    let elasticity = section.read(&Keys::ELASTICITY);
    let incentive_of_data = section.read(&Keys::INCENTIVE_OF_DATA);
    let scope = match section.optional(&Keys::SERVICES) {
        Some(Some(named)) => services.all_of(named, &section, &Keys::SERVICES).map(ServiceScope::only),
        other => other.map(|_| ServiceScope::All),
    };
    if !section.has(Keys::SOURCE.name) {
        section.need(&Keys::SOURCE);
    }
    section.finish();
    Some(Response { elasticity: elasticity?, incentive_of_data: incentive_of_data?, services: scope? })
}

pub(crate) fn read_fees(section: Section<'_>) -> Option<FeeSchedule> {
    type Keys = FeesKeys;
    let cost_share = section.read(&Keys::COST_SHARE);
    let (sequestration, collection) = (section.read(&Keys::SEQUESTRATION), section.read(&Keys::COLLECTION));
    section.finish();
    Some(FeeSchedule { cost_share: cost_share?, sequestration: sequestration?, collection: collection? })
}
