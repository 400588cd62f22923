//! A small disk under a clone, which can be full: a file system in memory that is made smaller for a while.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// More than a soak of thousands of commands needs.
const MIB: usize = 2048;

/// Where the first clone and its work trees lie.
pub(super) struct Disk {
    folder: PathBuf,
    is_mounted: bool,
}

impl Disk {
    /// Mounts it where that is allowed, and says which it is.
    pub(super) fn mount(folder: &Path) -> Self {
        std::fs::create_dir(folder).expect("the sandbox is ours");
        let is_mounted =
            run(Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={MIB}m"), "none"]).arg(folder));
        if is_mounted {
            println!("full disks: a file system in memory, made smaller");
        } else {
            eprintln!("full disks: nothing can be mounted here, so file size limits and failing writes stand for them");
        }
        Self { folder: folder.to_owned(), is_mounted }
    }

    /// Whether it can be full, and this lies on it.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.is_mounted && path.starts_with(&self.folder)
    }

    /// Does something while only so much room is left.
    pub(super) fn filled<T>(&self, kib: usize, act: impl FnOnce() -> T) -> T {
        let used = Command::new("df").args(["--output=used", "-k"]).arg(&self.folder).output().expect("df is there");
        let used =
            String::from_utf8_lossy(&used.stdout).lines().nth(1).and_then(|line| line.trim().parse::<usize>().ok());
        let room = used.expect("it tells") + kib;
        assert!(self.resize(&format!("{room}k")), "the disk cannot be made smaller");
        let done = act();
        assert!(self.resize(&format!("{MIB}m")), "the disk cannot be made larger again");
        done
    }

    fn resize(&self, size: &str) -> bool {
        run(Command::new("mount").args(["-o", &format!("remount,size={size}")]).arg(&self.folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            run(Command::new("umount").arg("--lazy").arg(&self.folder));
        }
    }
}

fn run(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
