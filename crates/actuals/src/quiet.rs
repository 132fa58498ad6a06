//! Panics that are errors.

use std::{
    cell::Cell,
    panic::{self, AssertUnwindSafe, catch_unwind},
    sync::Once,
};

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs code of a library that may panic, and returns none if it does. Of such a panic nothing is said on the terminal; panics of
/// other threads, and of this one at other times, are reported as before.
pub fn without_panic<T>(run: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_QUIET.get() {
                before(panic);
            }
        }));
    });
    let was_quiet = IS_QUIET.replace(true);
    let done = catch_unwind(AssertUnwindSafe(run));
    IS_QUIET.set(was_quiet);
    done.ok()
}
