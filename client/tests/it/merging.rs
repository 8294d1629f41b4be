//! How several kubeconfigs are merged: laws, over everything that one can say.

use std::collections::BTreeMap;

use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
};
use seatrial_client::config::{
    AuthInfo, Cluster, Context, Kubeconfig, MemoryHost, NamedAuthInfo, NamedCluster, NamedContext,
    NamedExtension, Preferences,
};

/// Few names, so that entries meet.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["a", "b", "c"].prop_map(|name: String| name)
}

fn other() -> impl Strategy<Value = BTreeMap<String, serde_json::Value>> {
    btree_map(name(), any::<u8>().prop_map(serde_json::Value::from), 0..3)
}

fn extensions() -> impl Strategy<Value = Option<Vec<NamedExtension>>> {
    let named = |(name, seen): (String, u8)| NamedExtension {
        name,
        extension: seen.into(),
    };
    let all = btree_map(name(), any::<u8>(), 0..3);
    option::of(all.prop_map(move |all| all.into_iter().map(named).collect()))
}

prop_compose! {
    fn preferences()(colors: Option<bool>, extensions in extensions(), other in other()) -> Preferences {
        Preferences { colors, extensions, other }
    }
}

prop_compose! {
    fn kubeconfig()(
        current_context in option::of(prop_oneof![name(), Just(String::new())]),
        clusters in btree_map(name(), "[a-z]{1,4}", 0..3),
        users in btree_map(name(), "[a-z]{1,4}", 0..3),
        contexts in btree_map(name(), name(), 0..3),
        kind: bool,
        api_version: bool,
        preferences in option::of(preferences()),
        extensions in extensions(),
        other in other(),
    ) -> Kubeconfig {
        Kubeconfig {
            kind: kind.then(|| "Config".to_owned()),
            api_version: api_version.then(|| "v1".to_owned()),
            current_context,
            preferences,
            extensions,
            clusters: clusters
                .into_iter()
                .map(|(name, server)| NamedCluster {
                    name,
                    cluster: Some(Cluster { server: Some(server), ..Cluster::default() }),
                    ..NamedCluster::default()
                })
                .collect(),
            auth_infos: users
                .into_iter()
                .map(|(name, user)| NamedAuthInfo {
                    name,
                    auth_info: Some(AuthInfo { username: Some(user), ..AuthInfo::default() }),
                    ..NamedAuthInfo::default()
                })
                .collect(),
            contexts: contexts
                .into_iter()
                .map(|(name, cluster)| NamedContext {
                    name,
                    context: Some(Context { cluster, ..Context::default() }),
                    ..NamedContext::default()
                })
                .collect(),
            other,
        }
    }
}

fn value(kubeconfig: &Kubeconfig) -> serde_json::Value {
    serde_json::to_value(kubeconfig).unwrap()
}

/// The entry of this name in the first of these that has one.
fn first<'a>(files: &'a [serde_json::Value], list: &str, name: &str) -> Option<&'a serde_json::Value> {
    let mut entries = files
        .iter()
        .filter_map(|file| file.get(list)?.as_array())
        .flatten();
    entries.find(|entry| entry["name"] == name)
}

/// Holds what was merged against the rule, for the values and named entries at one level.
fn check_first_wins(merged: &serde_json::Value, all: &[serde_json::Value], values: &[&str], lists: &[&str]) {
    for key in values {
        assert_eq!(merged.get(key), all.iter().find_map(|one| one.get(key)), "{key}");
    }
    for list in lists {
        for name in ["a", "b", "c"] {
            let found = first(std::slice::from_ref(merged), list, name);
            assert_eq!(found, first(all, list, name), "{name} of {list}");
        }
    }
}

proptest! {
    #[test]
    fn nothing_merged_with_a_kubeconfig_is_that_kubeconfig(a in kubeconfig()) {
        prop_assert_eq!(value(&Kubeconfig::default().merge(a.clone()).unwrap()), value(&a));
        prop_assert_eq!(value(&a.clone().merge(Kubeconfig::default()).unwrap()), value(&a));
        prop_assert_eq!(value(&a.clone().merge(a.clone()).unwrap()), value(&a));
    }

    #[test]
    fn it_does_not_matter_in_which_steps_files_are_merged(a in kubeconfig(), b in kubeconfig(), c in kubeconfig()) {
        let left = a.clone().merge(b.clone()).unwrap().merge(c.clone()).unwrap();
        let right = a.merge(b.merge(c).unwrap()).unwrap();
        prop_assert_eq!(value(&left), value(&right));
    }

    #[test]
    fn the_first_to_name_something_wins(files in vec(kubeconfig(), 1..4)) {
        let merged = files.iter().cloned().try_fold(Kubeconfig::default(), Kubeconfig::merge).unwrap();
        let (merged, files) = (value(&merged), files.iter().map(value).collect::<Vec<_>>());
        let lists = ["clusters", "users", "contexts", "extensions"];
        check_first_wins(&merged, &files, &["kind", "apiVersion", "a", "b", "c"], &lists);
        let preferences: Vec<_> = files.iter().filter_map(|file| file.get("preferences").cloned()).collect();
        prop_assert_eq!(merged.get("preferences").is_some(), !preferences.is_empty());
        if let Some(merged) = merged.get("preferences") {
            check_first_wins(merged, &preferences, &["colors", "a", "b", "c"], &["extensions"]);
        }
        // An empty name is what kubectl leaves where it unsets the context.
        let current = || files.iter().filter_map(|file| file.get("current-context"));
        let named = current().find(|name| *name != "");
        prop_assert_eq!(merged.get("current-context"), named.or_else(|| current().next()));
    }

    #[test]
    fn documents_of_one_file_are_merged_as_files_are(a in kubeconfig(), b in kubeconfig()) {
        let stream = format!("---\n{}\n---\n{}\n", value(&a), value(&b));
        prop_assert_eq!(value(&Kubeconfig::from_yaml(&stream).unwrap()), value(&a.merge(b).unwrap()));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*") {
        let _ = Kubeconfig::from_yaml(&text);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in vec(any::<u8>(), 0..64)) {
        let host = MemoryHost::new().with_var("KUBECONFIG", "/c").with_file("/c", bytes);
        let _ = Kubeconfig::read_on(&host);
    }
}
