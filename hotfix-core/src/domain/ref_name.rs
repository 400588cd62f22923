//! Names of branches and refs.

use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::names::as_text;

/// Where branches are among the refs.
const HEADS: &str = "refs/heads/";

/// Where tags are among the refs.
const TAGS: &str = "refs/tags/";

/// A name that git gives to no branch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name of a branch")]
pub struct InvalidBranchName(String);

/// The name of a branch, without `refs/heads/`.
///
/// ```
/// use hotfix_core::domain::BranchName;
/// let branch: BranchName = "release/1.4".parse()?;
/// assert_eq!(branch.full().as_str(), "refs/heads/release/1.4");
/// assert!("a..b".parse::<BranchName>().is_err());
/// # Ok::<(), hotfix_core::domain::InvalidBranchName>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BranchName(String);

/// The full name of a ref: `refs/heads/main`.
///
/// ```
/// use hotfix_core::domain::RefName;
/// let name = RefName::of_branch("main");
/// assert_eq!(name.to_string(), "refs/heads/main");
/// assert_eq!(RefName::branch_in(&name), Some("main"));
/// assert_eq!(RefName::branch_in("refs/tags/v1"), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RefName(String);

impl BranchName {
    /// The branch's ref.
    pub fn full(&self) -> RefName {
        RefName::of_branch(&self.0)
    }
}

impl FromStr for BranchName {
    type Err = InvalidBranchName;

    fn from_str(name: &str) -> Result<Self, InvalidBranchName> {
        // The rules of `git check-ref-format --branch`; the hyphen is for programs that would take it for an option.
        let is_plain = |character: char| {
            !character.is_ascii_control() && !matches!(character, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\')
        };
        let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
        let is_good = name.chars().all(is_plain)
            && name.split('/').all(is_part)
            && !name.starts_with('-')
            && !name.ends_with('.')
            && !name.contains("..")
            && !name.contains("@{");
        if is_good { Ok(Self(name.to_owned())) } else { Err(InvalidBranchName(name.chars().take(80).collect())) }
    }
}

impl RefName {
    /// The ref of a branch that is called so.
    pub fn of_branch(branch: &str) -> Self {
        Self(format!("{HEADS}{branch}"))
    }

    /// The ref of a tag that is called so.
    pub fn of_tag(tag: &str) -> Self {
        Self(format!("{TAGS}{tag}"))
    }

    /// The ref that tells where a remote's branch was when it was last fetched.
    pub fn tracking(remote: &str, branch: &str) -> Self {
        Self(format!("refs/remotes/{remote}/{branch}"))
    }

    /// The branch whose ref this is; `None` for tags and all else.
    pub fn branch_in(name: &str) -> Option<&str> {
        name.strip_prefix(HEADS)
    }

    /// A ref as people name it: without `refs/heads/` or `refs/tags/`.
    pub fn short_in(name: &str) -> &str {
        Self::branch_in(name).or_else(|| name.strip_prefix(TAGS)).unwrap_or(name)
    }
}

macro_rules! equals_text {
    ($name:ident, $($text:ty),*) => {$(
        impl PartialEq<$text> for $name {
            fn eq(&self, other: &$text) -> bool {
                let other: &str = other.as_ref();
                self.as_str() == other
            }
        }

        impl PartialEq<$name> for $text {
            fn eq(&self, other: &$name) -> bool {
                other == self
            }
        }
    )*};
}

macro_rules! names {
    ($($name:ident),*) => {$(
        as_text!($name);

        impl $name {
            /// A name that git has given, or that a record holds: it is not looked at again.
            pub fn known(name: impl Into<String>) -> Self {
                Self(name.into())
            }
        }

        // Most of git's interfaces take text; a name is that, and more.
        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        equals_text!($name, str, &str, String);
    )*};
}

names!(BranchName, RefName);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_git_refuses_are_none() {
        for name in ["", "a b", "a..b", "a/", "/a", "a//b", ".a", "a/.b", "a.lock", "a.", "a@{1}", "a~1", "-a", "a\\b"]
        {
            assert_eq!(name.parse::<BranchName>(), Err(InvalidBranchName(name.to_owned())));
        }
        for name in ["main", "release/1.x", "hotfix/login-fails", "@", "é", "a.lock.b"] {
            assert!(name.parse::<BranchName>().is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_is_stored_as_its_text() {
        let branch: BranchName = serde_json::from_str("\"release/1\"").unwrap();
        assert_eq!(serde_json::to_string(&branch).unwrap(), "\"release/1\"");
        assert_eq!(serde_json::to_string(&branch.full()).unwrap(), "\"refs/heads/release/1\"");
    }

    proptest! {
        #[test]
        fn a_branch_is_found_in_its_ref(name in "[a-z./-]{1,12}") {
            let full = RefName::of_branch(&name);
            prop_assert_eq!(RefName::branch_in(&full), Some(name.as_str()));
        }

        #[test]
        #[cfg(feature = "git")]
        fn git_takes_the_same_names(name in "[a-c./@{~^:*?\\[\\\\ \u{7f}\u{e9}-]{0,8}|[a-c]{1,3}(/|\\.lock|\\.)[a-c]{0,3}") {
            let full = RefName::of_branch(&name);
            let takes = gix::validate::reference::name(full.as_str().into()).is_ok() && !name.starts_with('-');
            prop_assert_eq!(name.parse::<BranchName>().is_ok(), takes, "{}", name);
        }
    }
}
