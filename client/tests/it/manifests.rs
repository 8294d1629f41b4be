//! Manifests applied to a cluster in memory, and kinds looked up as they are met.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use k8s_openapi::api::{batch::v1::Job, core::v1::ConfigMap};
use seatrial_client::{
    Api,
    core::{DynamicObject, GroupVersionKind},
    discovery::Resolver,
    manifests::{Action, Applied, ApplyOptions, ApplySet, ManifestError, Manifests, apply_manifests},
};
use seatrial_testkit::{Actor, FakeCluster, interceptor::Interceptor};
use serde_json::{Value, json};

const WIDGETS: &str = "
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}
spec: {size: 1}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: shop}
data: {a: '1'}
";

fn told(applied: &[Applied]) -> Vec<String> {
    applied.iter().map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn manifests_are_applied_in_an_order_that_works() {
    let cluster = FakeCluster::new();
    let client = cluster.client();
    let created = [
        "Namespace shop created",
        "CustomResourceDefinition widgets.example.com created",
        "ConfigMap shop/c created",
        "Widget shop/w created",
    ];
    // First tried, with kinds and namespaces that do not exist yet.
    let manifests = Manifests::parse(WIDGETS).unwrap();
    let tried = manifests
        .apply(&client, &ApplyOptions::new("ci").dry_run())
        .await
        .unwrap();
    assert_eq!(told(&tried), created);
    assert_eq!(cluster.dump(), "");

    let applied = apply_manifests(&client, WIDGETS, "ci").await.unwrap();
    assert_eq!(told(&applied), created);
    let again = apply_manifests(&client, WIDGETS, "ci").await.unwrap();
    assert!(
        again.iter().all(|applied| applied.action == Action::Unchanged),
        "{:?}",
        told(&again)
    );

    let changed = WIDGETS.replace("a: '1'", "a: '2'").replace("size: 1", "size: 2");
    let dry = Manifests::parse(&changed).unwrap();
    let dry = dry
        .apply(&client, &ApplyOptions::new("ci").dry_run())
        .await
        .unwrap();
    let differences: Vec<_> = dry
        .iter()
        .flat_map(Applied::diff)
        .map(|d| format!("{}: {:?}", d.path, d.after))
        .collect();
    assert_eq!(
        differences,
        ["data.a: Some(String(\"2\"))", "spec.size: Some(Number(2))"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_left_a_set_is_pruned_and_nothing_else() {
    let cluster = FakeCluster::builder()
        .yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}")
        .build()
        .unwrap();
    let client = cluster.client();
    let options = || ApplyOptions::new("ci").prune(ApplySet::secret("web"));
    let map = |name: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n---\n");
    let apply = async |yaml: String, options: ApplyOptions| {
        Manifests::parse(&yaml).unwrap().apply(&client, &options).await
    };
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {}}}";
    apply(map("a") + &map("b") + policy, options()).await.unwrap();

    let dry = apply(map("a"), options().dry_run()).await.unwrap();
    let expect = [
        "ConfigMap a unchanged",
        "ConfigMap default/b pruned",
        "NetworkPolicy default/p pruned",
    ];
    let told_ = told(&dry)
        .into_iter()
        .map(|text| text.replace("default/a", "a"))
        .collect::<Vec<_>>();
    assert_eq!(told_, expect);
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    maps.get("b").await.unwrap();

    apply(map("a"), options()).await.unwrap();
    let names: Vec<_> = maps.list(&Default::default()).await.unwrap().items;
    let names: Vec<_> = names.into_iter().filter_map(|map| map.metadata.name).collect();
    assert_eq!(names, ["a", "other"]);

    // The set of another tool is left alone.
    let foreign = "{apiVersion: v1, kind: Secret, metadata: {name: theirs, annotations: {applyset.kubernetes.io/tooling: kubectl/v1.36}}}";
    apply_manifests(&client, foreign, "ci").await.unwrap();
    let error = apply(
        map("a"),
        ApplyOptions::new("ci").prune(ApplySet::secret("theirs")),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, ManifestError::ForeignSet { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_parent_keeps_what_it_holds_besides() {
    let client = FakeCluster::new().client();
    let options = || ApplyOptions::new("ci").prune(ApplySet::config_map("web"));
    let map = |name: &str| {
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}, data: {{a: b}}}}\n---\n")
    };
    let apply = async |yaml: String| {
        let applied = Manifests::parse(&yaml).unwrap().apply(&client, &options()).await;
        told(&applied.unwrap())
    };
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    // The same manager applied it before it became a parent.
    apply_manifests(&client, &map("web"), "ci").await.unwrap();
    apply(map("a") + &map("b")).await;
    assert!(maps.get("web").await.unwrap().data.is_some());
    // It is one of the manifests.
    let pruned = apply(map("web") + &map("a")).await;
    assert_eq!(pruned.last().unwrap(), "ConfigMap default/b pruned");
    assert!(maps.get("web").await.unwrap().data.is_some());
    let pruned = apply(map("web")).await;
    assert_eq!(pruned.last().unwrap(), "ConfigMap default/a pruned");
}

#[tokio::test(start_paused = true)]
async fn what_is_pruned_takes_along_what_it_owns() {
    let cluster = FakeCluster::builder()
        .actors([Actor::GarbageCollector])
        .build()
        .unwrap();
    let client = cluster.client();
    let options = || ApplyOptions::new("ci").prune(ApplySet::secret("batch"));
    let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: {\
               restartPolicy: Never, containers: [{name: c, image: i}]}}}}";
    Manifests::parse(job)
        .unwrap()
        .apply(&client, &options())
        .await
        .unwrap();
    let jobs: Api<Job> = Api::default_namespaced(client.clone());
    let job = jobs.get("j").await.unwrap();
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let owned = json!({
        "metadata": {"name": "owned", "ownerReferences": [
            {"apiVersion": "batch/v1", "kind": "Job", "name": "j", "uid": job.metadata.uid},
        ]},
    });
    maps.create(&Default::default(), &serde_json::from_value(owned).unwrap())
        .await
        .unwrap();
    let pruned = Manifests::parse("")
        .unwrap()
        .apply(&client, &options())
        .await
        .unwrap();
    assert_eq!(told(&pruned), ["Job default/j pruned"]);
    cluster.settle().await.unwrap();
    assert!(maps.get_opt("owned").await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn members_of_a_kind_that_cannot_be_looked_up_are_not_forgotten() {
    let cluster = FakeCluster::new();
    let client = cluster.client();
    let options = || ApplyOptions::new("ci").prune(ApplySet::secret("web"));
    let apply = async |yaml: &str| Manifests::parse(yaml).unwrap().apply(&client, &options()).await;
    let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}";
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p}, spec: {podSelector: {}}}";
    apply(&format!("{map}\n---\n{policy}")).await.unwrap();
    // The server itself does not know for a while what is in the group.
    let is_stale = Arc::new(AtomicBool::new(true));
    let flag = is_stale.clone();
    cluster.intercept(Interceptor::get().edit(move |answer| {
        let groups = answer.get_mut("items").and_then(Value::as_array_mut);
        for group in groups.into_iter().flatten() {
            if flag.load(Ordering::Relaxed) && group["metadata"]["name"] == "networking.k8s.io" {
                group["versions"] = json!([{"version": "v1", "resources": [], "freshness": "Stale"}]);
            }
        }
    }));
    apply(map).await.unwrap_err();
    is_stale.store(false, Ordering::Relaxed);
    let pruned = apply(map).await.unwrap();
    assert_eq!(told(&pruned).last().unwrap(), "NetworkPolicy default/p pruned");
}

#[tokio::test(start_paused = true)]
async fn an_apply_that_ended_early_leaves_nothing_that_no_set_knows() {
    let cluster = FakeCluster::builder()
        .yaml("{apiVersion: v1, kind: Namespace, metadata: {name: sets}}")
        .build()
        .unwrap();
    let client = cluster.client();
    let options = || ApplyOptions::new("ci").prune(ApplySet::secret("web").within("sets"));
    let apply = async |yaml: &str| Manifests::parse(yaml).unwrap().apply(&client, &options()).await;
    let map = |name: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}");
    let invalid = "{apiVersion: v1, kind: Service, metadata: {name: b}, spec: {type: Nonsense}}";
    apply(&format!("{}\n---\n{invalid}", map("a"))).await.unwrap_err();
    let pruned = apply(&map("c")).await.unwrap();
    assert_eq!(told(&pruned).last().unwrap(), "ConfigMap default/a pruned");
}

#[tokio::test(start_paused = true)]
async fn a_custom_resource_is_the_parent_of_a_set() {
    let definition = |plural: &str, kind: &str, scope: &str, labels: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
             metadata: {{name: {plural}.example.com, labels: {labels}}}\nspec: {{group: example.com, scope: {scope}, \
             names: {{plural: {plural}, kind: {kind}}}, versions: [{{name: v1, served: true, storage: true, \
             schema: {{openAPIV3Schema: {{type: object}}}}}}]}}\n---\n"
        )
    };
    let parent = "{applyset.kubernetes.io/is-parent-type: 'true'}";
    let definitions = definition("apps", "App", "Namespaced", parent)
        + &definition("fleets", "Fleet", "Cluster", parent)
        + &definition("others", "Other", "Namespaced", "{}");
    let client = FakeCluster::new().client();
    apply_manifests(&client, &definitions, "ci").await.unwrap();
    let kind = |kind: &str| GroupVersionKind::gvk("example.com", "v1", kind);
    let map = |name: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n---\n");
    let apply = async |yaml: String, parent: &str| {
        let options = ApplyOptions::new("ci").prune(ApplySet::custom(kind(parent), "shop"));
        Manifests::parse(&yaml).unwrap().apply(&client, &options).await
    };
    for parent in ["App", "Fleet"] {
        apply(map("a") + &map("b"), parent).await.unwrap();
        let pruned = apply(map("a"), parent).await.unwrap();
        assert_eq!(told(&pruned)[1..], ["ConfigMap default/b pruned"], "{parent}");
        // The parent says what the set holds.
        let (resource, capabilities) = Resolver::new(client.clone())
            .resolve(&kind(parent))
            .await
            .unwrap();
        let parents: Api<DynamicObject> = Api::dynamic(client.clone(), &resource, &capabilities.scope);
        let parents = if parent == "App" {
            parents.constrain("default")
        } else {
            parents
        };
        let annotations = parents.get("shop").await.unwrap().metadata.annotations.unwrap();
        assert_eq!(
            annotations["applyset.kubernetes.io/contains-group-kinds"],
            "ConfigMap"
        );
    }
    // Not every kind may be one.
    let error = apply(map("c"), "Other").await.unwrap_err();
    assert!(matches!(error, ManifestError::NoParentType { .. }), "{error}");
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    assert!(maps.get_opt("c").await.unwrap().is_none(), "nothing was applied");
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_nobody_defines_is_an_error_that_names_the_object() {
    let cluster = FakeCluster::new();
    let yaml = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}}";
    let error = apply_manifests(&cluster.client(), yaml, "ci").await.unwrap_err();
    assert_eq!(error.to_string(), "Widget w could not be applied");
    let ManifestError::Object { source, .. } = error else {
        panic!("{error}")
    };
    assert!(source.is_not_served());
}

#[tokio::test(start_paused = true)]
async fn a_resolver_asks_once_and_finds_new_definitions() {
    let cluster = FakeCluster::new();
    let resolver = Resolver::new(cluster.client());
    let pod = GroupVersionKind::gvk("", "v1", "Pod");
    for _ in 0..3 {
        assert_eq!(resolver.resolve(&pod).await.unwrap().0.plural, "pods");
    }
    assert_eq!(cluster.requests().iter().count(), 1);
    let widget = GroupVersionKind::gvk("example.com", "v1", "Widget");
    assert!(resolver.resolve(&widget).await.unwrap_err().is_not_served());
    apply_manifests(&cluster.client(), WIDGETS, "ci").await.unwrap();
    assert_eq!(resolver.resolve(&widget).await.unwrap().0.plural, "widgets");
    let kindless = serde_json::from_value(serde_json::json!({"metadata": {"name": "a"}})).unwrap();
    resolver.resolve_object(&kindless).await.unwrap_err();
}
