//! Owner references: who an object belongs to.
//!
//! The garbage collector deletes an object whose owners are all gone, and [`Controller::owns`](crate::Controller::owns) finds the owner by the reference. One of the owners may be the
//! controller: it alone decides what becomes of the object.
//!
//! # Source
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>

use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use seatrial_client::Resource;

/// An object cannot be owned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The owner has no name or no UID: it does not come from a server.
    #[error("the owner has no name or no UID")]
    UnsavedOwner,
    /// Another object is the controller already.
    #[error("{kind} {name} is the controller of the object already")]
    AlreadyControlled {
        /// The controller's kind.
        kind: String,
        /// The controller's name.
        name: String,
    },
    /// An owner in a namespace can only own objects in the same. A new object has to say that it will be there.
    #[error("an owner in namespace {owner} cannot own an object {}", match .object {
        Some(object) => format!("in namespace {object}"),
        None => "that names no namespace".to_owned(),
    })]
    OtherNamespace {
        /// The owner's.
        owner: String,
        /// The object's, if it has one.
        object: Option<String>,
    },
}

/// Makes `owner` the controller of `object`; what else owns it stays.
///
/// Deleting the owner in the foreground waits for the object.
///
/// An owner in a namespace owns nothing outside of it, so an object that is about to be created must say its namespace first: nobody knows yet into which one an
/// [`Api`](seatrial_client::Api) will put it.
///
/// ```
/// use k8s_openapi::api::core::v1::{ConfigMap, Secret};
/// use seatrial_client::ResourceExt;
/// use seatrial_runtime::owner;
///
/// # let mut config = ConfigMap::default();
/// # (config.metadata.name, config.metadata.uid) = (Some("web".to_owned()), Some("u".to_owned()));
/// # config.metadata.namespace = Some("shop".to_owned());
/// // `config` comes from a server.
/// let mut secret = Secret::default();
/// secret.metadata.name = Some("web".to_owned());
/// assert!(owner::set_controller(&mut secret, &config, &()).is_err());
/// secret.metadata.namespace = config.namespace();
/// owner::set_controller(&mut secret, &config, &())?;
/// # assert!(owner::is_controlled_by(&secret, "u"));
/// # Ok::<(), owner::Error>(())
/// ```
///
/// # Errors
///
/// See [`Error`]. The object is not changed then.
pub fn set_controller<O, K>(object: &mut K, owner: &O, dyntype: &O::DynamicType) -> Result<(), Error>
where
    O: Resource,
    K: Resource,
{
    let reference = OwnerReference {
        block_owner_deletion: Some(true),
        controller: Some(true),
        ..reference(object, owner, dyntype)?
    };
    if let Some(other) = controller_of(object).filter(|other| other.uid != reference.uid) {
        return Err(Error::AlreadyControlled {
            kind: other.kind.clone(),
            name: other.name.clone(),
        });
    }
    put(object, reference);
    Ok(())
}

/// Makes `owner` one of the owners of `object`, so that the object goes when all of them are gone. One that is its controller already stays that.
///
/// # Errors
///
/// See [`Error`]. The object is not changed then.
pub fn add_owner<O, K>(object: &mut K, owner: &O, dyntype: &O::DynamicType) -> Result<(), Error>
where
    O: Resource,
    K: Resource,
{
    let reference = reference(object, owner, dyntype)?;
    if !is_owned_by(object, &reference.uid) {
        put(object, reference);
    }
    Ok(())
}

/// Takes an owner away, by its UID; whether it was one.
pub fn remove_owner<K: Resource>(object: &mut K, uid: &str) -> bool {
    let references = &mut object.meta_mut().owner_references;
    let Some(held) = references else { return false };
    let before = held.len();
    held.retain(|reference| reference.uid != uid);
    let removed = held.len() != before;
    if held.is_empty() {
        *references = None;
    }
    removed
}

/// The reference to the controller of an object.
pub fn controller_of<K: Resource>(object: &K) -> Option<&OwnerReference> {
    let references = object.meta().owner_references.iter().flatten();
    references
        .into_iter()
        .find(|reference| reference.controller == Some(true))
}

/// Whether this very object, and no other of its name, is the controller.
pub fn is_controlled_by<K: Resource>(object: &K, uid: &str) -> bool {
    controller_of(object).is_some_and(|reference| reference.uid == uid)
}

/// Whether this very object is among the owners.
pub fn is_owned_by<K: Resource>(object: &K, uid: &str) -> bool {
    let mut references = object.meta().owner_references.iter().flatten();
    references.any(|reference| reference.uid == uid)
}

fn reference<O, K>(object: &K, owner: &O, dyntype: &O::DynamicType) -> Result<OwnerReference, Error>
where
    O: Resource,
    K: Resource,
{
    let (owned, owning) = (&object.meta().namespace, &owner.meta().namespace);
    if let Some(owning) = owning
        && owned.as_ref() != Some(owning)
    {
        return Err(Error::OtherNamespace {
            owner: owning.clone(),
            object: owned.clone(),
        });
    }
    owner.owner_ref(dyntype).ok_or(Error::UnsavedOwner)
}

/// Puts a reference in the place of the one to the same object, or behind all others.
fn put<K: Resource>(object: &mut K, reference: OwnerReference) {
    let held = object.meta_mut().owner_references.get_or_insert_default();
    match held.iter_mut().find(|held| held.uid == reference.uid) {
        Some(held) => *held = reference,
        None => held.push(reference),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Node, Secret};

    use super::*;

    fn owner(name: &str) -> ConfigMap {
        let mut owner = ConfigMap::default();
        owner.metadata.name = Some(name.to_owned());
        owner.metadata.namespace = Some("ns".to_owned());
        owner.metadata.uid = Some(format!("uid-{name}"));
        owner
    }

    fn owned() -> Secret {
        let mut owned = Secret::default();
        owned.metadata.namespace = Some("ns".to_owned());
        owned
    }

    #[test]
    fn an_object_has_one_controller_and_any_owners() {
        let mut object = owned();
        add_owner(&mut object, &owner("b"), &()).unwrap();
        set_controller(&mut object, &owner("a"), &()).unwrap();
        set_controller(&mut object, &owner("a"), &()).unwrap();
        add_owner(&mut object, &owner("a"), &()).unwrap();
        assert_eq!(object.metadata.owner_references.as_ref().unwrap().len(), 2);
        assert!(is_controlled_by(&object, "uid-a") && is_owned_by(&object, "uid-b"));
        assert!(!is_controlled_by(&object, "uid-b"));
        let before = object.clone();
        assert_eq!(
            set_controller(&mut object, &owner("b"), &())
                .unwrap_err()
                .to_string(),
            "ConfigMap a is the controller of the object already"
        );
        assert_eq!(object, before);
        assert!(remove_owner(&mut object, "uid-a") && !remove_owner(&mut object, "uid-a"));
        set_controller(&mut object, &owner("b"), &()).unwrap();
        assert!(is_controlled_by(&object, "uid-b"));
        remove_owner(&mut object, "uid-b");
        assert_eq!(object.metadata.owner_references, None);
    }

    #[test]
    fn owners_are_in_the_same_namespace_or_in_none() {
        let mut elsewhere = owned();
        elsewhere.metadata.namespace = Some("other".to_owned());
        assert!(matches!(
            add_owner(&mut elsewhere, &owner("a"), &()),
            Err(Error::OtherNamespace { object: Some(object), .. }) if object == "other"
        ));
        let mut node = Node::default();
        assert_eq!(
            add_owner(&mut node, &owner("a"), &()).unwrap_err().to_string(),
            "an owner in namespace ns cannot own an object that names no namespace"
        );
        node.metadata.name = Some("n".to_owned());
        assert_eq!(
            set_controller(&mut elsewhere, &node, &()),
            Err(Error::UnsavedOwner)
        );
        node.metadata.uid = Some("u".to_owned());
        assert_eq!(set_controller(&mut elsewhere, &node, &()), Ok(()));
    }
}
