//! Makes the mutants: copies of the examples' sources with one line changed, as modules of the test.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

include!("src/list.rs");

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/list.rs");
    let mut mutants = Modules::new()?;
    for (nth, mutant) in MUTANTS.iter().enumerate() {
        let mutated = Example::read(mutant.example).and_then(|example| example.mutated(mutant));
        let mutated = mutated.map_err(|error| format!("mutant {nth}, {}: {error}", mutant.what))?;
        mutants.add(&format!("mutant_{nth}"), &mutated)?;
    }
    mutants.write("mutants.rs")?;
    let mut originals = Modules::new()?;
    for path in EXAMPLES {
        originals.add(name(path), &Example::read(path)?.original())?;
    }
    originals.write("originals.rs")
}

/// What an example is called.
fn name(path: &str) -> &str {
    let path = path.trim_end_matches("/src/lib.rs").trim_end_matches(".rs");
    if path == "drop-in" { "drop_in" } else { path }
}

/// An example's source.
struct Example {
    program: String,
    /// Without the attributes that make functions tests: the mutants' own tests would fail, as they should.
    tests: String,
}

/// Modules that give a sweep each.
struct Modules {
    folder: PathBuf,
    modules: String,
    sweeps: String,
}

// === impl Example ===

impl Example {
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let path = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("..").join(path);
        println!("cargo::rerun-if-changed={}", path.display());
        // One of them knows our crate by another name, which a manifest can give only once.
        let source = fs::read_to_string(&path)?.replace("kube::", "seatrial::");
        let (program, tests) = source
            .split_once("#[cfg(test)]")
            .ok_or("an example has its tests beside it")?;
        let is_kept = |line: &&str| !line.contains("#[test]") && !line.contains("#[tokio::test");
        Ok(Self {
            program: program.to_owned(),
            tests: tests
                .lines()
                .filter(is_kept)
                .fold(String::new(), |text, line| text + line + "\n"),
        })
    }

    /// With the line of a mutant in the program.
    fn mutated(self, mutant: &Mutant) -> Result<String, Box<dyn Error>> {
        if self.program.matches(mutant.was).count() != 1 {
            return Err(format!("{:?} is not there once", mutant.was).into());
        }
        if mutant.changed().is_none() {
            return Err("it changes more than one line".into());
        }
        let program = self.program.replacen(mutant.was, mutant.is, 1);
        Ok(Self { program, ..self }.original())
    }

    /// The source, with a function that gives the sweep.
    fn original(self) -> String {
        let sweep = "pub(crate) fn swept() -> seatrial::testkit::Sweep { tests::sweep() }\n";
        self.program + &self.tests + sweep
    }
}

// === impl Modules ===

impl Modules {
    fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            folder: env::var("OUT_DIR")?.into(),
            modules: String::new(),
            sweeps: String::new(),
        })
    }

    fn add(&mut self, name: &str, source: &str) -> Result<(), Box<dyn Error>> {
        let file = self.folder.join(format!("{name}.rs"));
        fs::write(&file, source)?;
        let file = file.display().to_string();
        writeln!(
            self.modules,
            "#[path = {file:?}]\n#[allow(warnings, reason = \"it is a copy\")]\nmod {name};"
        )?;
        writeln!(self.sweeps, "    (\"{name}\", {name}::swept),")?;
        Ok(())
    }

    fn write(&self, name: &str) -> Result<(), Box<dyn Error>> {
        let sweeps = format!(
            "type Named = (&'static str, fn() -> seatrial::testkit::Sweep);\nconst SWEEPS: &[Named] = &[\n{}];\n",
            self.sweeps
        );
        Ok(fs::write(
            self.folder.join(name),
            format!("{}\n{sweeps}", self.modules),
        )?)
    }
}
