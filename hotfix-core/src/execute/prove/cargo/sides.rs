//! Where the two sides are: the fix where the user works, the base in a folder of our own.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::domain::event::Ending;
use crate::domain::{ObjectId, Profile, sha256_hex};
use crate::execute::prove::Result;
use crate::port::{Invocation, ScratchFolder};
use crate::workflow::{Code, Refusal};

use super::CargoProver;
use super::side::CargoSide;

/// Asking the compiler about itself takes no longer.
const DEADLINE: Duration = Duration::from_secs(60);

impl<'a> CargoProver<'a> {
    /// Where the user works; built where no other work tree builds.
    pub(super) fn fix(&self, own: Option<&ScratchFolder>, profile: Profile) -> CargoSide<'a> {
        let top = self.scene.act.processes.top();
        self.side("with the fix", profile, top, own.map(|scratch| scratch.target.clone()), Vec::new())
    }

    /// The base, where it is laid out.
    pub(super) fn base(&self, scratch: &ScratchFolder, profile: Profile) -> CargoSide<'a> {
        let top = self.scene.act.processes.top();
        // Cargo reads `.cargo/config.toml` of every folder above; the base lies elsewhere.
        let above = top
            .ancestors()
            .skip(1)
            .flat_map(|folder| ["config.toml", "config"].map(|name| folder.join(".cargo").join(name)));
        let configs = above.filter(|path| self.scene.act.scratch.built(path).is_some());
        // What lies above both is read there too.
        let configs = configs.filter(|path| {
            let folder = path.parent().and_then(Path::parent);
            !folder.is_some_and(|folder| scratch.tree.starts_with(folder))
        });
        let (tree, target) = (scratch.tree.clone(), Some(scratch.target.clone()));
        self.side("on production", profile, tree, target, configs.take(1).collect())
    }

    fn side(
        &self,
        name: &'static str,
        profile: Profile,
        top: PathBuf,
        target: Option<PathBuf>,
        configs: Vec<PathBuf>,
    ) -> CargoSide<'a> {
        let own = self.scene.act.processes.top();
        // A workspace may lie below the top of the work tree; it does on both sides.
        let below = Path::new(&self.workspace.root).strip_prefix(&own).unwrap_or(Path::new("")).to_owned();
        // Test programs of procedural macros link to the compiler's own libraries.
        let ask = || self.ask(&["rustc", "--print", "sysroot"]).ok().map(|text| text.trim().to_owned());
        let sysroot = self.sysroot.get_or_init(ask).clone();
        let (scene, request, workspace) = (self.scene, self.request, self.workspace);
        let is_base = top != own;
        let capper = Rc::clone(&self.capper);
        CargoSide { scene, request, workspace, profile, name, is_base, top, below, target, configs, capper, sysroot }
    }

    /// The base with the tests of the fix, laid out.
    pub(super) fn lay_out_base(&self, scratch: &ScratchFolder, profile: Profile) -> Result<CargoSide<'a>> {
        self.scene.say(&format!("lay out {} with the tests of the fix", self.request.base.short()));
        self.lay_out(scratch, &self.request.with_tests)?;
        Ok(self.base(scratch, profile))
    }

    pub(super) fn lay_out(&self, scratch: &ScratchFolder, tree: &ObjectId) -> Result<()> {
        self.scene.act.git.lay_out(&scratch.tree, tree, &self.request.base)?;
        for (path, content) in &self.request.provided {
            self.scene.act.scratch.provide(scratch, path, content)?;
        }
        Ok(())
    }

    pub(super) fn seed(&self, base: &CargoSide<'_>, fix: &CargoSide<'_>) -> Result<()> {
        let Some(target) = &base.target else { return Ok(()) };
        let folder = match base.profile {
            Profile::Dev => "debug",
            Profile::Release => "release",
        };
        let scratch = ScratchFolder::new(target.parent().unwrap_or(target), None);
        let from = fix.target.as_deref().unwrap_or(Path::new(&fix.workspace.build_directory)).join(folder);
        Ok(self.scene.act.scratch.seed(&scratch, &from, &self.workspace.own_names)?)
    }

    /// A folder of its own for each base and toolchain.
    pub(super) fn claim(&self) -> Result<ScratchFolder> {
        // What one compiler built is of no use to another, and Cargo would build all of it again.
        let toolchain = self.ask(&["rustc", "-vV"])?;
        let toolchain = sha256_hex(toolchain.as_bytes());
        let key = format!("{}-{}", self.request.base.short(), toolchain.get(..8).unwrap_or_default());
        Ok(self.scene.act.scratch.claim(&key)?)
    }

    fn ask(&self, words: &[&str]) -> Result<String> {
        let command: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let invocation = Invocation { apart: true, ..Invocation::new(command, DEADLINE) };
        let finished = self.scene.act.processes.run(&invocation)?;
        if finished.ending != Ending::Passed {
            return Err(Refusal::precondition(Code::Toolchain, format!("`{}` failed", words.join(" "))));
        }
        Ok(String::from_utf8_lossy(&finished.stdout).into_owned())
    }
}
