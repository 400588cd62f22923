//! The outside as this process has it: a repository, its files, programs, the network and the hosting service.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::domain::{IncidentId, Workplace};
use crate::port::{
    Act, Clock, Forge, ForgeAddress, LedgerExchange, LedgerStore, Look, Outside, PortError, Reach, RepositoryRead as _,
};

use super::stamp::Stamp;
use super::system::{
    CacheFolder, HttpProbe, HttpWebhook, ReportFiles, SystemClock, SystemProcesses, WorkTreeFiles, environment,
};
use super::{GitRepository, LocalForge, new_id};

/// The outside, as this process has it.
pub struct Machine {
    directory: PathBuf,
    repository: GitRepository,
    files: WorkTreeFiles,
    reports: ReportFiles,
    processes: SystemProcesses,
    scratch: CacheFolder,
    /// What may have changed the work tree.
    stamp: Stamp,
    /// Where the repository is hosted, and the connection there.
    hosted: RefCell<Option<(ForgeAddress, Rc<dyn Forge>)>>,
}

impl Machine {
    /// Opens the repository around `directory`.
    ///
    /// # Errors
    /// When there is none, or it cannot be used.
    pub fn open(directory: &Path, reach: Reach) -> Result<Self, PortError> {
        let repository = GitRepository::open(directory)?;
        let mut repository = if reach.asks_remotes { repository } else { repository.without_network() };
        if !reach.fetches_missing {
            repository.leave_missing();
        }
        let stamp = repository.keep_looks();
        // git may run merge drivers that the configuration names; a look must start no program.
        if reach.decides_merges {
            repository.decide_merges();
        } else {
            repository.only_look();
        }
        // A bare repository has none; whoever needs one asks for it and refuses.
        let top = repository.repository().work_tree.clone().unwrap_or_default();
        // By the common directory: the work trees of one repository share a cache.
        let scratch = CacheFolder::of(&repository.repository().common_dir);
        Ok(Self {
            directory: directory.to_owned(),
            files: WorkTreeFiles::new(top.clone()).stamping(stamp.clone()),
            reports: ReportFiles::new(directory.to_owned()),
            processes: SystemProcesses::new(top).stamping(stamp.clone()),
            scratch,
            repository,
            stamp,
            hosted: RefCell::default(),
        })
    }

    #[cfg(feature = "github")]
    fn connect(&self, address: ForgeAddress) -> Rc<dyn Forge> {
        match address.service {
            crate::port::HostingService::GitHub => {
                Rc::new(super::GitHubForge::new(address, Box::new(self.processes.clone())))
            }
        }
    }

    #[cfg(not(feature = "github"))]
    fn connect(&self, _: ForgeAddress) -> Rc<dyn Forge> {
        Rc::new(LocalForge)
    }
}

impl Outside for Machine {
    fn look(&self) -> Look<'_> {
        Look { git: &self.repository, files: &self.files, reports: &self.reports }
    }

    fn act<'a>(&'a self, forge: &'a dyn Forge) -> Act<'a> {
        Act {
            git: &self.repository,
            files: &self.files,
            forge,
            processes: &self.processes,
            scratch: &self.scratch,
            probe: &HttpProbe,
            pages: &HttpProbe,
            webhook: &HttpWebhook,
            exchange: &self.repository,
            clock: &SystemClock,
        }
    }

    fn forge(&self, address: Option<ForgeAddress>) -> Rc<dyn Forge> {
        let Some(address) = address else { return Rc::new(LocalForge) };
        let mut hosted = self.hosted.borrow_mut();
        // A second connection would look for the token, and maybe ask, once more.
        if let Some((_, forge)) = hosted.as_ref().filter(|(known, _)| *known == address) {
            return Rc::clone(forge);
        }
        let forge = self.connect(address.clone());
        *hosted = Some((address, Rc::clone(&forge)));
        forge
    }

    fn store(&self) -> &dyn LedgerStore {
        &self.repository
    }

    fn exchange(&self) -> &dyn LedgerExchange {
        &self.repository
    }

    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }

    fn new_id(&self) -> Result<IncidentId, PortError> {
        new_id(SystemClock.now())
    }

    fn workplace(&self, names: bool) -> Workplace {
        self.repository.workplace(names)
    }

    fn time_passed(&self) {
        self.stamp.disturbed();
    }

    fn variable(&self, name: &str) -> Option<String> {
        environment::variable(name)
    }

    fn led_elsewhere(&self) -> Option<&Path> {
        self.repository.led_elsewhere(&self.directory)
    }
}
