//! Answers kube 5.0.0's public names, one by one.

mod client;
mod core;
mod runtime;

/// A value of any type, for code that is compiled and never run.
fn arg<T>() -> T {
    unreachable!("probes are compiled, never run")
}

/// A path of kube 5.0.0, and the code that shows it exists here.
macro_rules! same {
    ($name:literal => $($probe:tt)*) => {
        const _: () = {
            $($probe)*
        };
    };
}
use same;
