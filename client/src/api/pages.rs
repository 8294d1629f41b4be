//! Collections that are read page by page.

use std::{collections::VecDeque, fmt::Debug};

use futures::{Stream, stream};
use serde::de::DeserializeOwned;

use super::{Api, ListParams, ObjectList};
use crate::error::Result;

/// The size of a page where the caller sets none; that of `kubectl`.
const PAGE_ITEMS: u32 = 500;

/// # Reading collections in pages
impl<K> Api<K>
where
    K: Clone + DeserializeOwned + Debug,
{
    /// All objects that `lp` selects, read in pages of its limit, or of 500.
    ///
    /// All pages show one state of the server. If the server forgets that state before the last page, everything is
    /// read again, this time in one piece.
    ///
    /// # Errors
    ///
    /// As [`list`](Self::list).
    pub async fn list_all(&self, lp: &ListParams) -> Result<ObjectList<K>> {
        let mut list = self.list(&first_page(lp)).await?;
        while let Some(page) = next_page(lp, &list) {
            match self.list(&page).await {
                Ok(next) => {
                    list.metadata = next.metadata;
                    list.items.extend(next.items);
                }
                Err(error) if error.is_expired() => {
                    let mut whole = lp.clone();
                    whole.limit = None;
                    return self.list(&whole).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(list)
    }

    /// The objects that `lp` selects, one after the other, read in pages of its limit, or of 500.
    ///
    /// Memory holds one page. All pages show one state of the server.
    ///
    /// # Errors
    ///
    /// An item is an error, the last one, if a page could not be read: [`is_expired`](crate::Error::is_expired) if the
    /// server forgot the state that the pages show. The objects seen so far are not those of a new state, so that the
    /// stream does not go on by itself; [`list_all`](Self::list_all) starts again.
    pub fn list_stream(&self, lp: &ListParams) -> impl Stream<Item = Result<K>> + Send + use<K>
    where
        K: Send,
    {
        struct Pages<K> {
            api: Api<K>,
            lp: ListParams,
            next: Option<ListParams>,
            items: VecDeque<K>,
        }
        let pages = Pages {
            api: self.clone(),
            next: Some(first_page(lp)),
            lp: lp.clone(),
            items: VecDeque::new(),
        };
        stream::try_unfold(pages, async |mut pages| {
            loop {
                if let Some(item) = pages.items.pop_front() {
                    return Ok(Some((item, pages)));
                }
                let Some(page) = pages.next.take() else {
                    return Ok(None);
                };
                let list = pages.api.list(&page).await?;
                pages.next = next_page(&pages.lp, &list);
                pages.items = list.items.into();
            }
        })
    }
}

fn first_page(lp: &ListParams) -> ListParams {
    ListParams {
        limit: lp.limit.or(Some(PAGE_ITEMS)),
        ..lp.clone()
    }
}

/// The page after `list`. Only the token says whether there is one: a page may be short or empty.
fn next_page<K: Clone>(lp: &ListParams, list: &ObjectList<K>) -> Option<ListParams> {
    let token = list
        .metadata
        .continue_
        .clone()
        .filter(|token| !token.is_empty())?;
    Some(ListParams {
        continue_token: Some(token),
        // The token holds the version; a server refuses both together.
        resource_version: None,
        version_match: None,
        ..first_page(lp)
    })
}
