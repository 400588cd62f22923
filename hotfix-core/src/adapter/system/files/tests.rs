use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::*;

fn work_tree() -> (TempDir, WorkTreeFiles) {
    let top = tempfile::tempdir().unwrap();
    let files = WorkTreeFiles::new(top.path().to_path_buf());
    (top, files)
}

/// The error and its cause, as a person reads them.
fn told<T: std::fmt::Debug>(result: Result<T, PortError>) -> String {
    let error = result.unwrap_err();
    format!("{}: {} ({:?})", error.doing, error.source.as_ref().unwrap(), error.kind)
}

/// Everything under a folder, sorted.
fn listing(top: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![top.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            found.push(entry.path().strip_prefix(top).unwrap().display().to_string());
            if entry.file_type().unwrap().is_dir() {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn reads_what_is_there_and_nothing_where_there_is_nothing() {
    let (top, files) = work_tree();
    fs::create_dir(top.path().join("docs")).unwrap();
    fs::write(top.path().join("docs/STATUS.md"), "fine\n").unwrap();
    assert_eq!(files.read("docs/STATUS.md").unwrap().unwrap(), b"fine\n");
    assert_eq!(files.read("./docs//STATUS.md").unwrap().unwrap(), b"fine\n");
    assert_eq!(files.read("docs/OTHER.md").unwrap(), None);
    assert_eq!(files.read("no/such/folder.md").unwrap(), None);
}

#[test]
fn writes_a_new_file_with_its_folders_and_leaves_nothing_else() {
    let (top, files) = work_tree();
    files.write("docs/planning/STATUS.md", None, b"one\n").unwrap();
    files.write("docs/planning/STATUS.md", Some(b"one\n"), b"two\n").unwrap();
    assert_eq!(listing(top.path()), ["docs", "docs/planning", "docs/planning/STATUS.md"]);
    assert_eq!(files.read("docs/planning/STATUS.md").unwrap().unwrap(), b"two\n");
}

#[test]
fn keeps_the_permissions() {
    let (top, files) = work_tree();
    let path = top.path().join("run.sh");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o751)).unwrap();
    files.write("run.sh", Some(b"old"), b"new").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o751);
}

#[test]
fn removes_a_file_and_the_folders_that_become_empty() {
    let (top, files) = work_tree();
    files.write("docs/keep.md", None, b"").unwrap();
    files.write("docs/a/b/gone.md", None, b"x").unwrap();
    files.remove("docs/a/b/gone.md", b"x").unwrap();
    assert_eq!(listing(top.path()), ["docs", "docs/keep.md"]);
    files.remove("docs/keep.md", b"").unwrap();
    assert_eq!(listing(top.path()), Vec::<String>::new());
    assert!(top.path().exists());
}

#[test]
fn refuses_to_replace_or_remove_what_somebody_changed() {
    let (top, files) = work_tree();
    fs::write(top.path().join("a.md"), "theirs").unwrap();
    let changed = "`a.md`: somebody changed it meanwhile (Retry)";
    assert_eq!(told(files.write("a.md", Some(b"ours"), b"new")), format!("write {changed}"));
    assert_eq!(told(files.write("a.md", None, b"new")), format!("write {changed}"));
    assert_eq!(told(files.remove("a.md", b"ours")), format!("remove {changed}"));
    assert_eq!(told(files.write("new/b.md", Some(b"was there"), b"new")).split(':').next(), Some("write `new/b.md`"));
    assert_eq!(told(files.remove("new/b.md", b"")).split(':').next(), Some("remove `new/b.md`"));
    assert_eq!(fs::read(top.path().join("a.md")).unwrap(), b"theirs");
    assert_eq!(listing(top.path()), ["a.md"]);
}

#[test]
fn notices_a_change_between_reading_and_renaming() {
    let (top, files) = work_tree();
    let path = top.path().join("a.md");
    fs::write(&path, "old").unwrap();
    let result = files.replace("a.md", Some(b"old"), b"new", || fs::write(&path, "theirs").unwrap());
    assert!(matches!(result, Err(FileProblem::Changed)), "{result:?}");
    assert_eq!(fs::read(&path).unwrap(), b"theirs");

    let created = top.path().join("docs/b.md");
    let result = files.replace("docs/b.md", None, b"new", || fs::write(&created, "theirs").unwrap());
    assert!(matches!(result, Err(FileProblem::Changed)), "{result:?}");
    assert_eq!(listing(top.path()), ["a.md", "docs", "docs/b.md"]);
}

#[test]
fn leaves_no_folder_of_a_write_that_failed() {
    let (top, files) = work_tree();
    let long = format!("docs/a/{}", "x".repeat(300));
    assert!(told(files.write(&long, None, b"new")).ends_with("(Precondition)"));
    assert_eq!(listing(top.path()), Vec::<String>::new());
}

#[test]
fn refuses_a_folder_that_is_a_link_and_leaves_its_target_alone() {
    let (top, files) = work_tree();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("STATUS.md"), "theirs").unwrap();
    symlink(outside.path(), top.path().join("docs")).unwrap();
    let refused = "`docs/STATUS.md`: `docs` is a symbolic link (Precondition)";
    assert_eq!(told(files.read("docs/STATUS.md")), format!("read {refused}"));
    assert_eq!(told(files.write("docs/STATUS.md", Some(b"theirs"), b"ours")), format!("write {refused}"));
    assert_eq!(told(files.remove("docs/STATUS.md", b"theirs")), format!("remove {refused}"));
    assert!(files.write("docs/new/deep.md", None, b"ours").is_err());
    assert_eq!(listing(outside.path()), ["STATUS.md"]);
    assert_eq!(fs::read(outside.path().join("STATUS.md")).unwrap(), b"theirs");
}

#[test]
fn refuses_a_file_that_is_a_link_even_inside_the_work_tree() {
    let (top, files) = work_tree();
    fs::write(top.path().join("real.md"), "text").unwrap();
    symlink("real.md", top.path().join("link.md")).unwrap();
    symlink("nowhere", top.path().join("dangling.md")).unwrap();
    for name in ["link.md", "dangling.md"] {
        let refused = format!("`{name}`: `{name}` is a symbolic link (Precondition)");
        assert_eq!(told(files.read(name)), format!("read {refused}"));
        assert_eq!(told(files.write(name, None, b"x")), format!("write {refused}"));
    }
    assert_eq!(fs::read(top.path().join("real.md")).unwrap(), b"text");
}

#[test]
fn does_not_wait_for_the_other_end_of_a_pipe() {
    let (top, files) = work_tree();
    let pipe = top.path().join("STATUS.md");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        send.send(told(files.read("STATUS.md"))).unwrap();
        send.send(told(files.write("STATUS.md", None, b"x"))).unwrap();
    });
    let soon = Duration::from_secs(10);
    let refused = "`STATUS.md`: `STATUS.md` is no regular file (Precondition)";
    assert_eq!(receive.recv_timeout(soon).unwrap(), format!("read {refused}"));
    assert_eq!(receive.recv_timeout(soon).unwrap(), format!("write {refused}"));
}

#[test]
fn refuses_folders_and_files_in_each_others_place() {
    let (top, files) = work_tree();
    fs::create_dir(top.path().join("docs")).unwrap();
    fs::write(top.path().join("README"), "").unwrap();
    assert_eq!(told(files.read("docs")), "read `docs`: `docs` is no regular file (Precondition)");
    assert_eq!(told(files.read("README/x.md")), "read `README/x.md`: `README` is no folder (Precondition)");
}

#[test]
fn refuses_paths_out_of_the_work_tree() {
    let (_top, files) = work_tree();
    for path in ["../x", "docs/../../x", "docs/../x", "/etc/hosts", "", ".", ".."] {
        let told = told(files.write(path, None, b"x"));
        assert_eq!(told, format!("write `{path}`: the path leads out of the work tree (Precondition)"));
    }
    assert!(told(files.read("nul\0byte")).ends_with("(Precondition)"));
}

#[test]
fn refuses_git_folders_in_any_spelling() {
    let (top, files) = work_tree();
    let spellings = [
        ".git",
        ".GIT",
        ".Git",
        "git~1",
        "GIT~1",
        ".git.",
        ".git ",
        ".git . .",
        ".git::$INDEX_ALLOCATION",
        ".g\u{200c}it",
    ];
    for name in spellings {
        for path in
            [format!("{name}/hooks/pre-push"), format!("sub/{name}/config"), name.to_owned(), format!("a\\{name}\\x")]
        {
            let told = told(files.write(&path, None, b"x"));
            assert!(told.ends_with("the path leads into git's own folder (Precondition)"), "{told}");
        }
    }
    assert_eq!(listing(top.path()), Vec::<String>::new());
    for name in [".github/x", ".gitignore", "git", ".git-blame-ignore-revs", "my.git/x"] {
        assert_eq!(files.read(name).unwrap(), None, "{name}");
    }
}

#[test]
fn refuses_what_is_too_large() {
    let (top, files) = work_tree();
    let file = fs::File::create(top.path().join("big.md")).unwrap();
    file.set_len(LARGEST as u64).unwrap();
    assert_eq!(files.read("big.md").unwrap().unwrap().len(), LARGEST);
    file.set_len(LARGEST as u64 + 1).unwrap();
    assert_eq!(told(files.read("big.md")), "read `big.md`: it is larger than 16 MiB (Precondition)");
    let huge = vec![0; LARGEST + 1];
    assert!(matches!(files.replace("new.md", None, &huge, || ()), Err(FileProblem::TooLarge)));
}
