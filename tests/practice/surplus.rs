//! How a surplus is divided, where the law is known.

use twosided_report::{ContractSurplus, SurplusSummary};

use crate::capital::{SHARED, assert_near, exponential};

/// The surplus of a contract that pays 2,500 × (1 - u) of savings below u = 0.9 and owes 2,500 × (u - 1) above 1.1, u exponential.
fn surplus(years: u32, blocks: &str) -> SurplusSummary {
    exponential(years, SHARED, blocks).surplus.expect("it is asked for")
}

fn of_track(surplus: &SurplusSummary) -> &ContractSurplus {
    let [track] = &surplus.contracts[..] else { panic!("fee-for-service settles nothing: {surplus:?}") };
    track
}

#[test]
fn members_are_paid_before_shares_and_losses_are_passed_on() {
    let surplus = surplus(
        1,
        "[surplus]\nparticipants = [{ name = \"primary care\", share = 0.5, quality = { score = 0.8, minimum = 0.6 } }, \
         { name = \"coordinators\", pmpm = 100 }]\nlosses = { passed_on = 0.3 }\n",
    );
    let track = of_track(&surplus);
    let [shared, per_member] = &track.participants[..] else { panic!("two participants: {track:?}") };
    // The integral of (1 - u) e^-u is u e^-u: savings pay 2,500 × 0.9 e^-0.9 on average, losses owe 2,500 × 1.1 e^-1.1.
    let up_to = |u: f64| u * (-u).exp();
    let (savings, losses) = (2_500.0 * up_to(0.9), 2_500.0 * up_to(1.1));
    assert_near("divided", &track.divided, savings - losses);
    // 1,200 a year, or all that there is beyond u = 0.52.
    let members = 1_200.0 * (1.0 - (-0.52_f64).exp()) + 2_500.0 * (up_to(0.9) - up_to(0.52));
    assert_near("per member", &per_member.mean, members);
    assert_near("shared", &shared.mean, 0.4 * (savings - members) - 0.3 * losses);
    assert_near("passed on", &shared.losses, 0.3 * losses);
    assert_near("kept", &track.kept.mean, 0.6 * (savings - members) - 0.7 * losses);
    assert_near("nothing per member", &per_member.years_without, (-0.9_f64).exp());
    assert_near("nothing shared", &shared.years_without, (-0.52_f64).exp());
    assert_eq!(track.reserve.mean.value, 0.0);
    // What is owed at the 5% quantile, -ln(5%) of u, is borne by 30%.
    assert_near("5%", &shared.quantile_05, -0.3 * 2_500.0 * (20_f64.ln() - 1.0));
}

#[test]
fn nothing_is_distributed_until_the_reserve_holds_its_floor() {
    let blocks = |reserve: f64| {
        format!(
            "[capital]\nreserve = {reserve}\n[surplus]\nreserve = {{ floor = 1_000 }}\nparticipants = [{{ name = \"all\", share = 1 }}]\n"
        )
    };
    let empty = surplus(1, &blocks(0.0));
    let up_to = |u: f64| u * (-u).exp();
    // Savings above 1,000 are paid, which is below u = 0.6: the integral of 0.6 - u.
    let paid = 2_500.0 * (0.6 - (1.0 - (-0.6_f64).exp()));
    assert_near("paid", &of_track(&empty).participants[0].mean, paid);
    assert_near("reserve", &of_track(&empty).reserve.mean, 2_500.0 * up_to(0.9) - paid);
    assert_near("borne", &of_track(&empty).kept.losses, 2_500.0 * up_to(1.1));
    let full = surplus(1, &blocks(1_000.0));
    assert_near("all is paid", &of_track(&full).participants[0].mean, 2_500.0 * up_to(0.9));
    // A reserve of 1,000 covers losses up to u = 1.4; what is beyond is borne, and e^-1.4 × 2,500 on average.
    assert_near("beyond the reserve", &of_track(&full).kept.losses, 2_500.0 * (-1.4_f64).exp());
}

#[test]
fn the_parts_of_all_years_add_up_to_what_is_divided() {
    let surplus = surplus(
        3,
        "[surplus]\nreserve = { floor = 500, share = 0.3 }\nlosses = { passed_on = 0.2 }\n\
         participants = [{ name = \"one\", share = 0.4 }, { name = \"other\", pmpm = 20 }, { name = \"third\", share = 0.1 }]\n",
    );
    let track = of_track(&surplus);
    let parts = track.participants.iter().chain([&track.reserve, &track.kept]);
    let sum: f64 = parts.map(|part| part.mean.value).sum();
    assert!((sum - track.divided.value).abs() < 1e-6 * 2_500.0, "{sum} {:?}", track.divided);
    // By their shares.
    let [one, third] = [0, 2].map(|place: usize| track.participants[place].losses.value);
    assert!((one - 4.0 * third).abs() < 1e-6 * one && one > 0.0, "{one} {third}");
}
