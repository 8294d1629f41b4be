//! Which files make up the kubeconfig, and what they say together.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use super::{Host, Kubeconfig, KubeconfigError, SystemHost, merge, parse, paths};

/// The variable that lists kubeconfig files.
const KUBECONFIG: &str = "KUBECONFIG";

impl Kubeconfig {
    /// Reads the files that `KUBECONFIG` lists, or else `.kube/config` in the home directory.
    ///
    /// # Errors
    ///
    /// As [`read_on`](Self::read_on).
    pub fn read() -> Result<Self, KubeconfigError> {
        Self::read_on(&SystemHost)
    }

    /// As [`read`](Self::read), on a host of your own.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or parsed. Of several files in `KUBECONFIG`, those that do not exist are left out,
    /// unless none does.
    pub fn read_on(host: &dyn Host) -> Result<Self, KubeconfigError> {
        Ok(Loaded::read(host)?.kubeconfig)
    }

    /// Reads one file. Relative paths in it start at its directory.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or parsed.
    pub fn read_from<P: AsRef<Path>>(path: P) -> Result<Self, KubeconfigError> {
        Ok(Loaded::read_file(&SystemHost, path.as_ref())?.kubeconfig)
    }

    /// Reads the files that `KUBECONFIG` lists; `None` if it lists none.
    ///
    /// # Errors
    ///
    /// As [`read_on`](Self::read_on).
    pub fn from_env() -> Result<Option<Self>, KubeconfigError> {
        Ok(Loaded::read_env(&SystemHost)?.map(|loaded| loaded.kubeconfig))
    }

    /// Parses a stream of YAML (or JSON) documents, which are merged in their order.
    ///
    /// ```
    /// use seatrial_client::config::Kubeconfig;
    ///
    /// let kubeconfig = Kubeconfig::from_yaml(
    ///     "current-context: a\nusers: null\n---\ncurrent-context: b\nclusters: [{name: c}]",
    /// ).unwrap();
    /// assert_eq!(kubeconfig.current_context.as_deref(), Some("a"));
    /// assert_eq!(kubeconfig.clusters[0].name, "c");
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not a kubeconfig, or its documents do not fit together.
    pub fn from_yaml(text: &str) -> Result<Self, KubeconfigError> {
        parse::documents(None, text.as_bytes())?
            .into_iter()
            .try_fold(Self::default(), Self::merge)
    }

    /// Adds what `next` says and this one does not.
    ///
    /// An entry that both have is taken from this one as a whole.
    ///
    /// # Errors
    ///
    /// If `kind` or `apiVersion` differ.
    ///
    /// # Source
    ///
    /// <https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files>
    pub fn merge(self, next: Self) -> Result<Self, KubeconfigError> {
        merge::merge(self, next)
    }
}

/// A kubeconfig and the files that its entries came from.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) kubeconfig: Kubeconfig,
    pub(super) clusters: BTreeMap<String, PathBuf>,
    pub(super) users: BTreeMap<String, PathBuf>,
}

impl Loaded {
    pub(super) fn read(host: &dyn Host) -> Result<Self, KubeconfigError> {
        if let Some(loaded) = Self::read_env(host)? {
            return Ok(loaded);
        }
        let home = host.home_dir().ok_or(KubeconfigError::FindPath)?;
        Self::read_file(host, &home.join(".kube").join("config"))
    }

    fn read_env(host: &dyn Host) -> Result<Option<Self>, KubeconfigError> {
        let list = host.var(KUBECONFIG).unwrap_or_default();
        let mut merged: Option<Self> = None;
        let mut missing = None;
        for path in std::env::split_paths(&list).filter(|path| !path.as_os_str().is_empty()) {
            match Self::read_file(host, &path) {
                Ok(next) => {
                    merged = Some(match merged {
                        Some(merged) => merged.merge(next)?,
                        None => next,
                    });
                }
                Err(error) if is_missing(&error) => {
                    missing.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        match (merged, missing) {
            (None, Some(error)) => Err(error),
            (merged, _) => Ok(merged),
        }
    }

    pub(super) fn read_file(host: &dyn Host, path: &Path) -> Result<Self, KubeconfigError> {
        let unreadable = |error| KubeconfigError::ReadConfig(error, path.to_owned());
        let path = if path.is_absolute() {
            path.to_owned()
        } else {
            paths::join(&host.current_dir().map_err(unreadable)?, path)
        };
        let bytes = host.read(&path).map_err(unreadable)?;
        let mut kubeconfig = parse::documents(Some(path.clone()), &bytes)?
            .into_iter()
            .try_fold(Kubeconfig::default(), Kubeconfig::merge)?;
        // A file has a directory.
        paths::resolve(&mut kubeconfig, path.parent().unwrap_or(Path::new("/")));
        let from_here = |name: &String| (name.clone(), path.clone());
        Ok(Self {
            clusters: kubeconfig
                .clusters
                .iter()
                .map(|cluster| from_here(&cluster.name))
                .collect(),
            users: kubeconfig
                .auth_infos
                .iter()
                .map(|user| from_here(&user.name))
                .collect(),
            kubeconfig,
        })
    }

    fn merge(self, next: Self) -> Result<Self, KubeconfigError> {
        let first_wins = |first, mut next: BTreeMap<_, _>| {
            next.extend(first);
            next
        };
        Ok(Self {
            kubeconfig: self.kubeconfig.merge(next.kubeconfig)?,
            clusters: first_wins(self.clusters, next.clusters),
            users: first_wins(self.users, next.users),
        })
    }
}

fn is_missing(error: &KubeconfigError) -> bool {
    matches!(error, KubeconfigError::ReadConfig(error, _) if error.kind() == io::ErrorKind::NotFound)
}
