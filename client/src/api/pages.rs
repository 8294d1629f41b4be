//! Collections that are read page by page.

use std::{collections::VecDeque, fmt::Debug};

use futures::{Stream, stream};
use serde::de::DeserializeOwned;

use super::{Api, ListMeta, ListParams, ObjectList};
use crate::error::{Error, Result};

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
        while let Some(page) = next_page(lp, &list.metadata) {
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
    /// Memory holds one page, and no object comes twice. All pages show one state of the server, unless it forgets that
    /// state before the last: the stream then goes on behind the last object it showed in the state of that time, and
    /// tells `tracing`. Where one state matters, [`list_all`](Self::list_all) starts again instead.
    ///
    /// # Errors
    ///
    /// An item is an error, the last one, if a page could not be read: [`is_expired`](crate::Error::is_expired) if the
    /// server forgot the state that the pages show and does not say how to go on.
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
                match pages.api.list(&page).await {
                    Ok(list) => {
                        pages.next = next_page(&pages.lp, &list.metadata);
                        pages.items = list.items.into();
                    }
                    Err(error) => {
                        let next = next_state(&error).and_then(|metadata| next_page(&pages.lp, metadata));
                        // A token for which there is no state either would lead nowhere.
                        if next.is_none() || next == Some(page) {
                            return Err(error);
                        }
                        tracing::info!(
                            path = pages.api.request.url_path.as_str(),
                            "the state of a paged list expired; its other pages show a newer one"
                        );
                        pages.next = next;
                    }
                }
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

/// Where a server that forgot the state of a list says how to go on in a newer one.
fn next_state(error: &Error) -> Option<&ListMeta> {
    error.status().filter(|_| error.is_expired())?.metadata.as_ref()
}

/// The page after one with this metadata. Only the token says whether there is one: a page may be short or empty.
fn next_page(lp: &ListParams, metadata: &ListMeta) -> Option<ListParams> {
    let token = metadata.continue_.clone().filter(|token| !token.is_empty())?;
    Some(ListParams {
        continue_token: Some(token),
        // The token holds the version; a server refuses both together.
        resource_version: None,
        version_match: None,
        ..first_page(lp)
    })
}
