//! Durations in files, as people write them: `10s`, `1m30s`.

use std::time::Duration;

use seatrial_client::core;
use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

pub(crate) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    core::Duration::from(*duration).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let duration = core::Duration::deserialize(deserializer)?;
    if duration.is_negative() {
        return Err(serde::de::Error::custom("a duration here is not negative"));
    }
    Ok(duration.into())
}
