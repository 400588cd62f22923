//! Edits the files in which people keep their records: the status page and the list of technical debt.
//!
//! Bytes in, bytes out: all that is not ours stays as it is, byte by byte. What is ours carries an invisible marker, so
//! that an edit made again changes nothing. Reading and writing the files is not done here.

mod outline;
mod splice;
mod status;
mod table;
mod tech_debt;

pub use status::{RecordedOutcome, StatusEntry, last_history_row, status_file};
pub use tech_debt::{DebtEntry, tech_debt_file};

/// The largest file that is edited, in bytes.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A file that cannot be edited without damage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to {}", self.doing())]
#[non_exhaustive]
pub enum EditError {
    /// It is not text as we know it.
    NotUtf8 {
        /// How many bytes before it are fine.
        at: usize,
    },
    /// It is too large to be a page that people keep.
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Our text would land inside something else: an open fence, an open comment, a quotation.
    Swallowed {
        /// What was to be placed.
        what: String,
    },
}

impl EditError {
    /// What could not be done and why, a lower-case fragment that fits "failed to …".
    pub fn doing(&self) -> String {
        match self {
            Self::NotUtf8 { at } => format!("edit a file that is not UTF-8 (first bad byte at {at})"),
            Self::TooLarge { bytes } => format!("edit a file of {bytes} bytes, more than {MAX_BYTES}"),
            Self::Swallowed { what } => format!("place `{what}`, because of an unclosed fence or comment before it"),
        }
    }
}

fn text_of(old: Option<&[u8]>) -> Result<&str, EditError> {
    let bytes = old.unwrap_or_default();
    if bytes.len() > MAX_BYTES {
        return Err(EditError::TooLarge { bytes: bytes.len() });
    }
    std::str::from_utf8(bytes).map_err(|error| EditError::NotUtf8 { at: error.valid_up_to() })
}

#[cfg(test)]
mod tests;
