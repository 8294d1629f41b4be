/// Found by `double`. `swept` is to return the sweep of that test.
#[test]
fn secrets_default_made_made_too_often() {
    swept()
        .plan(
            r#"
shows:
  kind: madeTooOften
  about: secrets default/made-*
faults:
- at:
    matching:
      verb: create
      kind: Secret
  fate: crashAfter
"#,
        )
        .check();
}
