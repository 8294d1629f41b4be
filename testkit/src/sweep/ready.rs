//! How to see a failure again: a line for the shell, and a test for the source.

use super::Finding;

/// What makes the run again that found it.
pub(super) fn again(finding: &Finding, name: &str) -> String {
    let (index, total) = finding.shard;
    let part = if total > 1 {
        format!("JOB_COMPLETION_INDEX={index} TESTKIT_JOBS={total} ")
    } else {
        String::new()
    };
    let (faults, overtakings) = finding.drawn;
    let drawn = match (faults, overtakings) {
        (0, 0) => "no fault".to_owned(),
        (1, 0) => "1 fault".to_owned(),
        (faults, 0) => format!("{faults} faults"),
        (faults, overtakings) => format!("{faults} faults, {overtakings} times another order"),
    };
    // A run without faults is made whatever is asked for.
    let case = if finding.case.starts_with("reference/") {
        String::new()
    } else {
        format!("TESTKIT_CASE={} ", finding.case)
    };
    format!(
        "again: {part}TESTKIT_SEED={:#x} {case}cargo test {name} (the run had {drawn} before it was made smaller)",
        finding.seed
    )
}

/// A test that fails as long as the program does.
pub(super) fn test(finding: &Finding, name: &str) -> String {
    let plan = finding.plan.text();
    // As many hashes as no text within has.
    let mut hashes = "#".to_owned();
    while plan.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    let short = name.rsplit("::").next().unwrap_or(name);
    format!(
        "/// Found by `{short}`. `swept` is to return the sweep of that test.\n\
         #[test]\n\
         fn {}() {{\n    swept()\n        .plan(\n            r{hashes}\"\n{plan}\"{hashes},\n        )\n        .check();\n}}\n",
        identifier(finding),
    )
}

/// What the test is called: what fails, and how.
fn identifier(finding: &Finding) -> String {
    let told = format!("{} {:?}", finding.about, finding.kind);
    let mut name = String::new();
    let mut was_lower = false;
    for c in told.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && was_lower {
                name.push('_');
            }
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
        was_lower = c.is_ascii_lowercase();
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("on_{name}")
    } else {
        name.to_owned()
    }
}
