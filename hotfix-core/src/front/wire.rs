//! Where the ports get their adapters; the only place of the front that names any.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

pub(super) use crate::adapter::system::{Actor, Sealed};
use crate::adapter::system::{
    CacheFolder, HttpProbe, ReportFiles, SystemClock, SystemProcesses, WorkTreeFiles, environment, interrupt, manual,
};
use crate::adapter::{GitHubForge, GitRepository, LocalForge};
use crate::domain::IncidentId;
use crate::port::{Act, Clock as _, Forge, GitHubPlace, Look, RepositoryRead as _};
use crate::workflow::{Code, Network, Refusal};

/// The outside, as this process has it.
pub(super) struct Wired {
    repository: GitRepository,
    files: WorkTreeFiles,
    reports: ReportFiles,
    processes: SystemProcesses,
    scratch: CacheFolder,
    /// Where the repository is hosted, and the connection there.
    hosted: RefCell<Option<(GitHubPlace, Rc<GitHubForge>)>>,
}

impl Wired {
    /// Opens the repository around `directory`; without `network` it asks no remote. Merges are left to git, where it
    /// has to decide, for a step that acts.
    pub(super) fn open(directory: &Path, network: Network, decides_merges: bool) -> Result<Self, Refusal> {
        let repository = GitRepository::open(directory)?;
        let repository = if network == Network::Online { repository } else { repository.without_network() };
        // git may run merge drivers that the configuration names; a look must start no program.
        if decides_merges && network != Network::AsOfLastFetch {
            repository.decide_merges();
        }
        let top = repository.repository().work_tree.clone().unwrap_or_default();
        let reports = ReportFiles::new(directory.to_owned());
        let scratch = CacheFolder::of(&repository.repository().common_dir);
        Ok(Self {
            files: WorkTreeFiles::new(top.clone()),
            reports,
            processes: SystemProcesses::new(top),
            scratch,
            repository,
            hosted: RefCell::default(),
        })
    }

    /// Where `GIT_DIR` led instead of `directory`, if it did.
    pub(super) fn led_elsewhere(&self, directory: &Path) -> Option<&Path> {
        self.repository.led_elsewhere(directory)
    }

    pub(super) fn store(&self) -> &GitRepository {
        &self.repository
    }

    pub(super) fn look(&self) -> Look<'_> {
        Look { git: &self.repository, files: &self.files, reports: &self.reports }
    }

    /// The service at `place`, or none; one connection serves all rounds. Nothing is asked yet.
    pub(super) fn forge(&self, place: Option<GitHubPlace>) -> Rc<dyn Forge> {
        let Some(place) = place else { return Rc::new(LocalForge) };
        let mut hosted = self.hosted.borrow_mut();
        // A second connection would look for the token, and maybe ask, once more.
        if let Some((_, forge)) = hosted.as_ref().filter(|(known, _)| *known == place) {
            return Rc::clone(forge) as Rc<dyn Forge>;
        }
        let forge = Rc::new(GitHubForge::new(place.clone(), Box::new(self.processes.clone())));
        *hosted = Some((place, Rc::clone(&forge)));
        forge
    }

    pub(super) fn act<'a>(&'a self, forge: &'a dyn Forge) -> Act<'a> {
        Act {
            git: &self.repository,
            files: &self.files,
            forge,
            processes: &self.processes,
            scratch: &self.scratch,
            probe: &HttpProbe,
            pages: &HttpProbe,
            clock: &SystemClock,
        }
    }
}

/// Now, UTC.
pub(super) fn now() -> jiff::Timestamp {
    SystemClock.now()
}

/// The id that a new incident gets.
pub(super) fn fresh_id() -> Result<IncidentId, Refusal> {
    let mut random = [0; 5];
    // From the system: two clones may open an incident in the same second.
    getrandom::fill(&mut random).map_err(|error| {
        Refusal::new(crate::port::ErrorKind::Internal, Code::Random, "failed to get random bytes")
            .because(error.to_string())
    })?;
    // UTC: the ref of the ledger is named after it, wherever the person is.
    let year = now().to_zoned(jiff::tz::TimeZone::UTC).year();
    Ok(IncidentId::from_random(year, random))
}

/// Where this program's manual pages go: beside it if that can be written, else for this person alone; `None` without a
/// home.
pub(super) fn man_folder() -> Option<PathBuf> {
    manual::folder()
}

/// The files below the deepest folder of `folder` that is there, and the way from it to `folder`.
pub(super) fn files_below(folder: &Path) -> Result<(WorkTreeFiles, PathBuf), Refusal> {
    let (top, below) = manual::deepest_there(folder)?;
    Ok((WorkTreeFiles::new(top), below))
}

/// A variable of the environment.
pub(super) fn variable(name: &str) -> Option<String> {
    environment::variable(name)
}

/// The values of our environment that nothing we write may hold.
pub(super) fn secrets() -> Vec<String> {
    environment::secrets()
}

/// Ends children before us when a signal comes.
pub(super) fn install_interrupt() {
    // Without a handler the default action ends us; children in their own groups then notice by their closed pipes.
    let _ = interrupt::install(|signal| leave(signal.exit_code()));
}

/// The exit code of the signal that came, if one came.
pub(super) fn interrupted() -> Option<u8> {
    interrupt::received().map(interrupt::Signal::exit_code)
}

#[expect(clippy::exit, reason = "a signal ends the process from the thread that waits for it")]
fn leave(code: u8) {
    std::process::exit(i32::from(code));
}
