//! Replays recorded exchanges with a real kube-apiserver; see `transcripts/README.md`.
#![expect(
    clippy::disallowed_methods,
    reason = "stands for a client and its machine: time is the paused clock of the runtime, options come from the environment"
)]

mod transcript;

#[test]
fn replays() {
    let options = transcript::gate::Options::from_environment();
    if let Err(regression) = transcript::gate::pass(&options, |t| transcript::server::fresh(t)) {
        panic!("{regression}");
    }
}
