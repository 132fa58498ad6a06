//! How far a long run has come.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use twosided::Control;

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// Does the work while another thread shows, on a terminal only, how many of the units are done and how long the rest takes;
/// of those that the work itself plans, where it does.
pub(crate) fn watched<T>(all: u64, units: &str, control: &Control, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    let finished = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| show(all, units, control, &finished));
        let result = work();
        finished.store(true, Ordering::Relaxed);
        result
    })
}

fn show(all: u64, units: &str, control: &Control, finished: &AtomicBool) {
    let started = Instant::now();
    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::hidden());
    let style = format!("{{bar:40}} {{human_pos}} of {{human_len}} {units}, {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&style).expect("the template is well-formed"));
    while !finished.load(Ordering::Relaxed) {
        thread::sleep(BETWEEN_LOOKS);
        if bar.is_hidden() && started.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        let planned = control.planned.load(Ordering::Relaxed);
        if planned > 0 {
            bar.set_length(planned);
        }
        bar.set_position(control.done.load(Ordering::Relaxed));
    }
    bar.finish_and_clear();
}
