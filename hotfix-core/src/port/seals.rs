//! Who stands for the commits of a ledger, by their signatures.

/// What the signature of a commit is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seal {
    /// A good one.
    Good,
    /// Nobody signed it.
    Absent,
    /// A good one by a key that ran out since, or was not valid yet.
    RanOut,
    /// A good one by a key that nobody here vouches for, or that is not here.
    Stranger,
    /// It does not belong to the commit, or its key was revoked.
    Bad,
    /// It could not be checked: what checks it is not set up.
    Unchecked,
}

/// A commit of a ledger and its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCommit {
    /// The commit.
    pub commit: String,
    /// Its signature.
    pub seal: Seal,
    /// Who signed it: a name, else the fingerprint of the key; empty where nobody did.
    pub signer: String,
}
