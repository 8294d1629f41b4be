//! A run from its start to its end: the user's script, and what is to be done where everything has come to rest.

use crate::sim::{
    Fate, RefusedStep, Script, ScriptError, Trigger, call::key, held::Replica, record::Ending, script::Op,
};

use super::World;

impl World {
    /// Plays the user's script to its end, and lets everything settle.
    pub(super) fn play(&mut self) -> Result<Ending, ScriptError> {
        if let Some(ending) = self.play_script()? {
            return Ok(ending);
        }
        Ok(self.rest_point(true))
    }

    /// Plays the script; how it ended, if it did not come to its end.
    fn play_script(&mut self) -> Result<Option<Ending>, ScriptError> {
        while let Some(op) = self.script.get(self.script_at) {
            match op {
                Op::Settle => {
                    self.script_at += 1;
                    let ending = self.rest_point(false);
                    if ending != Ending::Settled {
                        return Ok(Some(ending));
                    }
                }
                Op::Wait(time) => {
                    let until = self.clock.elapsed() + *time;
                    self.script_at += 1;
                    if let Some(ending) = self.pass(until) {
                        return Ok(Some(ending));
                    }
                }
                _ => {
                    if let Some(ending) = self.drain(true)? {
                        return Ok(Some(ending));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The operation that was just refused.
    pub(super) fn refused(&self, error: ScriptError) -> RefusedStep {
        let done = &self.script[..self.script_at];
        let (step, before) = done.split_last().unzip();
        let object = step.and_then(|step| step.object(&self.server));
        let mut before = before.into_iter().flatten().rev();
        RefusedStep {
            error,
            about: object.map(|(resource, namespace, name)| format!("{resource} {}", key(&namespace, &name))),
            is_after_rest: before.find(|op| !matches!(op, Op::Wait(_))) == Some(&Op::Settle)
                && self.holds.is_empty()
                && !matches!(self.replica, Replica::Serving { .. }),
        }
    }

    /// Lets things settle, and does what is to be done then.
    fn rest_point(&mut self, is_last: bool) -> Ending {
        let ending = self.settle(is_last);
        self.rests.push(self.server.revision());
        if ending != Ending::Settled {
            return ending;
        }
        let point = u32::try_from(self.rests.len()).unwrap_or(u32::MAX);
        let Some(fate) = self.take(&Trigger::Settled(point)) else {
            return ending;
        };
        if matches!(fate, Fate::TimeTravel { .. })
            && let Replica::Stopped(server) = std::mem::take(&mut self.replica)
        {
            self.replica = Replica::Serving {
                server,
                since: self.effective,
            };
        }
        if let Fate::Outage { time } = fate {
            self.cut_off(None, time);
        } else {
            for process in 0..self.processes.len() {
                self.crash(process);
            }
        }
        let ending = self.settle(false);
        if ending != Ending::Settled {
            return ending;
        }
        self.catch_up();
        self.settle(is_last)
    }

    /// The replica that was behind is not any more: whoever used it connects anew.
    pub(super) fn catch_up(&mut self) {
        if let Replica::Serving { .. } = self.replica {
            self.replica = Replica::Absent;
            for stream in &mut self.streams {
                stream.end(None, &mut self.next);
            }
        }
    }

    /// Does what a script says, at once.
    pub(crate) fn perform(&mut self, script: &Script) -> Result<(), ScriptError> {
        let ops = script.ops().map_err(|message| ScriptError {
            step: "read the script".to_owned(),
            message,
        })?;
        self.script = ops.into();
        self.script_at = 0;
        self.play_script().map(drop)
    }
}
