//! POST of a question, which is answered and forgotten.

use std::sync::Arc;

use super::{Context, create, managed, meta};
use crate::auth::Review;
use crate::status::Result;
use crate::storage::Stored;

/// Answers the question in `body`.
pub(super) fn answer(
    cx: &mut Context<'_>,
    question: Review,
    body: &[u8],
    content_type: &str,
) -> Result<Arc<Stored>> {
    let mut object = create::read(cx, body, content_type)?;
    if cx.resource.namespaced {
        meta::of_mut(&mut object).insert("namespace".into(), cx.namespace.clone().into());
    }
    let given = managed::take(&mut object);
    let entries = managed::track(cx, None, &mut object, given);
    if !entries.is_empty() {
        meta::of_mut(&mut object).insert("managedFields".into(), entries.to_value());
    }
    let answer = question.answer(cx.core, &cx.resource, &cx.user, &cx.namespace, cx.now, object)?;
    Ok(Arc::new(Stored::whole(answer.into(), 0)))
}
