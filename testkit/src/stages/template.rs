//! Go templates over objects, with the functions that KWOK has, and what of sprig is common in stages.
//!
//! **Invariant:** a template sees the object and the virtual time, and nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use gotmpl::{
    TemplateError, Value as Go,
    parse::{BranchNode, Expr, ListNode, Node, PipeNode},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A template that can be filled in.
pub(super) struct Template {
    template: gotmpl::Template,
    /// The time at which it is filled in.
    now: Arc<Mutex<Timestamp>>,
}

/// Larger ones are not read.
const LENGTH_MAX: usize = 64 << 10;

/// The address of every node; pods' are in `10.0.0.0/8`.
const NODE_IP: &str = "192.168.0.1";

type Answer = Result<Go, TemplateError>;

// === impl Template ===

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("it is longer than {LENGTH_MAX} bytes"));
        }
        let now = Arc::new(Mutex::new(Timestamp::UNIX_EPOCH));
        let functions = functions(&now);
        let names: Vec<String> = functions.keys().cloned().collect();
        let template = gotmpl::Template::new("template")
            .funcs(functions)
            .parse(text)
            .map_err(|error| error.to_string())?;
        let is_known = |name: &str| BUILTINS.contains(&name) || names.iter().any(|known| known == name);
        let mut parts = template
            .templates()
            .into_iter()
            .filter_map(|name| template.lookup(name));
        if let Some(name) = parts.find_map(|part| unknown(part, &is_known)) {
            return Err(format!("there is no function `{name}`"));
        }
        Ok(Self { template, now })
    }

    /// Fills it in, and reads the YAML that it makes.
    pub(super) fn fill(&self, object: &Value, now: Timestamp) -> Result<Value, String> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
        let data = gotmpl::to_value(object).map_err(|error| error.to_string())?;
        let text = self
            .template
            .execute_to_string(&data)
            .map_err(|error| error.to_string())?;
        serde_saphyr::from_str(&text).map_err(|error| format!("it makes no YAML: {error}"))
    }
}

/// Go's own functions.
const BUILTINS: [&str; 19] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print",
    "printf", "println", "slice", "urlquery",
];

#[derive(Default)]
struct Functions(gotmpl::FuncMap);

impl Functions {
    fn add(&mut self, name: &str, function: impl Fn(&[Go]) -> Answer + Send + Sync + 'static) {
        self.0.insert(name.to_owned(), Arc::new(function));
    }
}

fn functions(now: &Arc<Mutex<Timestamp>>) -> gotmpl::FuncMap {
    let mut all = Functions::default();
    let clock = now.clone();
    let read = move |_: &[Go]| {
        let now = *clock.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(text(&now.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()))
    };
    // KWOK's.
    all.add("Now", read.clone());
    all.add("StartTime", read);
    all.add("Version", |_| Ok(text("seatrial")));
    all.add("Quote", |args| {
        Ok(text(&Value::from(shown(args.first())).to_string()))
    });
    all.add("YAML", yaml);
    all.add("NodeConditions", |_| go(&node_conditions()));
    all.add("NodeIP", |_| Ok(text(NODE_IP)));
    all.add("NodeIPWith", |_| Ok(text(NODE_IP)));
    all.add("NodeName", |_| Ok(text("node")));
    all.add("NodePort", |_| Ok(Go::Int(10250)));
    all.add("PodIP", |args| Ok(text(&pod_ip(args))));
    all.add("PodIPWith", |args| Ok(text(&pod_ip(args))));
    // sprig's.
    all.add("default", |args| Ok(either(args.get(1), args.first())));
    all.add("coalesce", |args| {
        Ok(args
            .iter()
            .find(|arg| arg.is_truthy())
            .cloned()
            .unwrap_or(Go::Nil))
    });
    all.add("empty", |args| {
        Ok(Go::Bool(!args.first().is_some_and(Go::is_truthy)))
    });
    all.add("ternary", |args| {
        let chosen = if args.get(2).is_some_and(Go::is_truthy) {
            0
        } else {
            1
        };
        Ok(args.get(chosen).cloned().unwrap_or(Go::Nil))
    });
    all.add("quote", |args| {
        Ok(text(&Value::from(shown(args.first())).to_string()))
    });
    all.add("squote", |args| {
        Ok(text(&format!("'{}'", shown(args.first()).replace('\'', "''"))))
    });
    all.add("toString", |args| Ok(text(&shown(args.first()))));
    all.add("toJson", |args| Ok(text(&json_of(args.first()).to_string())));
    all.add("upper", |args| Ok(text(&shown(args.first()).to_uppercase())));
    all.add("lower", |args| Ok(text(&shown(args.first()).to_lowercase())));
    all.add("trim", |args| Ok(text(shown(args.first()).trim())));
    all.add("trimPrefix", |args| {
        let (what, whole) = (shown(args.first()), shown(args.get(1)));
        Ok(text(whole.strip_prefix(&*what).unwrap_or(&whole)))
    });
    all.add("trimSuffix", |args| {
        let (what, whole) = (shown(args.first()), shown(args.get(1)));
        Ok(text(whole.strip_suffix(&*what).unwrap_or(&whole)))
    });
    all.add("hasPrefix", |args| {
        Ok(Go::Bool(shown(args.get(1)).starts_with(&shown(args.first()))))
    });
    all.add("hasSuffix", |args| {
        Ok(Go::Bool(shown(args.get(1)).ends_with(&shown(args.first()))))
    });
    all.add("contains", |args| {
        Ok(Go::Bool(shown(args.get(1)).contains(&shown(args.first()))))
    });
    all.add("replace", |args| {
        Ok(text(
            &shown(args.get(2)).replace(&shown(args.first()), &shown(args.get(1))),
        ))
    });
    all.add("join", |args| {
        let items = match args.get(1) {
            Some(Go::List(items)) => items.iter().map(|item| shown(Some(item))).collect(),
            other => vec![shown(other)],
        };
        Ok(text(&items.join(&shown(args.first()))))
    });
    all.add("list", |args| Ok(Go::List(args.into())));
    all.add("dict", |args| {
        let pairs = args.chunks(2);
        let pairs = pairs.map(|pair| (shown(pair.first()), json_of(pair.get(1))));
        go(&Value::Object(pairs.collect()))
    });
    all.add("hasKey", |args| {
        Ok(Go::Bool(json_of(args.first()).get(shown(args.get(1))).is_some()))
    });
    all.add("get", |args| {
        let found = json_of(args.first());
        go(found.get(shown(args.get(1))).unwrap_or(&json!("")))
    });
    all.add("add", |args| {
        Ok(Go::Int(args.iter().map(int).fold(0, i64::wrapping_add)))
    });
    all.add("add1", |args| {
        Ok(Go::Int(args.first().map_or(0, int).wrapping_add(1)))
    });
    all.add("sub", |args| two(args, i64::checked_sub));
    all.add("mul", |args| {
        Ok(Go::Int(args.iter().map(int).fold(1, i64::wrapping_mul)))
    });
    all.add("div", |args| two(args, i64::checked_div));
    all.add("mod", |args| two(args, i64::checked_rem));
    all.add("int", |args| Ok(Go::Int(args.first().map_or(0, int))));
    all.add("indent", |args| Ok(text(&indented(args))));
    all.add("nindent", |args| Ok(text(&format!("\n{}", indented(args)))));
    all.0
}

/// A function that is called in a template and is not there.
fn unknown<'a>(list: &'a ListNode, is_known: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    list.nodes.iter().find_map(|node| match node {
        Node::List(list) => unknown(list, is_known),
        Node::Action(action) => unknown_in(&action.pipe, is_known),
        Node::If(branch) => unknown_in_branch(branch, is_known),
        Node::Range(branch) => unknown_in_branch(branch, is_known),
        Node::With(branch) => unknown_in_branch(branch, is_known),
        Node::Template(template) => unknown_in(template.pipe.as_ref()?, is_known),
        Node::Define(define) => unknown(&define.body, is_known),
        Node::Text(_) | Node::Break(_) | Node::Continue(_) => None,
    })
}

fn unknown_in_branch<'a>(branch: &'a BranchNode, is_known: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    unknown_in(&branch.pipe, is_known)
        .or_else(|| unknown(&branch.body, is_known))
        .or_else(|| unknown(branch.else_body.as_ref()?, is_known))
}

fn unknown_in<'a>(pipe: &'a PipeNode, is_known: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    let mut words = pipe.commands.iter().flat_map(|command| &command.args);
    words.find_map(|word| match word {
        Expr::Identifier(_, name) => (!is_known(name)).then_some(name.as_str()),
        Expr::Pipe(_, pipe) => unknown_in(pipe, is_known),
        Expr::Chain(_, inner, _) => match &**inner {
            Expr::Pipe(_, pipe) => unknown_in(pipe, is_known),
            _ => None,
        },
        _ => None,
    })
}

fn text(text: &str) -> Go {
    Go::String(text.into())
}

fn go(value: &Value) -> Answer {
    gotmpl::to_value(value)
}

/// A value as it is printed; none where there is nothing.
fn shown(value: Option<&Go>) -> String {
    match value {
        None | Some(Go::Nil) => String::new(),
        Some(other) => other.to_string(),
    }
}

fn either(value: Option<&Go>, default: Option<&Go>) -> Go {
    let value = value.filter(|value| value.is_truthy());
    value.or(default).cloned().unwrap_or(Go::Nil)
}

fn int(value: &Go) -> i64 {
    match value {
        // Numbers of objects that are not whole are cut, as Go's conversion does.
        Go::Float(number) => *number as i64,
        Go::String(text) => text.parse().unwrap_or(0),
        other => other.as_int().unwrap_or(0),
    }
}

fn two(args: &[Go], with: impl Fn(i64, i64) -> Option<i64>) -> Answer {
    let (a, b) = (args.first().map_or(0, int), args.get(1).map_or(0, int));
    let answer = with(a, b);
    answer
        .map(Go::Int)
        .ok_or_else(|| TemplateError::Exec("the number cannot be computed".to_owned()))
}

fn json_of(value: Option<&Go>) -> Value {
    match value {
        None | Some(Go::Nil | Go::Function(_)) => Value::Null,
        Some(Go::Bool(b)) => json!(b),
        Some(Go::Int(n)) => json!(n),
        Some(Go::Uint(n)) => json!(n),
        Some(Go::Float(n)) => json!(n),
        Some(Go::String(text)) => json!(&**text),
        Some(Go::List(items)) => items.iter().map(|item| json_of(Some(item))).collect(),
        Some(Go::Map(fields)) => {
            let fields = fields.iter();
            Value::Object(
                fields
                    .map(|(name, field)| (name.to_string(), json_of(Some(field))))
                    .collect(),
            )
        }
    }
}

/// A value in YAML's flow style, which is JSON's, so that it fits wherever it is put: `YAML value steps`.
fn yaml(args: &[Go]) -> Answer {
    let steps = args.get(1).map_or(0, int).clamp(0, 100);
    let indent = "  ".repeat(usize::try_from(steps).unwrap_or_default());
    Ok(text(&format!("{indent}{}", json_of(args.first()))))
}

fn indented(args: &[Go]) -> String {
    let spaces = usize::try_from(args.first().map_or(0, int).clamp(0, 100)).unwrap_or_default();
    let indent = " ".repeat(spaces);
    let lines = shown(args.get(1));
    let lines: Vec<String> = lines.split('\n').map(|line| format!("{indent}{line}")).collect();
    lines.join("\n")
}

/// An address that is a pod's own: from its UID, or from whatever else it is told by.
fn pod_ip(args: &[Go]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in args.iter().flat_map(|arg| shown(Some(arg)).into_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let [a, b, c, ..] = hash.to_be_bytes();
    format!("10.{a}.{b}.{}", c.clamp(1, 254))
}

/// What a node that is well says of itself.
fn node_conditions() -> Value {
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({ "type": kind, "status": status, "reason": reason, "message": message });
    json!([
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        condition(
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available"
        ),
        condition(
            "DiskPressure",
            "False",
            "KubeletHasNoDiskPressure",
            "kubelet has no disk pressure"
        ),
        condition(
            "PIDPressure",
            "False",
            "KubeletHasSufficientPID",
            "kubelet has sufficient PID available"
        ),
        condition(
            "NetworkUnavailable",
            "False",
            "RouteCreated",
            "RouteController created a route"
        ),
    ])
}

/// A time of Go's, such as `1h30m`, `250ms` or `1.5s`, in milliseconds.
pub(super) fn go_duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut milliseconds = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..end].parse().ok()?;
        let unit = &rest[end..];
        let units = [
            ("ns", 1e-6),
            ("us", 1e-3),
            ("µs", 1e-3),
            ("ms", 1.0),
            ("h", 3.6e6),
            ("m", 6e4),
            ("s", 1e3),
        ];
        let (name, size) = units.into_iter().find(|(name, _)| unit.starts_with(name))?;
        milliseconds += number * size;
        rest = &unit[name.len()..];
    }
    let all = SignedDuration::try_from_secs_f64(sign * milliseconds / 1e3).ok()?;
    i64::try_from(all.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, expected: Value) {
        let object = json!({
            "metadata": {"name": "a-1", "labels": {"x/y": "z"}},
            "spec": {"replicas": 3, "containers": [{"name": "one"}, {"name": "two"}]},
        });
        let now: Timestamp = "2026-01-01T00:00:05Z".parse().unwrap();
        let filled = Template::parse(template).unwrap().fill(&object, now);
        assert_eq!(filled.unwrap(), expected, "{template}");
    }

    #[test]
    fn templates_are_filled_in() {
        check("a: {{ .metadata.name | Quote }}", json!({"a": "a-1"}));
        check(
            "at: {{ Now | Quote }}",
            json!({"at": "2026-01-01T00:00:05.000000Z"}),
        );
        check(
            "names:\n{{ range .spec.containers }}\n- {{ .name }}\n{{ end }}",
            json!({"names": ["one", "two"]}),
        );
        check(
            "none: [{{ range .status.conditions }}1,{{ end }}]",
            json!({"none": []}),
        );
        check(
            "{{ $name := .metadata.name }}{{ with .spec }}x: {{ $name }}-{{ .replicas }}{{ end }}",
            json!({"x": "a-1-3"}),
        );
        check(
            "all:\n{{ YAML .spec.containers 1 }}",
            json!({"all": [{"name": "one"}, {"name": "two"}]}),
        );
        check("y: {{ index .metadata.labels \"x/y\" }}", json!({"y": "z"}));
        check("n: {{ add .spec.replicas 1 }}", json!({"n": 4}));
        check("o: {{ or .spec.nothing \"other\" }}", json!({"o": "other"}));
        check("d: {{ default \"other\" .spec.nothing }}", json!({"d": "other"}));
        check(
            "t: {{ if gt .spec.replicas 2 }}many{{ else }}few{{ end }}",
            json!({"t": "many"}),
        );
        check(
            "{{ range NodeConditions }}{{ if eq .type \"Ready\" }}r: {{ .reason }}{{ end }}{{ end }}",
            json!({"r": "KubeletReady"}),
        );
        check("", Value::Null);
    }

    #[test]
    fn what_cannot_be_filled_in_is_told() {
        let object = json!({"spec": 1});
        for (template, expected) in [
            ("a: [", "no YAML"),
            ("{{ div 1 0 }}", "cannot be computed"),
            ("{{ index .spec 7 }}", "index"),
        ] {
            let filled = Template::parse(template)
                .unwrap()
                .fill(&object, Timestamp::UNIX_EPOCH);
            let error = filled.unwrap_err();
            assert!(error.contains(expected), "{template}: {error}");
        }
        for template in [
            "{{ nope }}",
            "{{ if .a }}{{ range .b }}{{ .c | nope 1 }}{{ end }}{{ end }}",
            "{{ with 1 }}{{ else }}{{ print (nope) }}{{ end }}",
            "{{ define \"x\" }}{{ nope }}{{ end }}",
        ] {
            let error = Template::parse(template).err().unwrap();
            assert_eq!(error, "there is no function `nope`", "{template}");
        }
        assert!(Template::parse("{{ if }}").is_err());
    }

    #[test]
    fn addresses_are_a_pods_own() {
        let ip = |uid: &str| pod_ip(&[text(uid)]);
        assert_eq!(ip("a"), ip("a"));
        assert_ne!(ip("a"), ip("b"));
        assert!(ip("a").parse::<std::net::Ipv4Addr>().is_ok());
    }

    #[test]
    fn times_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("1h30m", Some(5_400_000)),
            ("250ms", Some(250)),
            ("1.5s", Some(1_500)),
            ("-2s", Some(-2_000)),
            ("0", Some(0)),
            ("10", None),
            ("", None),
            ("5x", None),
            ("s", None),
        ] {
            assert_eq!(go_duration(text), expected, "{text}");
        }
    }
}
