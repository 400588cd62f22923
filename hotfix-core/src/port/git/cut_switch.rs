//! A switch that was cut short, and whose is what lies in its paths then: git had brought some of them over, and a person may
//! have worked in others before or since.

use std::path::Path;

use crate::domain::ObjectId;
use crate::port::PortError;

/// A switch of ours that git did not finish, with something of it lying in the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutSwitch {
    /// Where it went.
    pub to: ObjectId,
    /// How many paths it left half done.
    pub paths: usize,
}

/// Mends a work tree in which a switch was cut short.
pub trait SwitchRepair {
    /// Takes back what a [cut switch](super::WorktreeRead::cut_switch) left in this work tree; what a person did is left
    /// alone.
    ///
    /// # Errors
    /// Where git refuses, or still is at that switch.
    fn take_back(&self) -> Result<(), PortError>;

    /// Whether one was cut short in the work tree at `worktree`, with something of it lying there.
    ///
    /// # Errors
    /// Also where it is still under way.
    fn is_cut(&self, worktree: &Path) -> Result<bool, PortError>;
}

/// What is known of a path that differs between the two sides of a cut switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SwitchedPath {
    /// Whether the side that was left has it.
    pub was_there: bool,
    /// Whether the side that was switched to has it.
    pub would_be_there: bool,
    /// What lies there.
    pub lies: Lies,
    /// Whether that was written after the switch began.
    pub written_since: bool,
    /// What the index has of it.
    pub index: IndexSide,
}

/// What lies in a path after a cut switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// Nothing.
    Nothing,
    /// What git brought: the content of the side that was switched to, or a beginning of it.
    Brought,
    /// Anything else.
    Other,
}

/// Which side of a switch the index has of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexSide {
    /// The one that was left: git writes the index last.
    Left,
    /// The one that was switched to: git came as far as that.
    Reached,
    /// Neither: somebody staged something else.
    Neither,
}

impl SwitchedPath {
    /// Whether what is there was left by the cut switch, so that the path can be taken back and nobody loses anything.
    pub fn is_ours(self) -> bool {
        match (self.index, self.lies) {
            // Staged by a person.
            (IndexSide::Neither, _) => false,
            // git removes a file before it writes the new one.
            (IndexSide::Left, Lies::Nothing) => self.was_there,
            (IndexSide::Reached, Lies::Nothing) => self.was_there || self.would_be_there,
            // git had refused to begin, had it lain there before.
            (IndexSide::Left | IndexSide::Reached, Lies::Brought) => {
                self.written_since && (self.was_there || self.would_be_there)
            }
            (IndexSide::Left | IndexSide::Reached, Lies::Other) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDES: [IndexSide; 3] = [IndexSide::Left, IndexSide::Reached, IndexSide::Neither];
    const LYING: [Lies; 3] = [Lies::Nothing, Lies::Brought, Lies::Other];

    fn all() -> impl Iterator<Item = SwitchedPath> {
        let flags = [(false, false), (false, true), (true, false), (true, true)];
        let sides = SIDES.into_iter().flat_map(|index| LYING.into_iter().map(move |lies| (index, lies)));
        sides.flat_map(move |(index, lies)| {
            flags.into_iter().flat_map(move |(was_there, would_be_there)| {
                let path = SwitchedPath { was_there, would_be_there, lies, written_since: false, index };
                [path, SwitchedPath { written_since: true, ..path }]
            })
        })
    }

    #[test]
    fn what_git_cannot_have_brought_is_never_ours() {
        for path in all().filter(|path| path.is_ours()) {
            assert_ne!(path.lies, Lies::Other, "{path:?}: other content");
            assert_ne!(path.index, IndexSide::Neither, "{path:?}: staged by somebody");
            assert!(path.lies == Lies::Nothing || path.written_since, "{path:?}: it lay there before");
            assert!(path.was_there || path.would_be_there, "{path:?}: on neither side");
        }
    }

    #[test]
    fn what_git_brought_or_took_away_is_ours() {
        let path = |was_there, would_be_there, lies, index| SwitchedPath {
            was_there,
            would_be_there,
            lies,
            written_since: true,
            index,
        };
        for ours in [
            path(true, true, Lies::Brought, IndexSide::Left),
            path(false, true, Lies::Brought, IndexSide::Left),
            path(true, true, Lies::Nothing, IndexSide::Left),
            path(true, false, Lies::Nothing, IndexSide::Left),
            path(true, true, Lies::Brought, IndexSide::Reached),
            path(true, false, Lies::Nothing, IndexSide::Reached),
        ] {
            assert!(ours.is_ours(), "{ours:?}");
        }
        // Not brought yet: there is nothing to take back.
        assert!(!path(false, true, Lies::Nothing, IndexSide::Left).is_ours());
    }
}
