//! Signatures of the ledger's commits, as git's own program judges them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::port::{PortError, Seal, SealedCommit};

use crate::adapter::git::GitRepository;
use crate::adapter::git::child::GitRun;
use crate::adapter::git::convert::lossy;

/// One line a commit: its id, git's letter, the fingerprint of the key, the signer.
const FORMAT: &str = "--format=%H%x09%G?%x09%GF%x09%GS";

/// The commits of a ledger at a tip, newest first, without those of another one.
pub(super) fn read(git: &GitRepository, tip: &str, since: Option<&str>) -> Result<Vec<SealedCommit>, PortError> {
    let run = GitRun::new("check the signatures of the ledger", ["log", "--no-show-signature", "--no-mailmap", FORMAT])
        .arguments(["--end-of-options", tip])
        .arguments(since.map(|since| format!("^{since}")))
        .reading();
    let answer = git.output(&run)?;
    let lines: Vec<Vec<String>> =
        lossy(answer.as_slice()).lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
    // Asked only where a key is in question: git says of one that ran out what it says of a stranger's.
    let mut vouched_for = None;
    let sealed = lines.iter().filter_map(|line| {
        let [commit, letter, key, signer] = line.as_slice() else { return None };
        let is_ssh = key.starts_with("SHA256:");
        let seal = match letter.as_str() {
            "G" => Seal::Good,
            "N" if is_signed(git, commit) => Seal::Unchecked,
            "N" => Seal::Absent,
            "U" if is_ssh && !vouched_for.get_or_insert_with(|| allowed_keys(git)).contains(key) => Seal::Stranger,
            "X" | "Y" => Seal::RanOut,
            "U" if is_ssh => Seal::RanOut,
            // Of gpg: good, and nobody said how far the key is trusted.
            "U" => Seal::Good,
            "E" => Seal::Stranger,
            _ => Seal::Bad,
        };
        let signer = if signer.is_empty() { key } else { signer };
        Some(SealedCommit { commit: commit.clone(), seal, signer: signer.clone() })
    });
    Ok(sealed.collect())
}

/// Whether a commit carries a signature at all: git says the same of one without and of one that it cannot check.
fn is_signed(git: &GitRepository, commit: &str) -> bool {
    let Ok(id) = gix::ObjectId::from_hex(commit.as_bytes()) else { return false };
    let Ok(found) = git.reads.find_commit(id) else { return false };
    found.decode().is_ok_and(|commit| commit.extra_headers().pgp_signature().is_some())
}

/// The fingerprints of the keys that the user vouches for, whenever that was or will be.
fn allowed_keys(git: &GitRepository) -> Vec<String> {
    let run = GitRun::new("find the allowed signers", ["config", "--path", "gpg.ssh.allowedSignersFile"]).reading();
    let Ok(path) = git.output(&run) else { return Vec::new() };
    let Ok(signers) = std::fs::read(lossy(path.as_slice()).trim_end()) else { return Vec::new() };
    lossy(signers.as_slice()).lines().filter_map(fingerprint).collect()
}

/// The fingerprint of the key on a line of allowed signers, as ssh writes it.
fn fingerprint(line: &str) -> Option<String> {
    let is_kind = |word: &&str| ["ssh-", "ecdsa-", "sk-"].iter().any(|kind| word.starts_with(kind));
    let mut words = line.trim_start().split_ascii_whitespace().filter(|_| !line.trim_start().starts_with('#'));
    // The principals come first, and may be called anything.
    words.next()?;
    words.find(is_kind)?;
    let key = STANDARD.decode(words.next()?).ok()?;
    Some(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_fingerprint_that_ssh_prints() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1Gm6KUTPqvQnxKbcgJgtuZyyqWVPJgbCPxQsPQ7Lze ada";
        let plain = fingerprint(&format!("ada@example.org {key}"));
        assert!(plain.as_ref().is_some_and(|print| print.starts_with("SHA256:") && print.len() == 50), "{plain:?}");
        let until = format!("ada@example.org namespaces=\"git\",valid-before=\"20250101\" {key}");
        assert_eq!(fingerprint(&until), plain);
        assert_eq!(fingerprint(&format!("# ada {key}")), None);
        assert_eq!(fingerprint("ada@example.org ssh-ed25519 ?"), None);
    }
}
