//! Commits and tags by the person's settings, signed by git; refs as their format has them moved, durably.

use std::ffi::OsStr;
use std::io::Write as _;

use crate::domain::{ObjectId, RefName};
use crate::port::{Author, NewCommit, PortError, RefUpdate, RefsWrite};

use super::child::{GitRun, LOCAL_DEADLINE};
use super::convert::{failed, lossy, object_id};
use super::{GitRepository, unsigned};

/// The settings by which a tag is written and signed. Scopes of the machine and the person hold in the throw-away repository
/// too; here they stand again, and after what the repository says.
const TAGGING: [&str; 5] = ["user.", "committer.", "gpg.", "tag.", "i18n."];

impl RefsWrite for GitRepository {
    fn commit(&self, commit: &NewCommit) -> Result<ObjectId, PortError> {
        let doing = "write the commit";
        self.keep(&commit.tree)?;
        if let Some(written) = unsigned::commit(self, commit)? {
            return Ok(written);
        }
        // By a file: standard input is the terminal's, for pinentry.
        let mut message = tempfile::NamedTempFile::new().map_err(failed(doing))?;
        message.write_all(commit.message.as_bytes()).map_err(failed(doing))?;
        // `commit-tree` does not read `commit.gpgSign`; only `commit` does.
        let signs = self.reads.config_snapshot().boolean("commit.gpgSign").unwrap_or_default();
        let author = commit.author.iter().flat_map(|Author { name, email, date }| {
            let date = format!("@{date}"); // Without the sign small numbers would be read as calendar dates.
            [("GIT_AUTHOR_NAME", name.clone()), ("GIT_AUTHOR_EMAIL", email.clone()), ("GIT_AUTHOR_DATE", date)]
        });
        // Our messages are UTF-8, whatever encoding the person has set for theirs.
        let run = GitRun::new(doing, ["-c", "i18n.commitEncoding=UTF-8", "commit-tree"]);
        let run = author
            .fold(run, |run, (name, value)| run.variable(name, value))
            .arguments(signs.then_some("-S"))
            .arguments(commit.parents.iter().flat_map(|parent| ["-p", parent.as_str()]))
            .arguments([OsStr::new("-F"), message.path().as_os_str(), OsStr::new(commit.tree.as_str())])
            .elsewhere()
            .asking(LOCAL_DEADLINE);
        object_id(&self.output(&run)?, doing)
    }

    /// `git tag` makes a ref at once, so it works in a throw-away repository that has our objects and settings.
    #[expect(clippy::disallowed_methods, reason = "the folder is of our own, and gone after this")]
    fn annotated_tag(&self, name: &str, commit: &ObjectId, message: &str) -> Result<ObjectId, PortError> {
        if let Some(written) = unsigned::tag(self, name, commit, message)? {
            return Ok(written);
        }
        let doing = format!("write the tag {name}");
        let folder = tempfile::tempdir().map_err(failed(&doing))?;
        let git_dir = folder.path().join("git");
        for part in ["objects", "refs"] {
            std::fs::create_dir_all(git_dir.join(part)).map_err(failed(&doing))?;
        }
        // git knows a repository by `HEAD`, `objects` and `refs`; the branch need not exist.
        std::fs::write(git_dir.join("HEAD"), "ref: refs/heads/none\n").map_err(failed(&doing))?;
        let format = self.layout.format.objects.name();
        let config = format!("[core]\n\trepositoryFormatVersion = 1\n[extensions]\n\tobjectFormat = {format}\n");
        std::fs::write(git_dir.join("config"), config).map_err(failed(&doing))?;
        let text = folder.path().join("message");
        std::fs::write(&text, message).map_err(failed(&doing))?;
        // Settings may hang on where the repository is (`includeIf`, `config.worktree`), so they are read there.
        let read = GitRun::new(&doing, ["config", "--list", "--includes", "-z"]).reading();
        let settings = lossy(&self.output(&read)?);
        let settings: Vec<(&str, &str)> = settings
            .split_terminator('\0')
            .map(|setting| setting.split_once('\n').unwrap_or((setting, "true")))
            .filter(|(name, _)| TAGGING.iter().any(|section| name.starts_with(section)))
            .collect();
        let top = self.layout.work_tree.as_ref().unwrap_or(&self.layout.git_dir);
        let within = |arguments: &[&str]| {
            let run = GitRun::new(&doing, arguments)
                .variable("GIT_DIR", &git_dir)
                .variable("GIT_OBJECT_DIRECTORY", self.layout.common_dir.join("objects"))
                .variable("GIT_CONFIG_COUNT", settings.len().to_string())
                .within(Some(top))
                .elsewhere();
            (0..).zip(&settings).fold(run, |run, (number, (name, value))| {
                run.variable(format!("GIT_CONFIG_KEY_{number}"), name)
                    .variable(format!("GIT_CONFIG_VALUE_{number}"), value)
            })
        };
        // With `--annotate`, `tag.forceSignAnnotated` would not count.
        let tag = within(&["-c", "core.bare=true", "tag", "--cleanup=verbatim", "--file"])
            .arguments([&text])
            .arguments(["--end-of-options", name, commit.as_str()])
            .asking(LOCAL_DEADLINE);
        self.output(&tag)?;
        object_id(&self.output(&within(&["rev-parse", "--verify", RefName::of_tag(name).as_str()]))?, &doing)
    }

    fn rehearse_signing(&self) -> Result<(), PortError> {
        let doing = "sign a commit";
        // What is signed for a try is written elsewhere, and leaves no object behind.
        let objects = tempfile::tempdir().map_err(failed(doing))?;
        // git knows it without storing it.
        let empty_tree = gix::ObjectId::empty_tree(self.reads.object_hash()).to_string();
        let run = GitRun::new(doing, ["commit-tree", "-S", "-m", "rehearsal", &empty_tree])
            .variable("GIT_OBJECT_DIRECTORY", objects.path())
            .elsewhere()
            .asking(LOCAL_DEADLINE);
        self.output(&run).map(drop)
    }

    fn version(&self) -> Result<String, PortError> {
        if let Some(known) = self.memory.version.get() {
            return Ok(known.clone());
        }
        let answer = lossy(&self.output(&GitRun::new("ask git for its version", ["version"]).reading())?);
        let text = crate::domain::one_line(answer.trim());
        let version = text.strip_prefix("git version ").unwrap_or(&text).to_owned();
        Ok(self.memory.version.get_or_init(|| version).clone())
    }

    fn update_refs(&self, updates: &[RefUpdate], why: &str) -> Result<(), PortError> {
        Ok(self.refs.swap_all(self, updates, why)?)
    }
}
