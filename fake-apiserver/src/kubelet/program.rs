//! What a program does, step by step.

use std::time::Duration;

use bytes::Bytes;

/// A program as its streams show it: output, waits, and how it ends.
///
/// The steps are done in order. A program whose steps are over ends with exit code 0, unless [`exit`](Self::exit) says
/// otherwise. On a port, the standard output is what the port says and the standard input what it hears.
#[derive(Clone, Debug, Default)]
#[must_use = "a program does nothing until a kubelet has it"]
pub struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) code: i32,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Stdout(Bytes),
    Stderr(Bytes),
    Wait(Duration),
    /// Passes input on to the output, until the input ends.
    Echo,
    /// Reads the input until it ends.
    ReadToEnd,
    /// Reads one line of input.
    ReadLine,
    /// Waits for the next size of the terminal and writes it, as `80x24`.
    TellSize,
    /// Ends the connection without a word.
    Vanish,
}

impl Program {
    /// A program that ends at once.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes to the standard output.
    pub fn stdout(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Stdout(bytes.into().into()))
    }

    /// Writes to the standard error; with a terminal, to the only output there is.
    pub fn stderr(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.step(Step::Stderr(bytes.into().into()))
    }

    /// Waits on the server's clock.
    pub fn wait(self, duration: Duration) -> Self {
        self.step(Step::Wait(duration))
    }

    /// Writes to the standard output what it reads, until the input ends.
    pub fn echo(self) -> Self {
        self.step(Step::Echo)
    }

    /// Reads until the input ends.
    pub fn read_to_end(self) -> Self {
        self.step(Step::ReadToEnd)
    }

    /// Reads up to the end of a line.
    pub fn read_line(self) -> Self {
        self.step(Step::ReadLine)
    }

    /// Waits until the terminal has another size, and writes it as `80x24` on a line.
    pub fn tell_size(self) -> Self {
        self.step(Step::TellSize)
    }

    /// Breaks off: the connection ends as if the node had gone.
    pub fn vanish(self) -> Self {
        self.step(Step::Vanish)
    }

    /// Ends with an exit code.
    pub fn exit(mut self, code: i32) -> Self {
        self.code = code;
        self
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
