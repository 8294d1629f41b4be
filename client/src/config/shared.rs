//! What all that is made of one configuration shares.

use std::{
    any::Any,
    sync::{Arc, Mutex, PoisonError},
};

/// A place in a configuration for something that whoever uses the configuration makes once, such as a running plugin.
///
/// The configuration does not know what it is.
#[derive(Default)]
pub(crate) struct Shared(Mutex<Option<Arc<dyn Any + Send + Sync>>>);

impl Shared {
    /// What is there, if it `fits`; or else something new.
    pub(crate) fn get_or_try_init<T: Any + Send + Sync, E>(
        &self,
        fits: impl FnOnce(&T) -> bool,
        init: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        // Nothing is left half done by a panic: the one change is one assignment.
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let there = place.clone().and_then(|there| there.downcast::<T>().ok());
        if let Some(there) = there.filter(|there| fits(there)) {
            return Ok(there);
        }
        let new = Arc::new(init()?);
        *place = Some(Arc::<T>::clone(&new));
        Ok(new)
    }
}

impl Clone for Shared {
    /// An empty place: what is made of the copy has its own.
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_made_once_for_as_long_as_it_fits() {
        let shared = Shared::default();
        let get = |want: u32| {
            shared
                .get_or_try_init(|there: &u32| *there == want, || Ok::<_, ()>(want))
                .unwrap()
        };
        let first = get(1);
        assert!(Arc::ptr_eq(&first, &get(1)));
        assert_eq!(*get(2), 2);
        let failed: Result<Arc<u32>, _> = shared.get_or_try_init(|_| false, || Err("no"));
        assert_eq!(failed, Err("no"));
        assert_eq!(*get(2), 2);
    }
}
