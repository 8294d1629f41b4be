//! Relative paths in a kubeconfig start at the directory of its file.

use std::path::{Component, Path, PathBuf, is_separator};

use super::Kubeconfig;

/// Makes every path of `kubeconfig` absolute.
pub(super) fn resolve(kubeconfig: &mut Kubeconfig, directory: &Path) {
    for cluster in kubeconfig
        .clusters
        .iter_mut()
        .filter_map(|named| named.cluster.as_mut())
    {
        resolve_one(&mut cluster.certificate_authority, directory);
    }
    for user in kubeconfig
        .auth_infos
        .iter_mut()
        .filter_map(|named| named.auth_info.as_mut())
    {
        resolve_one(&mut user.client_certificate, directory);
        resolve_one(&mut user.client_key, directory);
        resolve_one(&mut user.token_file, directory);
        if let Some(exec) = &mut user.exec
            && exec
                .command
                .as_ref()
                .is_some_and(|command| command.contains(is_separator))
        {
            // A bare name is looked up in PATH.
            resolve_one(&mut exec.command, directory);
        }
    }
}

fn resolve_one(path: &mut Option<String>, directory: &Path) {
    if let Some(path) = path.as_mut().filter(|path| !path.is_empty()) {
        *path = join(directory, Path::new(path)).to_string_lossy().into_owned();
    }
}

/// Joins without `.`. A `..` stays, because what it means depends on symbolic links.
pub(super) fn join(directory: &Path, path: &Path) -> PathBuf {
    let mut joined = directory.to_owned();
    joined.extend(
        path.components()
            .filter(|component| *component != Component::CurDir),
    );
    joined
}
