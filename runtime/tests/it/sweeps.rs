//! Sound controllers of several shapes, swept: whatever is found here is the runtime's fault.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt as _, StreamExt as _, future};
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service, ServiceStatus};
use seatrial_client::{
    Api, Client, Env, Error, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams},
};
use seatrial_runtime::{
    Controller, WatchStreamExt as _,
    controller::Action,
    finalizer::{self, Event, finalizer},
    manager::Manager,
    owner,
    reflector::{ObjectRef, Store, store},
    status::{self, Verdict},
    watcher::{self, watcher},
};
use seatrial_testkit::{Strategy, Sweep, sim::View, sweep};
use serde_json::{Value, json};

use crate::support::{cases, seed};

/// Sweeps in every way that there is, and fails by the first thing that is found.
fn check(sweep: Sweep) {
    let runs = usize::try_from(cases(12)).expect("not that many");
    let report = sweep
        .seed(seed())
        .explore(Strategy::Swarm, runs)
        .explore(Strategy::Pct(3), runs)
        .explore(Strategy::Pairs, runs)
        .run();
    assert!(report.findings.is_empty(), "{}\n{report}", report.findings[0]);
    assert_eq!(report.refused, 0, "{report}");
    assert!(report.plans > 20, "{report}");
}

/// Applies a secret that `owner` owns, of its name.
async fn apply_owned(client: &Client, owner: &ConfigMap, manager: &str, data: Value) -> Result<(), Error> {
    let mut secret = Secret::default();
    secret.metadata.namespace = owner.namespace();
    owner::set_controller(&mut secret, owner, &()).expect("both live in one namespace");
    let patch = Patch::Apply(json!({
        "apiVersion": "v1", "kind": "Secret", "stringData": data,
        "metadata": {"name": owner.name_any(), "ownerReferences": secret.metadata.owner_references},
    }));
    let secrets = Api::<Secret>::default_namespaced(client.clone());
    let params = PatchParams::apply(manager).force();
    secrets.patch(&owner.name_any(), &params, &patch).await.map(drop)
}

async fn annotate(
    api: &Api<ConfigMap>,
    object: &ConfigMap,
    name: &str,
    value: Option<&str>,
) -> Result<(), Error> {
    if object.annotations().get(name).map(String::as_str) == value {
        return Ok(());
    }
    let patch = Patch::Merge(json!({"metadata": {"uid": object.uid(), "annotations": {name: value}}}));
    let patched = api
        .patch(&object.name_any(), &PatchParams::default(), &patch)
        .await;
    // Somebody deleted it meanwhile, and perhaps made another.
    match patched {
        Err(error) if error.is_not_found() || error.is_conflict() => Ok(()),
        patched => patched.map(drop),
    }
}

fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object["metadata"]["annotations"][name].as_str()
}

// === Owned objects, a finalizer, and a status ===

struct Site {
    client: Client,
    env: Env,
}

/// Each service gets a record of its port, which nobody owns, and says in its status when there is one.
async fn sites(client: Client) {
    let context = Arc::new(Site {
        env: client.env().clone(),
        client: client.clone(),
    });
    Controller::new(
        Api::<Service>::default_namespaced(client.clone()),
        watcher::Config::default().labels("app=site"),
    )
    .watches(
        Api::<ConfigMap>::default_namespaced(client),
        watcher::Config::default(),
        |record| {
            let name = record.name_any();
            name.strip_prefix("record-")
                .map(|name| ObjectRef::new(name).within("default"))
        },
    )
    .run_with_backoff(site, context)
    .for_each(|_| async {})
    .await;
}

async fn site(service: Arc<Service>, ctx: Arc<Site>) -> Result<Action, finalizer::Error<Error>> {
    let services = Api::<Service>::default_namespaced(ctx.client.clone());
    let records = Api::<ConfigMap>::default_namespaced(ctx.client.clone());
    let record = format!("record-{}", service.name_any());
    finalizer(
        &services,
        "test.example/record",
        service,
        async |event| match event {
            Event::Apply(service) => {
                let ports = service.spec.as_ref().and_then(|spec| spec.ports.as_ref());
                let port = ports.and_then(|ports| ports.first()).map_or(0, |port| port.port);
                let patch = Patch::Apply(json!({
                    "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": record}, "data": {"port": port.to_string()},
                }));
                records
                    .patch(&record, &PatchParams::apply("sites").force(), &patch)
                    .await?;
                say_ready(&services, &service, port, &ctx.env).await?;
                Ok(Action::await_change())
            }
            Event::Cleanup(_) => match records.delete(&record, &DeleteParams::default()).await {
                Err(error) if !error.is_not_found() => Err(error),
                _ => Ok(Action::await_change()),
            },
        },
    )
    .await
}

async fn say_ready(services: &Api<Service>, service: &Service, port: i32, env: &Env) -> Result<(), Error> {
    let mut now = service.status.clone().unwrap_or_default();
    let conditions = now.conditions.get_or_insert_default();
    let message = format!("port {port} is recorded");
    let ready = status::condition("Recorded", Verdict::True, "Applied", &message, None);
    if !status::set(conditions, ready, env) {
        return Ok(());
    }
    let patch = Patch::Merge(json!({
        "metadata": {"resourceVersion": service.resource_version()},
        "status": ServiceStatus { conditions: now.conditions, ..ServiceStatus::default() },
    }));
    services
        .patch_status(&service.name_any(), &PatchParams::default(), &patch)
        .await
        .map(drop)
}

const SITE: &str = "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: default, labels: {app: site}}, \
     spec: {clusterIP: None, ports: [{port: 80}]}}";

#[test]
fn a_finalizer_a_record_and_a_status_survive_everything() {
    let recorded = |view: &View<'_>, name: &str, port: &str| {
        view.get("configmaps", "default", &format!("record-{name}"))
            .is_some_and(|record| record["data"]["port"] == port)
    };
    check(
        sweep(sites)
            .given(SITE)
            .scenario(|user| {
                user.settle()
                    .patch("Service/v1 web", "{spec: {ports: [{port: 81}]}}")
                    .delete("ConfigMap/v1 record-web")
                    .settle()
                    .delete("Service/v1 web")
                    .apply(&SITE.replace("web", "shop"))
                    .settle()
                    .patch("Service/v1 shop", "{metadata: {labels: {seen: 'yes'}}}")
            })
            .eventually("the record of what is there", move |view| {
                recorded(view, "shop", "80")
            })
            .eventually("no record of what is gone", |view| {
                view.get("configmaps", "default", "record-web").is_none()
                    && view.get("services", "default", "web").is_none()
            })
            .eventually("the status says so", |view| {
                view.get("services", "default", "shop").is_some_and(|service| {
                    service["status"]["conditions"][0]["message"] == "port 80 is recorded"
                })
            }),
    );
}

// === Others' objects ===

const CONFIG: &str = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default, labels: {app: shop}}, data: {size: one}}";

struct Hinted {
    api: Api<ConfigMap>,
    secrets: Store<Secret>,
}

/// Each config map repeats what a template says, and is told by its name when its hint changes.
async fn hinted(client: Client) {
    let api = Api::<ConfigMap>::default_namespaced(client.clone());
    let secrets = Api::<Secret>::default_namespaced(client);
    let (templates, writer) = store::<Secret>();
    // Hints lead by `reconcile_on`, the template to everything by `reconcile_all_on`.
    let (all, ticks) = futures::channel::mpsc::unbounded();
    let hints = watcher(secrets, watcher::Config::default())
        .reflect_changes(writer)
        .filter_map(move |change| {
            let secret = change.ok().map(|change| change.object().name_any());
            let hinted = secret.as_deref().and_then(|name| name.strip_prefix("hint-"));
            let hinted = hinted.map(|name| ObjectRef::<ConfigMap>::new(name).within("default"));
            if secret.as_deref() == Some("template") {
                let _ = all.unbounded_send(());
            }
            future::ready(hinted)
        });
    let reconcile = async |config: Arc<ConfigMap>, ctx: Arc<Hinted>| {
        // Without this, a cache that is not complete yet would take away what is right.
        if ctx.secrets.wait_until_ready().await.is_err() {
            return Ok(Action::await_change());
        }
        let value = |name: &str| {
            let secret = ctx.secrets.get(&ObjectRef::new(name).within("default"))?;
            let value = secret.data.as_ref()?.get("value")?;
            String::from_utf8(value.0.clone()).ok()
        };
        annotate(&ctx.api, &config, "template", value("template").as_deref()).await?;
        let hint = value(&format!("hint-{}", config.name_any()));
        annotate(&ctx.api, &config, "hint", hint.as_deref()).await?;
        Ok::<_, Error>(Action::await_change())
    };
    Controller::new(api.clone(), watcher::Config::default().labels("app=shop"))
        .reconcile_on(hints)
        .reconcile_all_on(ticks)
        .run_with_backoff(
            reconcile,
            Arc::new(Hinted {
                api,
                secrets: templates,
            }),
        )
        .for_each(|_| async {})
        .await;
}

fn secret(name: &str, value: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: default}}, stringData: {{value: {value}}}}}"
    )
}

#[test]
fn what_others_say_arrives_whatever_happens() {
    check(
        sweep(hinted)
            .given(CONFIG)
            .given(&secret("template", "one"))
            .scenario(|user| {
                user.settle()
                    .apply(&secret("hint-a", "left"))
                    .patch("Secret/v1 template", "{stringData: {value: two}}")
                    .apply(&CONFIG.replace("name: a", "name: b"))
                    .settle()
                    .delete("Secret/v1 hint-a")
                    .patch("Secret/v1 template", "{stringData: {value: three}}")
            })
            .eventually("the last word", |view| {
                ["a", "b"].into_iter().all(|name| {
                    view.get("configmaps", "default", name).is_some_and(|config| {
                        annotation(&config, "template") == Some("three")
                            && annotation(&config, "hint").is_none()
                    })
                })
            }),
    );
}

// === A manager ===

/// Config maps make secrets, and secrets that were made mark their config maps: each controller is the other's user.
async fn managed(client: Client) {
    let configs = Api::<ConfigMap>::default_namespaced(client.clone());
    let secrets = Api::<Secret>::default_namespaced(client.clone());
    let make = |config: Arc<ConfigMap>, client: Arc<Client>| {
        async move {
            apply_owned(&client, &config, "make", json!(config.data)).await?;
            Ok::<_, Error>(Action::requeue(Duration::from_secs(3600)))
        }
        .boxed()
    };
    let mark = |secret: Arc<Secret>, api: Arc<Api<ConfigMap>>| {
        async move {
            if owner::controller_of(&*secret).is_some()
                && let Some(config) = api.get_opt(&secret.name_any()).await?
            {
                annotate(&api, &config, "made", Some("yes")).await?;
            }
            Ok::<_, Error>(Action::await_change())
        }
        .boxed()
    };
    let marks = Arc::new(configs.clone());
    let made = Controller::new(configs, watcher::Config::default().labels("app=shop"))
        .owns(secrets.clone(), watcher::Config::default());
    let marked = Controller::new(secrets, watcher::Config::default().streaming_lists());
    let for_make = Arc::new(client.clone());
    let ended = Manager::new(&client)
        .controller("make", made, move |controller| {
            controller.run_with_backoff(make, for_make)
        })
        .controller("mark", marked, move |controller| {
            controller.run_with_backoff(mark, marks)
        })
        .run()
        .await;
    panic!("nobody asked it to end: {ended:?}");
}

#[test]
fn two_controllers_of_one_manager_survive_everything() {
    check(
        sweep(managed)
            .given(CONFIG)
            .scenario(|user| {
                user.settle()
                    .patch(
                        "ConfigMap/v1 a",
                        "{data: {size: two}, metadata: {annotations: {made: 'no'}}}",
                    )
                    .delete("Secret/v1 a")
                    .settle()
                    .apply(&CONFIG.replace("name: a", "name: b"))
            })
            .eventually("all are made and marked", |view| {
                ["a", "b"].into_iter().all(|name| {
                    view.get("secrets", "default", name).is_some()
                        && view
                            .get("configmaps", "default", name)
                            .is_some_and(|config| annotation(&config, "made").is_some())
                })
            }),
    );
}
