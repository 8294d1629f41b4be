//! Panics that do not end a process, because it or its runtime catches them: heard of all the same.

use std::{
    cell::RefCell,
    panic::{self, PanicHookInfo},
    sync::Once,
};

use seatrial_runtime::panic_message;

thread_local! {
    /// What this thread has panicked with since somebody began to listen.
    static HEARD: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Runs `run`, which does not unwind; with the message of each panic on the way, first to last.
///
/// It listens by the hook of the program, in front of the one that is there: whoever sets another hook later is not listened to.
pub(super) fn heard<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            hear(info);
            before(info);
        }));
    });
    HEARD.set(Some(Vec::new()));
    let answer = run();
    (answer, HEARD.take().unwrap_or_default())
}

fn hear(info: &PanicHookInfo<'_>) {
    // A thread that is about to end has no locals any more; nothing listens to it then.
    let _ = HEARD.try_with(|heard| {
        if let Some(heard) = heard.borrow_mut().as_mut() {
            heard.push(panic_message(info.payload()));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_caught_is_heard() {
        let (caught, messages) = heard(|| {
            let first = panic::catch_unwind(|| panic!("one"));
            let second = panic::catch_unwind(|| panic!("{}", 2));
            first.is_err() && second.is_err()
        });
        assert!(caught);
        assert_eq!(messages, ["one", "2"]);
        assert_eq!(heard(|| ()).1, Vec::<String>::new());
    }
}
