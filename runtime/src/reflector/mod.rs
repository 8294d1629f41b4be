//! Caches that follow a watch.
//!
//! [`reflector`] writes what a watch tells into a [`Store`] and passes it on. Reading order: `object_ref.rs` (names), `state.rs` (the pure
//! set), `store.rs` (the set behind a lock), `index.rs` (its indexes), `subscription.rs` (its followers), `reflect.rs` (the stream), `namespaces.rs` (the same of several watches).

mod index;
mod namespaces;
mod object_ref;
mod reflect;
mod state;
pub mod store;
mod subscription;

pub(crate) use self::state::Key;
pub use self::{
    index::Index,
    namespaces::{ReflectNamespaces, reflect_namespaces},
    object_ref::{Lookup, ObjectRef, ObjectRefExtra},
    reflect::{Reflect, ReflectChanges, reflector},
    store::{Change, Store, store, store_shared},
    subscription::{Changes, ReflectHandle},
};
