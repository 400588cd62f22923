//! The user's editor, started by git as it does for commit messages.

use std::fs::File;
use std::io::ErrorKind::NotFound;
use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::port::{Editor, ErrorKind, PortError};

use super::GitRepository;
use super::child::GitRun;
use super::convert::failed;
use super::trouble;

/// So long may a text be: what is longer is no answer, but evidence.
const MAX_BYTES: u64 = 64 * 1024;

impl Editor for GitRepository {
    fn edit(&self, path: &str) -> Result<(), PortError> {
        let top = self.top("edit a file")?.to_owned();
        show(self, format!("edit {path}"), &top.join(path))
            .map_err(|error| error.hint(format!("{path} is as your editor left it; the same command goes on")))
    }

    fn compose(&self, name: &str, text: &str) -> Result<String, PortError> {
        let doing = "ask for a text in your editor";
        let path = self.layout.git_dir.join(name);
        let mut file = tempfile::NamedTempFile::new_in(&self.layout.git_dir).map_err(failed(doing))?;
        file.write_all(text.as_bytes()).map_err(|error| trouble::unwritten(doing, error))?;
        // Renamed into place: what lay there may be a link.
        file.persist(&path).map_err(|error| trouble::unwritten(doing, error.error))?;
        let kept = |error: PortError| match std::fs::read(&path) {
            Ok(left) if left == text.as_bytes() => error,
            Err(why) if why.kind() == NotFound => error,
            _ => error.hint(format!("what you wrote is in {}", path.display())),
        };
        show(self, doing.to_owned(), &path).map_err(kept)?;
        read(&path, doing).map_err(kept)
    }
}

fn show(git: &GitRepository, doing: String, file: &Path) -> Result<(), PortError> {
    // git knows the user's editor, and starts it as it does for commit messages. A shell of its own complains by its name.
    let run = GitRun::new(doing, ["-c", r#"alias.hotfix-edit=!sh -c 'eval "$(git var GIT_EDITOR) \"\$@\""' editor"#])
        .arguments(["hotfix-edit"])
        .arguments([file])
        .taking_the_screen();
    git.output(&run).map(drop).map_err(|error| error.hint("git var GIT_EDITOR   # names the editor that was started"))
}

fn read(path: &Path, doing: &str) -> Result<String, PortError> {
    let refused = |why: &str| PortError::new(ErrorKind::Usage, doing, why);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| match error.kind() {
        NotFound => refused("the file was removed in it, so there is no text"),
        _ => failed(doing)(error),
    })?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed(doing))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refused("it is longer than 64 KiB; attach what is that long"));
    }
    String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))
}
