//! What many tests begin with, made once in a run of them.

use std::fs;
use std::os::unix::fs::symlink;

use crate::sandbox::PROGRAMS;
use crate::template::Template;
use crate::{Memory, Repo, Sample, Sandbox};

/// A repository, its remote and what lies beside them.
struct Made {
    folder: String,
    sample: Option<Sample>,
    template: Template,
}

impl Made {
    fn of(repo: &Repo<'_>) -> Self {
        let root = repo.sandbox().root();
        let folder = repo.folder().strip_prefix(root).expect("it lies in its sandbox");
        let template = Template::of(root, repo.sandbox().made_in_it().iter().map(String::as_str));
        template.assert_movable();
        Self { folder: folder.to_string_lossy().into_owned(), sample: repo.sample(), template }
    }
}

impl Sandbox {
    /// What `make` makes, made once for each name in a sandbox of its own, and copied here. The name says all that `make`
    /// depends on. Incidents in it have the same id in each copy.
    pub fn made(&self, name: &str, make: impl for<'t> FnOnce(&'t Sandbox) -> Repo<'t>) -> Repo<'_> {
        static MADE: Memory<Made> = Memory::new();
        if !self.is_plain() {
            return make(self);
        }
        let made = MADE.once(name, || Made::of(&make(&self.another())));
        made.template.write(self.root());
        Repo::new(self, self.root().join(&made.folder)).of_sample(made.sample)
    }

    /// A new one with the same programs.
    fn another(&self) -> Self {
        let another = Self::without_programs();
        for program in PROGRAMS {
            let to = fs::read_link(self.root().join(program)).expect("it was made with them");
            symlink(to, another.root().join(program)).expect("the folder is ours");
        }
        another
    }
}
