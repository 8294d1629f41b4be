use proptest::prelude::*;

use super::*;

fn stage(spec: &str) -> String {
    format!("kind: Stage\napiVersion: kwok.x-k8s.io/v1alpha1\nmetadata: {{name: a}}\nspec: {spec}\n")
}

#[track_caller]
fn wrong(yaml: &str) -> StageError {
    match Stages::parse(yaml) {
        Ok(_) => panic!("these are stages:\n{yaml}"),
        Err(error) => error,
    }
}

#[test]
fn the_kubelets_stages_can_be_read() {
    let all = Stages::kubelet();
    assert_eq!(all.stages.len(), 17, "{all:?}");
    assert!(all.schedules);
    assert_eq!(all.without("pod-evicted").stages.len(), 16);
}

#[test]
fn a_later_stage_replaces_one_of_its_name() {
    let own = Stages::parse(&stage(
        "{resourceRef: {kind: Pod}, selector: {}, delay: {durationMilliseconds: 7}, next: {delete: true}}",
    ));
    let both = Stages::parse(&stage("{resourceRef: {kind: Node}, next: {}}"))
        .unwrap()
        .and(own.unwrap());
    let kinds: Vec<_> = both
        .stages
        .iter()
        .map(|stage| (&*stage.kind, stage.delay.at_least))
        .collect();
    assert_eq!(kinds, [("Pod", 7)]);
}

#[test]
fn an_error_names_the_document_the_stage_and_the_field() {
    let good = stage("{resourceRef: {kind: Pod}, selector: {}, next: {delete: true}}");
    let bad = "kind: Stage\napiVersion: kwok.x-k8s.io/v1alpha1\nmetadata: {name: second}\nspec: {resourceRef: {kind: Pod}, next: {statusTemplate: '{{ if }}'}}\n";
    let error = wrong(&format!("{good}---\n{bad}"));
    assert_eq!((error.document, error.stage.as_deref()), (2, Some("second")));
    assert_eq!(error.field, "spec.next.statusTemplate");
    let text = error.to_string();
    assert!(
        text.starts_with("document 2 (Stage `second`), spec.next.statusTemplate: not a Go template: "),
        "{text}"
    );
}

#[test]
fn whatever_is_wrong_is_told_with_its_place() {
    for (yaml, field, part) in [
        ("{".to_owned(), ".", "not YAML"),
        ("[]".to_owned(), "kind", "no Stage"),
        (
            "kind: Stage\napiVersion: v2".to_owned(),
            "apiVersion",
            "`v2 Stage`",
        ),
        ("kind: Pod\napiVersion: v1".to_owned(), "kind", "`v1 Pod`"),
        (stage("{}"), "spec", "missing field `resourceRef`"),
        (
            stage("{resourceRef: {kind: Pod}, next: {}, nxt: 1}"),
            "spec.nxt",
            "unknown field",
        ),
        (
            stage("{resourceRef: {kind: ''}, next: {}}"),
            "spec.resourceRef.kind",
            "name a kind",
        ),
        (
            stage("{resourceRef: {kind: Pod}, weight: -1, next: {}}"),
            "spec.weight",
            "at least 0",
        ),
        (
            stage("{resourceRef: {kind: Pod}, weight: heavy, next: {}}"),
            "spec.weight",
            "invalid type",
        ),
        (
            stage("{resourceRef: {kind: Pod}, delay: {durationMilliseconds: -1}, next: {}}"),
            "spec.delay.durationMilliseconds",
            "at least 0",
        ),
        (
            stage("{resourceRef: {kind: Pod}, delay: {durationFrom: {expressionFrom: '.['}}, next: {}}"),
            "spec.delay.durationFrom.expressionFrom",
            "not jq",
        ),
        (
            stage(
                "{resourceRef: {kind: Pod}, selector: {matchExpressions: [{key: .a, operator: In}]}, next: {}}",
            ),
            "spec.selector.matchExpressions[0].values",
            "need values",
        ),
        (
            stage(
                "{resourceRef: {kind: Pod}, selector: {matchExpressions: [{key: .a, operator: Exists, values: [b]}]}, next: {}}",
            ),
            "spec.selector.matchExpressions[0].values",
            "have no values",
        ),
        (
            stage(
                "{resourceRef: {kind: Pod}, selector: {matchExpressions: [{key: .a, operator: Near}]}, next: {}}",
            ),
            "spec.selector.matchExpressions[0].operator",
            "unknown variant `Near`",
        ),
        (
            stage("{resourceRef: {kind: Pod}, next: {patches: [{template: '{{ nope }}'}]}}"),
            "spec.next.patches[0].template",
            "nope",
        ),
        (
            stage("{resourceRef: {kind: Pod}, next: {patches: [{template: a, type: json, root: spec}]}}"),
            "spec.next.patches[0].root",
            "no root",
        ),
        (
            stage("{resourceRef: {kind: Pod}, next: {}}").replace("{name: a}", "{name: ''}"),
            "metadata.name",
            "needs a name",
        ),
    ] {
        let error = wrong(&yaml);
        assert_eq!(error.field, field, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    }
    let twice = stage("{resourceRef: {kind: Pod}, next: {}}");
    let error = wrong(&format!("{twice}---\n{twice}"));
    assert_eq!((error.document, error.problem), (2, StageProblem::Duplicate));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange_to_be_refused(text in "[ -~\n]{0,80}", raw in any::<String>()) {
        for text in [&text, &raw] {
            let _ = Stages::parse(text);
            let _ = Expression::parse(text);
            let _ = Template::parse(text);
        }
    }

    #[test]
    fn no_mistake_in_a_stage_panics(at in any::<prop::sample::Index>(), with in "[-{}\\[\\]'\":|.a-z0-9 \n]{0,4}", cut in 0_usize..6) {
        // One document says as much as many, sooner.
        let yaml = include_str!("kubelet/pod.yaml").split("---").nth(2).unwrap();
        let start = at.index(yaml.len());
        let mut broken = yaml.to_owned();
        if let Some(end) = (start + cut..yaml.len()).find(|end| yaml.is_char_boundary(*end))
            && yaml.is_char_boundary(start)
        {
            broken.replace_range(start..end, &with);
        }
        if let Err(error) = Stages::parse(&broken) {
            prop_assert!(error.document > 0);
            prop_assert!(!error.to_string().is_empty());
        }
    }

    /// Languages of brackets, keywords and operators, which parsers recurse on.
    #[test]
    fn no_expression_or_template_is_too_deep(
        piece in prop::sample::select(vec!["(", "[", "{a:", "try ", "not ", "- ", ".a|", "if . then ", "reduce . as $x (", "{{if .}}", "{{(", "{{range .}}", "\"\\("]),
        times in 1_usize..3000,
    ) {
        let text = piece.repeat(times);
        let _ = Expression::parse(&text);
        let _ = Template::parse(&text);
    }

    /// Whatever an object holds, evaluating does not panic.
    #[test]
    fn any_object_can_be_looked_at(text in any::<String>(), number in any::<f64>(), whole in any::<i64>()) {
        let object = serde_json::json!({"metadata": {"name": text, "labels": {text.clone(): text}}, "status": [number, whole, null]});
        let input = Input::of(&object);
        for stage in Stages::kubelet().stages.iter() {
            let _ = stage.matches(&input);
            for patch in &stage.effects.patches {
                let _ = patch.template.fill(&object, jiff::Timestamp::UNIX_EPOCH);
            }
        }
    }
}
