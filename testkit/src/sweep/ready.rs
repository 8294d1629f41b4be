//! How to see a failure again: a line for the shell, and a test for the source.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{Finding, tape};

/// What makes the run again that found it.
pub(super) fn again(finding: &Finding, name: &str) -> String {
    let (faults, overtakings) = finding.drawn;
    let drawn = match (faults, overtakings) {
        (0, 0) => "no fault".to_owned(),
        (1, 0) => "1 fault".to_owned(),
        (faults, 0) => format!("{faults} faults"),
        (faults, overtakings) => format!("{faults} faults, {overtakings} times another order"),
    };
    let command = command(finding, name);
    format!("again: {command} (the run had {drawn} before it was made smaller)")
}

/// The command that makes the run again.
pub(super) fn command(finding: &Finding, name: &str) -> String {
    let (index, total) = finding.shard;
    let part = if total > 1 {
        format!("JOB_COMPLETION_INDEX={index} TESTKIT_JOBS={total} ")
    } else {
        String::new()
    };
    // A run without faults is made whatever is asked for.
    let case = if finding.case.starts_with("reference/") {
        String::new()
    } else {
        format!("TESTKIT_CASE={} ", finding.case)
    };
    format!("{part}TESTKIT_SEED={:#x} {case}cargo test {name}", finding.seed)
}

/// Leaves the failure behind as a page, in the target directory that the test runs from; where it is, or why it is nowhere.
pub(super) fn page(finding: &Finding, name: &str) -> String {
    let written = folder().and_then(|folder| {
        let path = folder.join(format!("{}.html", tape::file_stem(name)));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(&path, finding.trace.html())?;
        Ok(path)
    });
    match written {
        Ok(path) => format!("page: file://{}", path.display()),
        Err(error) => format!("page: could not be written: {error}"),
    }
}

/// `target/debug/testkit` for a test in `target/debug/deps`; beside the executable otherwise.
fn folder() -> io::Result<PathBuf> {
    let executable = std::env::current_exe()?;
    let folder = executable.parent().unwrap_or(Path::new("."));
    let is_cargos = folder.file_name().is_some_and(|name| name == "deps");
    let folder = folder.parent().filter(|_| is_cargos).unwrap_or(folder);
    Ok(folder.join("testkit"))
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
