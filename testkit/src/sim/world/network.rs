//! What lies between processes and the server: requests that arrive, are answered or meet with a mishap, and streams that tell.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use http_body_util::Full;
use seatrial_client::client::Body;
use serde_json::Value;
use tower::{BoxError, Layer as _, Service as _};

use crate::fault::{Faults, Rule, wire};
use crate::sim::{
    Break, Fate, Rival, Site, Verb, call::Call, external::system, fate::Told, fate::reset, held::Hold,
    held::Miss, held::Replica, held::Until, held::may_be_stale, link::LinkBody, link::lock, record::Leaving,
    record::Sent, record::Told as ToldOf, record::Writer, rival, stream::Flag, stream::Read, stream::Source,
    stream::Stream, trace::Happening,
};

use super::{Answer, Asked, Outage, Request, Served, Serving, Work, World};

/// How the line of a bookmark begins.
const BOOKMARK: &[u8] = br#"{"type":"BOOKMARK""#;

impl World {
    /// Lets the server deal with a request, unless something else becomes of it.
    pub(super) fn serve(&mut self, request: Request) {
        let outage = self.outage(&request);
        let is_out = outage.is_some();
        let fate = outage.or_else(|| self.fate(&request.site));
        let asked = Asked {
            process: request.process,
            site: request.site,
            sent: request.sent,
            slot: request.slot,
            line: if self.is_traced {
                format!("{} {}", request.parts.method, request.parts.uri)
            } else {
                String::new()
            },
            body: request.body.clone(),
            before: self.server.revision(),
            any_age: request.call.verb.is_read_only() && may_be_stale(&request.parts.uri, false),
            fate,
            leaving: Vec::new(),
        };
        self.digest(&request.parts, &request.body);
        match &asked.fate {
            Some(Fate::CrashBefore) => {
                let process = asked.process;
                self.called(&asked, None, "");
                self.crash(process);
                return;
            }
            Some(Fate::Lost(loss)) => {
                let told = loss.told();
                return self.refuse(asked, told);
            }
            Some(Fate::Refused(refusal)) => {
                let told = refusal.told();
                return self.refuse(asked, told);
            }
            Some(Fate::Outage { time }) => {
                if !is_out {
                    self.cut_off(Some(asked.process), *time);
                }
                return self.refuse(asked, Err(reset()));
            }
            Some(Fate::OutsideOutage { system, time }) => {
                if !is_out {
                    let until = self.clock.elapsed() + *time;
                    let system = Some(system.clone());
                    self.outages.push(Outage {
                        process: None,
                        system,
                        until,
                    });
                }
                if is_of(system, &request.call.resource) {
                    return self.refuse(asked, Err(reset()));
                }
            }
            Some(Fate::Raced(rival)) => {
                let path = request.parts.uri.path();
                let path = match request.call.subresource.as_str() {
                    "" => path,
                    part => path.trim_end_matches(part).trim_end_matches('/'),
                };
                rival::commit(&self.server, path, *rival);
                self.observe(Writer::Rival, false);
                if matches!(rival, Rival::EditsSpec | Rival::EditsStatus) {
                    self.miss(&request.call.resource, Miss::Relisted);
                }
            }
            Some(Fate::Paused { time }) => {
                let until = self.clock.elapsed() + *time;
                self.processes[asked.process].pause(until);
                self.requests.push_front(Request {
                    number: 0,
                    process: asked.process,
                    call: request.call,
                    site: asked.site,
                    sent: asked.sent,
                    parts: request.parts,
                    body: request.body,
                    slot: asked.slot,
                });
                return;
            }
            Some(Fate::Lags { resource, time }) => self.holds.push(Hold {
                process: Some(asked.process),
                resource: resource.clone(),
                until: Until::Time(self.clock.elapsed() + *time),
                since: self.effective,
            }),
            _ => {}
        }
        let asked = Asked {
            before: self.server.revision(),
            ..asked
        };
        let work = self.ask(&asked, request.parts, request.body);
        self.work(Serving {
            asked,
            work,
            dirty: Flag::raised(),
        });
    }

    /// Puts a request to the server, or to the replica that answers for it.
    pub(super) fn ask(&self, asked: &Asked, parts: Parts, body: Bytes) -> Work {
        let mut server = match &self.replica {
            Replica::Serving { server: replica, .. } if asked.site.verb.is_read_only() => {
                let is_stale = may_be_stale(&parts.uri, asked.site.verb == Verb::Watch);
                if is_stale { replica } else { &self.server }
            }
            _ => &self.server,
        }
        .clone();
        if let Some(Fate::Mishap(mishap)) = asked.fate {
            let faults = Faults::new();
            faults.inject(Rule::new(mishap).times(1));
            let request = http::Request::from_parts(parts, Body::from(body));
            let answer = faults.layer().layer(server).call(request);
            return Box::pin(async move { Ok(answer.await?.map(Source::Changed)) });
        }
        let answer = server.call(http::Request::from_parts(parts, Full::new(body)));
        Box::pin(async move {
            match answer.await {
                Ok(response) => Ok(response.map(Source::Server)),
                Err(never) => match never {},
            }
        })
    }

    /// Goes on with the requests that something has happened to.
    pub(super) fn resume(&mut self) {
        let serving = std::mem::take(&mut self.serving).into_iter();
        let (ready, waiting): (Vec<Serving>, _) = serving.partition(|s| s.dirty.take());
        self.serving = waiting;
        for serving in ready {
            self.work(serving);
        }
    }

    /// Lets the server go on with a request.
    pub(super) fn work(&mut self, mut serving: Serving) {
        serving.dirty.take();
        let waker = Waker::from(serving.dirty.clone());
        match serving.work.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => self.serving.push(serving),
            Poll::Ready(served) => self.served(serving.asked, served),
        }
    }

    /// Sends off what the server answered.
    pub(super) fn served(&mut self, mut asked: Asked, served: Served) {
        let process = asked.process;
        self.observe(Writer::Process(process), true);
        match &asked.fate {
            Some(Fate::CrashAfter) => {
                self.called(&asked, None, "");
                return self.crash(process);
            }
            Some(Fate::OutcomeUnknown(loss)) => {
                let told = loss.told();
                return self.refuse(asked, told);
            }
            _ => {}
        }
        let (told, stream, answer) = match served {
            Err(error) => (Err(error), None, String::new()),
            Ok(response) => {
                let (head, source) = response.into_parts();
                let is_watch = asked.site.verb == Verb::Watch && head.status.is_success();
                let read = if is_watch {
                    Read::Open(Vec::new(), source)
                } else {
                    source.read()
                };
                match read {
                    Read::Whole(pieces) => {
                        let told = pieces.iter().flatten();
                        asked.leaving = told.flat_map(|bytes| leaving(bytes)).collect();
                        let answer = match pieces.first() {
                            Some(Ok(bytes)) if self.is_traced => String::from_utf8_lossy(bytes).into_owned(),
                            _ => String::new(),
                        };
                        (
                            Ok(Response::from_parts(head, LinkBody::whole(pieces))),
                            None,
                            answer,
                        )
                    }
                    Read::Open(pieces, source) => {
                        let (body, pipe) = LinkBody::new();
                        let mut stream = Stream::new(process, asked.site.clone(), source);
                        stream.preload(pieces, &mut self.next);
                        let stream = Some((Box::new(stream), pipe));
                        (Ok(Response::from_parts(head, body)), stream, String::new())
                    }
                }
            }
        };
        let code = told.as_ref().ok().map(|response| response.status().as_u16());
        self.called(&asked, code, &answer);
        if let Some(Fate::Broken { resource, how }) = &asked.fate {
            let its = |stream: &&mut Stream| stream.process == process && stream.site.resource == *resource;
            for stream in self.streams.iter_mut().filter(its) {
                stream.break_off(*how, &mut self.next);
            }
        }
        self.send(asked, told, stream);
    }

    /// Sends off an answer that is not the server's.
    pub(super) fn refuse(&mut self, asked: Asked, told: Told) {
        let told = told.map(|response| response.map(|body| LinkBody::whole([Ok(body)])));
        let code = told.as_ref().ok().map(|response| response.status().as_u16());
        self.called(&asked, code, "");
        self.send(asked, told, None);
    }

    pub(super) fn send(
        &mut self,
        asked: Asked,
        told: Result<Response<LinkBody>, BoxError>,
        stream: Option<(Box<Stream>, Arc<crate::sim::link::Pipe>)>,
    ) {
        let number = self.number();
        self.answers.push_back(Answer {
            number,
            process: asked.process,
            site: asked.site,
            slot: asked.slot,
            told,
            leaving: asked.leaving,
            stream,
        });
    }

    pub(super) fn deliver(&mut self, answer: Answer) {
        if answer.slot.is_given_up() {
            return;
        }
        if let Some((mut stream, pipe)) = answer.stream {
            stream.connect(pipe);
            stream.pull(&mut self.next, false);
            self.streams.push(*stream);
        }
        self.hear(answer.process, answer.leaving);
        answer.slot.fill(answer.told);
        self.processes[answer.process].heard = Some(answer.site);
        self.run(answer.process);
    }

    /// Tells a process the next piece of a stream.
    pub(super) fn tell(&mut self, at: usize) {
        let stream = &mut self.streams[at];
        let told = stream.deliver();
        let (process, site) = (stream.process, stream.site.clone());
        self.processes[process].heard = Some(site.clone());
        if let Some(bytes) = &told {
            self.told.push(ToldOf {
                site: site.clone(),
                calls: self.calls.len(),
                bytes: bytes.len(),
                is_bookmark: bytes.starts_with(BOOKMARK),
            });
        }
        if stream.is_over() {
            self.streams.remove(at);
        }
        self.hear(process, told.as_deref().map(leaving).unwrap_or_default());
        self.note(|| {
            let line = told.map_or_else(String::new, |b| String::from_utf8_lossy(&b).into_owned());
            Happening::Told(site, line)
        });
        self.run(process);
    }

    /// Notes that a process is told that objects are being deleted.
    fn hear(&mut self, process: usize, leaving: Vec<String>) {
        let life = self.processes[process].starts;
        for uid in leaving {
            let heard = Leaving { process, life, uid };
            if !self.leaving.contains(&heard) {
                self.leaving.push(heard);
            }
        }
    }

    /// Takes the server away from a process, or from all, for a while.
    pub(super) fn cut_off(&mut self, process: Option<usize>, time: Duration) {
        self.outages.push(Outage {
            process,
            system: None,
            until: self.clock.elapsed() + time,
        });
        for stream in &mut self.streams {
            if process.is_none_or(|process| process == stream.process) {
                stream.break_off(Break::Reset, &mut self.next);
            }
        }
    }

    /// What becomes of a request because it does not reach what it is for; how long that will last is told.
    fn outage(&self, request: &Request) -> Option<Fate> {
        let now = self.clock.elapsed();
        let its = self.outages.iter().filter(|outage| {
            outage.until > now
                && outage.process.is_none_or(|process| process == request.process)
                && (outage.system.as_ref()).is_none_or(|system| is_of(system, &request.call.resource))
        });
        let last = its.max_by_key(|outage| outage.until)?;
        let time = last.until - now;
        Some(match last.system.clone() {
            None => Fate::Outage { time },
            Some(system) => Fate::OutsideOutage { system, time },
        })
    }

    /// Lets the watches of a resource, which were held back, miss what was on its way.
    pub(super) fn miss(&mut self, resource: &str, miss: Miss) {
        let streams = self.streams.iter_mut();
        for stream in streams.filter(|stream| stream.site.resource == resource) {
            match miss {
                Miss::Relisted => {
                    let message = "too old resource version: 1 (2)";
                    stream.end(Some(&wire::status(410, "Expired", message)), &mut self.next);
                }
                Miss::Coalesced => stream.join(),
            }
        }
    }

    /// Takes over what processes have sent.
    pub(super) fn collect(&mut self) {
        loop {
            let Some(sent) = lock(&self.outbox).pop_front() else {
                return;
            };
            let call = Call::of(&sent.parts.method, &sent.parts.uri, &sent.body);
            let site = self.site(sent.process, &call);
            let number = self.number();
            self.requests.push_back(Request {
                number,
                process: sent.process,
                call,
                site,
                sent: Sent {
                    life: self.processes[sent.process].starts,
                    revision: self.server.revision(),
                    heard: self.leaving.len(),
                },
                parts: sent.parts,
                body: sent.body,
                slot: sent.slot,
            });
        }
    }

    pub(super) fn site(&mut self, process: usize, call: &Call) -> Arc<Site> {
        let (resource, key) = (call.full_resource(), call.key());
        let key = self
            .classes
            .get(&format!("{}/{key}", call.resource))
            .cloned()
            .unwrap_or(key);
        let count = self
            .counts
            .entry((process, call.verb, resource.clone(), key.clone()));
        let nth = count.or_default();
        *nth += 1;
        Arc::new(Site {
            process: self.processes[process].name.to_string(),
            verb: call.verb,
            resource,
            key,
            nth: *nth,
        })
    }
}

/// Whether a resource holds the records of a system outside of the cluster.
fn is_of(named: &str, resource: &str) -> bool {
    system(resource) == Some(named)
}

/// The UIDs of the objects that a piece of an answer or of a watch says are being deleted.
fn leaving(told: &[u8]) -> Vec<String> {
    let mut uids = Vec::new();
    let text = str::from_utf8(told).unwrap_or_default();
    if text.contains("\"deletionTimestamp\"") {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        for value in values.flatten() {
            leave(&value, &mut uids);
        }
    }
    uids
}

fn leave(value: &Value, uids: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("deletionTimestamp")
                && let Some(Value::String(uid)) = fields.get("uid")
            {
                uids.push(uid.clone());
            }
            fields.values().for_each(|field| leave(field, uids));
        }
        Value::Array(items) => items.iter().for_each(|item| leave(item, uids)),
        _ => {}
    }
}
