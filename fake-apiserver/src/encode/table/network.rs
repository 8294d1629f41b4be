//! Services and what leads to them.

use serde_json::{Value, json};

use super::{
    Row, human,
    value::{first_three, int, list, scalar, text},
};

pub(super) fn cells(group: &str, resource: &str, row: &Row<'_>) -> Option<Vec<Value>> {
    Some(match (group, resource) {
        ("", "services") => service(row),
        ("discovery.k8s.io", "endpointslices") => vec![
            row.name(),
            json!(row.text("/addressType")),
            json!(slice_ports(row)),
            json!(slice_addresses(row)),
            row.age(),
        ],
        ("networking.k8s.io", "ingressclasses") => {
            vec![
                row.name(),
                json!(row.text("/spec/controller")),
                json!(class_parameters(row)),
                row.age(),
            ]
        }
        ("networking.k8s.io", "ingresses") => vec![
            row.name(),
            json!(row.text_or("/spec/ingressClassName", "<none>")),
            json!(hosts(row)),
            json!(balancers(row)),
            json!(if row.list("/spec/tls").is_empty() {
                "80"
            } else {
                "80, 443"
            }),
            row.age(),
        ],
        ("networking.k8s.io", "ipaddresses") => vec![row.name(), json!(parent(row))],
        ("networking.k8s.io", "networkpolicies") => {
            vec![
                row.name(),
                json!(human::label_selector(row.object.pointer("/spec/podSelector"))),
                row.age(),
            ]
        }
        ("networking.k8s.io", "servicecidrs") => {
            vec![
                row.name(),
                json!(strings(row.list("/spec/cidrs")).join(",")),
                row.age(),
            ]
        }
        _ => return None,
    })
}

fn service(row: &Row<'_>) -> Vec<Value> {
    let internal = row.list("/spec/clusterIPs").first().and_then(Value::as_str);
    let internal = internal.unwrap_or_else(|| row.text("/spec/clusterIP"));
    vec![
        row.name(),
        json!(row.text("/spec/type")),
        json!(if internal.is_empty() { "<none>" } else { internal }),
        json!(external(row)),
        json!(service_ports(row)),
        row.age(),
        json!(human::labels(row.object.pointer("/spec/selector"))),
    ]
}

fn external(row: &Row<'_>) -> String {
    let ips = strings(row.list("/spec/externalIPs"));
    match row.text("/spec/type") {
        "ClusterIP" | "NodePort" if ips.is_empty() => "<none>".to_owned(),
        "ClusterIP" | "NodePort" => ips.join(","),
        "LoadBalancer" => {
            let mut all: Vec<String> = ingress_points(row);
            all.extend(ips);
            if all.is_empty() {
                "<pending>".to_owned()
            } else {
                all.join(",")
            }
        }
        "ExternalName" => row.text("/spec/externalName").to_owned(),
        _ => "<unknown>".to_owned(),
    }
}

fn service_ports(row: &Row<'_>) -> String {
    let said: Vec<String> = row
        .list("/spec/ports")
        .iter()
        .map(
            |p| match (int(p, "/port"), int(p, "/nodePort"), text(p, "/protocol")) {
                (port, 0, protocol) => format!("{port}/{protocol}"),
                (port, node, protocol) => format!("{port}:{node}/{protocol}"),
            },
        )
        .collect();
    if said.is_empty() {
        "<none>".to_owned()
    } else {
        said.join(",")
    }
}

/// Where load balancers let traffic in: addresses, or host names without one.
fn ingress_points(row: &Row<'_>) -> Vec<String> {
    row.list("/status/loadBalancer/ingress")
        .iter()
        .map(|i| match text(i, "/ip") {
            "" => text(i, "/hostname").to_owned(),
            ip => ip.to_owned(),
        })
        .filter(|s| !s.is_empty())
        .collect()
}

fn balancers(row: &Row<'_>) -> String {
    ingress_points(row).join(",")
}

fn hosts(row: &Row<'_>) -> String {
    let hosts: Vec<String> = row
        .list("/spec/rules")
        .iter()
        .map(|r| text(r, "/host").to_owned())
        .filter(|h| !h.is_empty())
        .collect();
    first_three(&hosts, "*")
}

fn class_parameters(row: &Row<'_>) -> String {
    if !row.has("/spec/parameters") {
        return "<none>".to_owned();
    }
    let kind = row.text("/spec/parameters/kind");
    let name = row.text("/spec/parameters/name");
    match row.text("/spec/parameters/apiGroup") {
        "" => format!("{kind}/{name}"),
        group => format!("{kind}.{group}/{name}"),
    }
}

fn parent(row: &Row<'_>) -> String {
    let part = |field: &str| row.text(&format!("/spec/parentRef/{field}")).to_owned();
    let resource = match part("group") {
        group if group.is_empty() => part("resource"),
        group => format!("{}.{group}", part("resource")),
    };
    let parts = [resource, part("namespace"), part("name")];
    parts
        .iter()
        .filter(|p| !p.is_empty())
        .cloned()
        .collect::<Vec<_>>()
        .join("/")
}

fn slice_ports(row: &Row<'_>) -> String {
    let ports: Vec<String> = row
        .list("/ports")
        .iter()
        .map(|p| scalar(p.get("port")).unwrap_or_else(|| "*".to_owned()))
        .collect();
    first_three(&ports, "<unset>")
}

fn slice_addresses(row: &Row<'_>) -> String {
    let addresses: Vec<String> = row
        .list("/endpoints")
        .iter()
        .flat_map(|e| strings(list(e, "/addresses")))
        .collect();
    first_three(&addresses, "<unset>")
}

fn strings(items: &[Value]) -> Vec<String> {
    items
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}
