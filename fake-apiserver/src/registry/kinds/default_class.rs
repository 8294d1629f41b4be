//! The class that objects get which name none: the one that an annotation marks.
//!
//! # Source
//! <https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass>,
//! <https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class>

use std::cmp::Reverse;

use super::check::part;
use super::fields::{Fields, ensure, has, text};
use crate::registry::Context;

/// Where classes are, how the default one is marked, and where objects name theirs.
pub(super) struct Classes {
    table: &'static str,
    marks: &'static [&'static str],
    field: &'static str,
    /// The annotation that named the class before there was a field.
    annotation: &'static str,
}

/// The classes of PersistentVolumeClaims.
pub(super) const STORAGE: Classes = Classes {
    table: "storageclasses.storage.k8s.io",
    marks: &[
        "storageclass.kubernetes.io/is-default-class",
        "storageclass.beta.kubernetes.io/is-default-class",
    ],
    field: "storageClassName",
    annotation: "volume.beta.kubernetes.io/storage-class",
};

/// The classes of Ingresses.
pub(super) const INGRESS: Classes = Classes {
    table: "ingressclasses.networking.k8s.io",
    marks: &["ingressclass.kubernetes.io/is-default-class"],
    field: "ingressClassName",
    annotation: "kubernetes.io/ingress.class",
};

/// Gives a new object the default class unless it names one, an empty name included.
pub(super) fn admit(cx: &Context<'_>, object: &mut Fields, classes: &Classes) {
    let named = is_annotated(object, classes) || has(part(object, "spec"), classes.field);
    if !named && let Some(name) = default(cx, classes) {
        ensure(object, "spec").insert(classes.field.into(), name.into());
    }
}

/// Whether an object names its class as it was done before there was a field.
pub(super) fn is_annotated(object: &Fields, classes: &Classes) -> bool {
    part(part(object, "metadata"), "annotations").contains_key(classes.annotation)
}

/// The newest of the classes that are marked; of several, the first by name.
fn default(cx: &Context<'_>, classes: &Classes) -> Option<String> {
    let live = cx.core.store.live(classes.table);
    let marked = live.iter().filter_map(|(_, class)| {
        let metadata = class.metadata()?;
        let annotations = part(metadata, "annotations");
        let marked = classes.marks.iter().any(|mark| text(annotations, mark) == "true");
        marked.then(|| {
            (
                Reverse(text(metadata, "creationTimestamp").to_owned()),
                text(metadata, "name").to_owned(),
            )
        })
    });
    marked.min().map(|(_, name)| name)
}
