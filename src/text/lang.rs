//! Languages and translation directions.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A language cermat reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Indonesian, ISO 639-1 `id`.
    Id,
    /// English, ISO 639-1 `en`.
    En,
}

impl Language {
    /// ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Id => Self::En,
            Self::En => Self::Id,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// From which language into which: the language of the target is `self.target()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// English source, Indonesian target: the default.
    EnId,
    /// Indonesian source, English target.
    IdEn,
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 2] = [Self::EnId, Self::IdEn];

    /// Language of the source.
    #[must_use]
    pub fn source(self) -> Language {
        match self {
            Self::EnId => Language::En,
            Self::IdEn => Language::Id,
        }
    }

    /// Language of the target.
    #[must_use]
    pub fn target(self) -> Language {
        self.source().other()
    }

    /// The way back.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::EnId => Self::IdEn,
            Self::IdEn => Self::EnId,
        }
    }

    /// As written on the command line and in manifests: `en-id`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::EnId => "en-id",
            Self::IdEn => "id-en",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// A direction that is neither `en-id` nor `id-en`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown direction `{0}`; use `en-id` (Indonesian target) or `id-en` (English target)")]
pub struct ParseDirectionError(String);

impl FromStr for Direction {
    type Err = ParseDirectionError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.code() == s)
            .ok_or_else(|| ParseDirectionError(s.to_owned()))
    }
}

impl Serialize for Direction {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Direction {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
