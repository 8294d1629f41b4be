// Read by the build script as well as by the library.

/// A change of one line of an example.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// What is wrong with it.
    pub what: &'static str,
    /// The example's source, from the folder of the examples.
    pub example: &'static str,
    /// What is there, once in the program; lines around the one that changes may be part of it, to tell that from others.
    pub was: &'static str,
    /// What is there instead.
    pub is: &'static str,
}

// === impl Mutant ===

impl Mutant {
    /// The line as it was and as it is, if there is only one that differs.
    #[must_use]
    pub fn changed(&self) -> Option<(&'static str, &'static str)> {
        let pairs = self.was.lines().zip(self.is.lines());
        let mut differing = pairs.filter(|(was, is)| was != is);
        let (was, is) = differing.next()?;
        let is_one = differing.next().is_none() && self.was.lines().count() == self.is.lines().count();
        is_one.then_some((was.trim(), is.trim()))
    }
}

const QUICKSTART: &str = "quickstart.rs";
const SIDE_BY_SIDE: &str = "side_by_side.rs";
const FINALIZER: &str = "finalizer_syncer.rs";
const SHARED: &str = "shared_streams.rs";
const MANAGER: &str = "manager.rs";
const DROP_IN: &str = "drop-in/src/lib.rs";

/// The examples whose controllers are swept.
pub const EXAMPLES: &[&str] = &[QUICKSTART, SIDE_BY_SIDE, FINALIZER, SHARED, MANAGER, DROP_IN];

/// All mutants.
pub const MUTANTS: &[Mutant] = &[
    // --- quickstart ---
    mutant(
        "does not watch what it owns",
        QUICKSTART,
        ".owns(Api::<ConfigMap>::all(client.clone()), watcher::Config::default())",
        "//",
    ),
    mutant(
        "makes a child for an owner that is gone",
        QUICKSTART,
        "if live.and_then(|live| live.uid()) != greeting.uid() {",
        "if false {",
    ),
    mutant(
        "swallows the error of a create",
        QUICKSTART,
        "configs.create(&PostParams::default(), &wanted).await?;",
        "configs.create(&PostParams::default(), &wanted).await.ok();",
    ),
    mutant(
        "takes what is right for wrong",
        QUICKSTART,
        "Some(found) if found.data != wanted.data => {",
        "Some(found) if found.data == wanted.data => {",
    ),
    mutant(
        "swallows the error of a patch",
        QUICKSTART,
        "configs.patch(&name, &PatchParams::default(), &patch).await?;",
        "configs.patch(&name, &PatchParams::default(), &patch).await.ok();",
    ),
    mutant(
        "writes its status once",
        QUICKSTART,
        "if greeting.status.as_ref() != Some(&status) {",
        "if greeting.status.is_none() {",
    ),
    mutant(
        "swallows the error of a status",
        QUICKSTART,
        ".await?;\n        info!(%name, generation, \"status written\");",
        ".await.ok();\n        info!(%name, generation, \"status written\");",
    ),
    mutant(
        "does not come back to what failed",
        QUICKSTART,
        "Action::requeue(Duration::from_secs(1))",
        "Action::await_change()",
    ),
    mutant(
        "names no owner",
        QUICKSTART,
        "owner_references: greeting.controller_owner_ref(&()).map(|owner| vec![owner]),",
        "owner_references: None,",
    ),
    // --- side_by_side ---
    mutant(
        "does not look at the owner of what is there",
        SIDE_BY_SIDE,
        "found.data == wanted.data && found.owner_references() == wanted.owner_references()",
        "found.data == wanted.data",
    ),
    mutant(
        "makes a child for an owner that is gone",
        SIDE_BY_SIDE,
        "if owner.and_then(|owner| owner.uid()) != banner.uid() {",
        "if false {",
    ),
    mutant(
        "gives up where somebody else has written",
        SIDE_BY_SIDE,
        "PatchParams::apply(\"banners\").force();",
        "PatchParams::apply(\"banners\");",
    ),
    mutant(
        "does not wait for its write",
        SIDE_BY_SIDE,
        "configs.patch(&name, &ours, &Patch::Apply(&wanted)).await?;",
        "let _ = configs.patch(&name, &ours, &Patch::Apply(&wanted));",
    ),
    mutant(
        "is content with any status",
        SIDE_BY_SIDE,
        "if banner.status.as_ref() != Some(&status) {",
        "if banner.status.is_none() {",
    ),
    mutant(
        "does not come back to what failed",
        SIDE_BY_SIDE,
        "Action::requeue(Duration::from_secs(1))",
        "Action::await_change()",
    ),
    mutant(
        "writes another text than it should",
        SIDE_BY_SIDE,
        "banner.spec.text.to_uppercase()",
        "banner.name_any().to_uppercase()",
    ),
    // --- finalizer_syncer ---
    mutant(
        "does not watch what it makes",
        FINALIZER,
        ".watches(copies, watcher::Config::default(), original_of)",
        "//",
    ),
    mutant(
        "copies what it was not asked to",
        FINALIZER,
        "watcher::Config::default().labels(\"sync=yes\"))",
        "watcher::Config::default())",
    ),
    mutant(
        "gives everything one name",
        FINALIZER,
        "format!(\"{namespace}.{name}\")",
        "format!(\"{namespace}.{}\", name.len())",
    ),
    mutant(
        "looks for the original in the wrong place",
        FINALIZER,
        "Some(ObjectRef::new(name).within(namespace))",
        "Some(ObjectRef::new(namespace).within(name))",
    ),
    mutant(
        "lets go without cleaning up",
        FINALIZER,
        "Event::Cleanup(_) => clean_up(&copy, &ctx).await,",
        "Event::Cleanup(_) => Ok(Action::await_change()),",
    ),
    mutant(
        "swallows the error of a clean-up",
        FINALIZER,
        ".await?;\n    ctx.say.line(format!(\"{copy} is removed\"));",
        ".await.ok();\n    ctx.say.line(format!(\"{copy} is removed\"));",
    ),
    mutant(
        "swallows the error of a copy",
        FINALIZER,
        "ctx.copies.patch(copy, &ours, &Patch::Apply(&wanted)).await?;",
        "ctx.copies.patch(copy, &ours, &Patch::Apply(&wanted)).await.ok();",
    ),
    mutant(
        "forgets a field",
        FINALIZER,
        "binary_data: config.binary_data.clone(),",
        "binary_data: None,",
    ),
    // --- shared_streams ---
    mutant(
        "swallows the error of a patch",
        SHARED,
        "configs.patch(&name, &PatchParams::default(), &patch).await?;",
        "configs.patch(&name, &PatchParams::default(), &patch).await.ok();",
    ),
    mutant(
        "counts once",
        SHARED,
        "if config.annotations().get(KEYS) != Some(&keys) {",
        "if !config.annotations().contains_key(KEYS) {",
    ),
    mutant(
        "swallows the error of an apply",
        SHARED,
        "secrets.patch(&name, &ours, &Patch::Apply(&secret)).await?;",
        "secrets.patch(&name, &ours, &Patch::Apply(&secret)).await.ok();",
    ),
    mutant(
        "names no owner",
        SHARED,
        "owner_references: config.controller_owner_ref(&()).map(|owner| vec![owner]),",
        "owner_references: None,",
    ),
    // --- manager ---
    mutant(
        "works without the lease",
        MANAGER,
        ".with_election(election)",
        "//",
    ),
    mutant(
        "copies what it was not asked to",
        MANAGER,
        "watcher::Config::default().labels(\"app=shop\"),",
        "watcher::Config::default(),",
    ),
    mutant(
        "is nobody in particular",
        MANAGER,
        "Election::new(client.clone(), \"default\", \"examples-manager\", name);",
        "Election::new(client.clone(), \"default\", \"examples-manager\", \"replica\");",
    ),
    mutant(
        "swallows the error of an apply",
        MANAGER,
        "secrets.patch(&name, &ours, &Patch::Apply(&secret)).await?;",
        "secrets.patch(&name, &ours, &Patch::Apply(&secret)).await.ok();",
    ),
    mutant(
        "names no owner",
        MANAGER,
        "owner_references: config.controller_owner_ref(&()).map(|owner| vec![owner]),",
        "owner_references: None,",
    ),
    // --- drop-in ---
    mutant(
        "does not watch what it owns",
        DROP_IN,
        ".owns(Api::<ConfigMap>::all(client.clone()), watcher::Config::default())",
        "//",
    ),
    mutant(
        "does not come back to what failed",
        DROP_IN,
        "|_, _, _| Action::requeue(Duration::from_secs(1)),",
        "|_, _, _| Action::await_change(),",
    ),
    mutant(
        "names no owner",
        DROP_IN,
        "owner_references: Some(vec![owner]),",
        "owner_references: None,",
    ),
    mutant(
        "comes back without a pause",
        DROP_IN,
        "Ok(Action::requeue(Duration::from_secs(300)))",
        "Ok(Action::requeue(Duration::ZERO))",
    ),
    mutant(
        "gives up where somebody else has written",
        DROP_IN,
        ".force();",
        ";",
    ),
    mutant(
        "swallows the error of a patch",
        DROP_IN,
        ".map_err(Error::Write)?;",
        ".ok();",
    ),
    mutant(
        "gives everything one name",
        DROP_IN,
        "name: snippet.metadata.name.clone(),",
        "name: Some(\"snippet\".to_owned()),",
    ),
];

const fn mutant(what: &'static str, example: &'static str, was: &'static str, is: &'static str) -> Mutant {
    Mutant {
        what,
        example,
        was,
        is,
    }
}
