//! Workload controllers, jobs and autoscalers.

use serde_json::{Value, json};

use super::{
    Row, human,
    value::{join, list, scalar, text},
};

pub(super) fn cells(group: &str, resource: &str, row: &Row<'_>) -> Option<Vec<Value>> {
    Some(match (group, resource) {
        ("apps", "controllerrevisions") => {
            vec![
                row.name(),
                json!(controller(row)),
                json!(row.int("/revision")),
                row.age(),
            ]
        }
        ("apps", "daemonsets") => {
            let mut cells = vec![
                row.name(),
                json!(row.int("/status/desiredNumberScheduled")),
                json!(row.int("/status/currentNumberScheduled")),
                json!(row.int("/status/numberReady")),
                json!(row.int("/status/updatedNumberScheduled")),
                json!(row.int("/status/numberAvailable")),
                json!(human::labels(
                    row.object.pointer("/spec/template/spec/nodeSelector")
                )),
                row.age(),
            ];
            cells.extend(template(row, "/spec/template", "/spec/selector"));
            cells
        }
        ("apps", "deployments") => {
            let ready = format!(
                "{}/{}",
                row.int("/status/readyReplicas"),
                row.int("/spec/replicas")
            );
            let mut cells = vec![
                row.name(),
                json!(ready),
                json!(row.int("/status/updatedReplicas")),
                json!(row.int("/status/availableReplicas")),
                row.age(),
            ];
            cells.extend(template(row, "/spec/template", "/spec/selector"));
            cells
        }
        ("apps", "replicasets") => {
            let mut cells = vec![
                row.name(),
                json!(row.int("/spec/replicas")),
                json!(row.int("/status/replicas")),
                json!(row.int("/status/readyReplicas")),
                row.age(),
            ];
            cells.extend(template(row, "/spec/template", "/spec/selector"));
            cells
        }
        ("apps", "statefulsets") => {
            let ready = format!(
                "{}/{}",
                row.int("/status/readyReplicas"),
                row.int("/spec/replicas")
            );
            let mut cells = vec![row.name(), json!(ready), row.age()];
            cells.extend(
                template(row, "/spec/template", "/spec/selector")
                    .into_iter()
                    .take(2),
            );
            cells
        }
        ("batch", "cronjobs") => cron_job(row),
        ("batch", "jobs") => job(row),
        ("autoscaling", "horizontalpodautoscalers") => autoscaler(row),
        ("autoscaling", "scale") => {
            vec![
                row.name(),
                json!(row.int("/spec/replicas")),
                json!(row.int("/status/replicas")),
                row.age(),
            ]
        }
        _ => return None,
    })
}

/// The containers and images of a pod template, and the selector beside it.
fn template(row: &Row<'_>, pointer: &str, selector: &str) -> Vec<Value> {
    let containers = row.list(&format!("{pointer}/spec/containers")).to_vec();
    vec![
        json!(join(&containers, "/name", ",")),
        json!(join(&containers, "/image", ",")),
        json!(human::label_selector(row.object.pointer(selector))),
    ]
}

/// The owner that controls an object, as `kind.group/name`.
fn controller(row: &Row<'_>) -> String {
    let owner = row
        .list("/metadata/ownerReferences")
        .iter()
        .find(|o| o["controller"] == true);
    let Some(owner) = owner else {
        return "<none>".to_owned();
    };
    let kind = text(owner, "/kind").to_lowercase();
    match text(owner, "/apiVersion").split_once('/') {
        Some((group, _)) => format!("{kind}.{group}/{}", text(owner, "/name")),
        None => format!("{kind}/{}", text(owner, "/name")),
    }
}

fn cron_job(row: &Row<'_>) -> Vec<Value> {
    let last = match row.text("/status/lastScheduleTime") {
        "" => "<none>".to_owned(),
        at => human::since(at, row.now),
    };
    let mut cells = vec![
        row.name(),
        json!(row.text("/spec/schedule")),
        json!(row.text_or("/spec/timeZone", "<none>")),
        json!(if row.bool("/spec/suspend") {
            "True"
        } else {
            "False"
        }),
        json!(row.len("/status/active")),
        json!(last),
        row.age(),
    ];
    cells.extend(template(
        row,
        "/spec/jobTemplate/spec/template",
        "/spec/jobTemplate/spec/selector",
    ));
    cells
}

fn job(row: &Row<'_>) -> Vec<Value> {
    let succeeded = row.int("/status/succeeded");
    let completions = match row.object.pointer("/spec/completions").and_then(Value::as_i64) {
        Some(wanted) => format!("{succeeded}/{wanted}"),
        None if row.int("/spec/parallelism") > 1 => {
            format!("{succeeded}/1 of {}", row.int("/spec/parallelism"))
        }
        None => format!("{succeeded}/1"),
    };
    let instant = |pointer| row.text(pointer).parse::<jiff::Timestamp>().ok();
    let duration = instant("/status/startTime")
        .map(|start| human::duration_between(start, instant("/status/completionTime").unwrap_or(row.now)));
    let mut cells = vec![
        row.name(),
        json!(job_state(row)),
        json!(completions),
        json!(duration.unwrap_or_default()),
        row.age(),
    ];
    cells.extend(template(row, "/spec/template", "/spec/selector"));
    cells
}

fn job_state(row: &Row<'_>) -> &'static str {
    let has = |kind: &str| {
        row.list("/status/conditions")
            .iter()
            .any(|c| text(c, "/type") == kind && text(c, "/status") == "True")
    };
    if has("Complete") {
        "Complete"
    } else if has("Failed") {
        "Failed"
    } else if row.deleting() {
        "Terminating"
    } else if has("Suspended") {
        "Suspended"
    } else if has("FailureTarget") {
        "FailureTarget"
    } else if has("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    }
}

fn autoscaler(row: &Row<'_>) -> Vec<Value> {
    let reference = format!(
        "{}/{}",
        row.text("/spec/scaleTargetRef/kind"),
        row.text("/spec/scaleTargetRef/name")
    );
    let min = scalar(row.object.pointer("/spec/minReplicas")).unwrap_or_else(|| "<unset>".to_owned());
    vec![
        row.name(),
        json!(reference),
        json!(targets(row)),
        json!(min),
        json!(row.int("/spec/maxReplicas")),
        json!(row.int("/status/currentReplicas")),
        row.age(),
    ]
}

/// Current against wanted, for two metrics at most.
fn targets(row: &Row<'_>) -> String {
    let specs = row.list("/spec/metrics");
    let current = row.list("/status/currentMetrics");
    let mut parts: Vec<String> = specs
        .iter()
        .enumerate()
        .map(|(i, spec)| metric(spec, current.get(i).unwrap_or(&Value::Null)))
        .collect();
    // The first version of the API knows one metric, under a name of its own.
    if let Some(wanted) = row
        .object
        .pointer("/spec/targetCPUUtilizationPercentage")
        .and_then(Value::as_i64)
    {
        let current = row
            .object
            .pointer("/status/currentCPUUtilizationPercentage")
            .and_then(Value::as_i64);
        parts.push(format!("cpu: {}/{wanted}%", percent(current)));
    }
    match parts.len() {
        0 => "<none>".to_owned(),
        1 | 2 => parts.join(", "),
        n => format!("{} + {} more...", parts[..2].join(", "), n - 2),
    }
}

fn metric(spec: &Value, status: &Value) -> String {
    let (key, named) = match text(spec, "/type") {
        "External" => ("external", false),
        "Pods" => ("pods", false),
        "Object" => ("object", false),
        "Resource" => ("resource", true),
        "ContainerResource" => ("containerResource", true),
        _ => return "<unknown type>".to_owned(),
    };
    let wanted = |field: &str| {
        spec.pointer(&format!("/{key}/target/{field}"))
            .filter(|v| !v.is_null())
    };
    let current = |field: &str| status.pointer(&format!("/{key}/current/{field}"));
    let unknown = || "<unknown>".to_owned();
    let prefix = if named {
        format!("{}: ", text(spec, &format!("/{key}/name")))
    } else {
        String::new()
    };
    let averaged = matches!(key, "external" | "object");
    if let Some(average) = wanted("averageValue") {
        let now = scalar(current("averageValue")).unwrap_or_else(unknown);
        let mark = if averaged { " (avg)" } else { "" };
        return format!(
            "{prefix}{now}/{}{mark}",
            scalar(Some(average)).unwrap_or_default()
        );
    }
    if named {
        let target = wanted("averageUtilization").and_then(Value::as_i64);
        let target = target.map_or_else(|| "<auto>".to_owned(), |t| format!("{t}%"));
        return format!(
            "{prefix}{}/{target}",
            percent(current("averageUtilization").and_then(Value::as_i64))
        );
    }
    let field = if averaged { "value" } else { "averageValue" };
    let now = scalar(current(field)).unwrap_or_else(unknown);
    format!(
        "{now}/{}",
        scalar(wanted(field)).unwrap_or_else(|| "0".to_owned())
    )
}

fn percent(value: Option<i64>) -> String {
    value.map_or_else(|| "<unknown>".to_owned(), |v| format!("{v}%"))
}

/// The conditions of a kind that are true; used by kinds that tell their state by conditions.
pub(super) fn is_true(object: &Value, kind: &str) -> bool {
    list(object, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == kind && text(c, "/status") == "True")
}
