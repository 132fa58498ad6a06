//! Ctrl-C and its like while a folder is being written.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    thread,
    time::Duration,
};

use twosided::{Checkpoints, Control};
use twosided_files::{Ended, FolderGuard, Kept, OutputFolder, Recovered, Request};
use twosided_form::printable;

use crate::{Failure, counts::counted, say};

/// Maximum time between two stop checks of the work.
const GRACE: Duration = Duration::from_millis(700);

/// What a run that is stopped says: what it leaves in the folder of its checkpoints, if it has one.
pub(crate) fn stopped(partial: Option<&Path>) -> String {
    let checkpoints = partial.map(|folder| Checkpoints { folder, every: None, from: Duration::ZERO });
    match checkpoints.map(|checkpoints| (checkpoints.folder, checkpoints.trials())) {
        Some((folder, trials @ 1..)) => format!(
            "stopped: {} are kept in {}; run the same command with --resume to go on\n",
            counted(trials, "trial", "trials"),
            printable(&folder.display().to_string())
        ),
        _ => "stopped: nothing was written\n".to_owned(),
    }
}

/// Listens for signals, then opens the folder, beside which checkpoints may be kept in another: a signal that comes meanwhile is heeded once the folder is open, and can be left
/// as it was.
pub(crate) fn open_folder(
    request: &Request<'_>,
    control: &Arc<Control>,
    partial: Option<&Path>,
) -> Result<OutputFolder, Failure> {
    let guard = Arc::new(Mutex::new(None));
    // Whoever wants to abandon the folder waits until it is open.
    let mut opening = guard.lock().unwrap_or_else(PoisonError::into_inner);
    stop_on_signal(control, Arc::clone(&guard), partial.map(Path::to_owned))?;
    let destination = OutputFolder::open(request)?;
    *opening = Some(destination.guard());
    drop(opening);
    say_what_was_recovered(destination.recovered());
    check(control)?;
    Ok(destination)
}

/// Listens for signals during work that writes no folder.
pub(crate) fn stop_without_folder(control: &Arc<Control>) -> Result<(), Failure> {
    stop_on_signal(control, Arc::default(), None)
}

/// Ends the work if a signal asked for it.
pub(crate) fn check(control: &Control) -> Result<(), Failure> {
    if control.stop.load(Ordering::Relaxed) { Err(Failure::Stopped) } else { Ok(()) }
}

/// A signal asks the work to stop; if it has not within the grace, the process ends all the same, and what was prepared with it.
fn stop_on_signal(
    control: &Arc<Control>,
    guard: Arc<Mutex<Option<FolderGuard>>>,
    partial: Option<PathBuf>,
) -> Result<(), Failure> {
    let control = Arc::clone(control);
    let stop = move || {
        control.stop.store(true, Ordering::Relaxed);
        thread::sleep(GRACE);
        let guard = guard.lock().unwrap_or_else(PoisonError::into_inner);
        match guard.as_ref().map_or(Ended::ByItself, FolderGuard::abandon) {
            Ended::WithoutTrace => say(&stopped(partial.as_deref())),
            Ended::Complete(folder) => {
                say(&format!("stopped: {} is complete\n", printable(&folder.display().to_string())));
            }
            Ended::ByItself => return,
        }
        std::process::exit(130);
    };
    listen(stop).map_err(|error| Failure::Message(format!("cannot listen for Ctrl-C: {error}")))
}

/// Listens for the signals that end a program, those aside that whoever started it has ignored, as `nohup` does.
#[cfg(unix)]
fn listen(mut stop: impl FnMut() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
    };
    let ignored = ignored_signals();
    let heeded = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| ignored & (1 << (signal - 1)) == 0);
    let mut signals = Signals::new(heeded)?;
    thread::spawn(move || {
        for _ in signals.forever() {
            stop();
        }
    });
    Ok(())
}

/// The signals that are ignored, the first as the lowest bit. Only Linux says which; elsewhere none counts as ignored.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(not(unix))]
fn listen(stop: impl FnMut() + Send + 'static) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(stop)
}

/// Says what was done about the leftovers of killed runs.
fn say_what_was_recovered(recovered: &Recovered) {
    if recovered.removed > 0 {
        say("removed the unfinished files of a run that was killed\n");
    }
    if recovered.completed > 0 {
        say("completed the folder of a run that was killed while its files were moved into place\n");
    }
    recovered.kept.iter().for_each(say_what_is_kept);
}

/// Says where files of a user are that stood in the way.
pub(crate) fn say_what_is_kept(kept: &Kept) {
    let (names, folder) = (kept.names.join(", "), kept.folder.display().to_string());
    say(&format!("kept in {}, as they are not what a run wrote: {}\n", printable(&folder), printable(&names)));
}
