//! Values as `hotfix config` shows them: as the file would write them.

use std::time::Duration;

use serde_json::Value as Json;

use crate::domain::CommandLine;

use super::{Deliver, ForgeKind, Globs, NotifyFormat, ProductionCheck, VersionFiles};

/// A value that can be shown; `None` where nothing is set.
pub(super) trait Shown {
    fn shown(&self) -> Option<Json>;
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Option<Json> {
        self.as_ref().and_then(Shown::shown)
    }
}

impl Shown for bool {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(*self))
    }
}

impl Shown for u32 {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(*self))
    }
}

impl Shown for String {
    fn shown(&self) -> Option<Json> {
        (!self.is_empty()).then(|| Json::from(self.as_str()))
    }
}

impl Shown for Vec<String> {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.as_slice()))
    }
}

impl Shown for CommandLine {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.to_vec()))
    }
}

impl Shown for Globs {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.patterns()))
    }
}

impl Shown for VersionFiles {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.as_given()))
    }
}

impl Shown for Duration {
    fn shown(&self) -> Option<Json> {
        let seconds = self.as_secs();
        Some(Json::from(match (seconds % 3_600, seconds % 60) {
            (0, _) => format!("{}h", seconds / 3_600),
            (_, 0) => format!("{}m", seconds / 60),
            _ => format!("{seconds}s"),
        }))
    }
}

impl Shown for ProductionCheck {
    fn shown(&self) -> Option<Json> {
        match self {
            Self::Command(command) => command.shown(),
            Self::Url(url) => url.shown(),
        }
    }
}

impl Shown for Deliver {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.key()))
    }
}

impl Shown for NotifyFormat {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.key()))
    }
}

impl Shown for ForgeKind {
    fn shown(&self) -> Option<Json> {
        Some(Json::from(self.key()))
    }
}
