//! What goes back to the client.

pub(crate) mod table;
