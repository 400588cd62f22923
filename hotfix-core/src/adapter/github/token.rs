//! The token: where it is found, and which host it is for. It is shown nowhere.

use std::fmt;

use crate::adapter::system::environment;
use crate::adapter::system::environment::TOKEN_VARIABLES;
use crate::port::{ErrorKind, ForgeAddress, PortError, Processes};

use super::programs::told;

/// A token for one host.
pub(super) struct GitHubToken {
    secret: String,
    /// Where it was found.
    pub(super) from: String,
}

impl GitHubToken {
    /// A token that was found there.
    #[cfg(test)]
    pub(super) fn of(secret: &str, from: &str) -> Self {
        Self { secret: secret.to_owned(), from: from.to_owned() }
    }

    /// The token itself, for the header of a request and nothing else.
    pub(super) fn expose(&self) -> &str {
        &self.secret
    }

    /// The text without the token, should anybody have put it there.
    pub(super) fn erase(&self, text: &str) -> String {
        // A proxy that shows what it received would put our header on the screen.
        text.replace(&self.secret, "***")
    }
}

impl fmt::Debug for GitHubToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a token from {}", self.from)
    }
}

/// Finds the token for the host of `address`: the environment, `gh auth token`, `git credential fill`.
///
/// The environment's tokens are for github.com, unless the person named another host outside the repository; a
/// repository alone cannot send them anywhere.
pub(super) fn find(address: &ForgeAddress, processes: &dyn Processes) -> Result<GitHubToken, PortError> {
    find_in(address, &environment::variable, processes)
}

fn find_in(
    address: &ForgeAddress,
    environment: &dyn Fn(&str) -> Option<String>,
    processes: &dyn Processes,
) -> Result<GitHubToken, PortError> {
    let host = &address.host;
    if is_for_environment(address, environment) {
        let named =
            |name: &&str| environment(name).map(|secret| (name.to_owned().to_owned(), secret.trim().to_owned()));
        let found = TOKEN_VARIABLES.iter().find_map(named).filter(|(_, secret)| !secret.is_empty());
        if let Some((from, secret)) = found {
            return usable(secret, from);
        }
    }
    // `--hostname`: gh's default host may be another one.
    let from_gh = told(processes, &["gh", "auth", "token", "--hostname", host], None);
    // An update notice of gh may stand around the token.
    let from_gh = from_gh.and_then(|told| told.lines().map(str::trim).find(|line| is_token(line)).map(str::to_owned));
    if let Some(secret) = from_gh {
        return usable(secret, "gh auth token".to_owned());
    }
    // The path counts where `credential.useHttpPath` keeps a token a repository.
    let question = format!("protocol=https\nhost={host}\npath={}/{}.git\n\n", address.owner, address.name);
    let from_git = told(processes, &["git", "credential", "fill"], Some(question));
    let from_git = from_git.and_then(|told| {
        told.lines()
            .find_map(|line| line.strip_prefix("password="))
            .filter(|password| !password.is_empty())
            .map(str::to_owned)
    });
    if let Some(secret) = from_git {
        return usable(secret, "git credential fill".to_owned());
    }
    let error = PortError::new(ErrorKind::Precondition, format!("find a token for {host}"), "there is none");
    // Set, and still not used: without a word of it nobody would find out why.
    let named = TOKEN_VARIABLES.iter().find(|name| environment(name).is_some());
    let error = match named.filter(|_| !is_for_environment(address, environment)) {
        Some(name) => error.hint(format!(
            "{name} is for github.com; to use it for {host}: git config hotfix.forge.api {}",
            address.api
        )),
        None => error,
    };
    Err(error
        .hint(format!("gh auth login --hostname {host}, or set HOTFIX_GITHUB_TOKEN"))
        .hint("git config hotfix.forge.kind local   # without GitHub: the pull request stays in the ledger"))
}

/// Whether the tokens of the environment are meant for this host.
fn is_for_environment(address: &ForgeAddress, environment: &dyn Fn(&str) -> Option<String>) -> bool {
    let named = |name: &str| {
        environment(name).is_some_and(|host| host.trim_start_matches("https://").trim_end_matches('/') == address.host)
    };
    // hotfix.toml alone could name any host, and collect tokens there.
    address.host == "github.com" || address.is_named_by_user || named("GH_HOST") || named("GITHUB_SERVER_URL")
}

fn is_token(line: &str) -> bool {
    // Old ones are 40 hex digits, new ones begin with a prefix; the form of neither is promised.
    line.len() >= 8
        && line.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.'))
}

/// A token goes into a header: one with other characters would be refused there, with itself in the message.
fn usable(secret: String, from: String) -> Result<GitHubToken, PortError> {
    if secret.is_empty() || !secret.chars().all(|character| character.is_ascii_graphic()) {
        let doing = format!("use the token from {from}");
        return Err(PortError::new(ErrorKind::Precondition, doing, "it holds characters that no token has")
            .hint("set it anew: gh auth login, or HOTFIX_GITHUB_TOKEN"));
    }
    Ok(GitHubToken { secret, from })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::path::PathBuf;

    use super::*;
    use crate::domain::event::Ending;
    use crate::port::{Finished, Invocation};

    /// Programs that tell this, or are not there.
    #[derive(Default)]
    struct FakePrograms {
        gh: Option<&'static str>,
        git: Option<&'static str>,
        asked: RefCell<Vec<String>>,
    }

    impl Processes for FakePrograms {
        fn watch(&self, invocation: &Invocation, _: &mut dyn FnMut(&[u8])) -> Result<Finished, PortError> {
            let stdin = invocation.stdin.clone().map(|bytes| String::from_utf8(bytes).unwrap()).unwrap_or_default();
            self.asked.borrow_mut().push(format!(
                "{} {}",
                invocation.command.join(" "),
                stdin.replace('\n', " ").trim()
            ));
            let told = if invocation.command[0] == "gh" { self.gh } else { self.git };
            let output = told.ok_or_else(|| PortError::new(ErrorKind::Precondition, "find it", "not there"))?;
            Ok(Finished {
                ending: Ending::Passed,
                exit_code: Some(0),
                signal: None,
                milliseconds: 1,
                output: Vec::new(),
                stdout: output.as_bytes().to_vec(),
            })
        }

        fn top(&self) -> PathBuf {
            PathBuf::new()
        }

        fn find(&self, _: &str) -> Result<PathBuf, PortError> {
            Ok(PathBuf::new())
        }
    }

    fn address(host: &str, is_named_by_user: bool) -> ForgeAddress {
        ForgeAddress {
            service: crate::port::HostingService::GitHub,
            api: format!("https://{host}/api/v3"),
            host: host.to_owned(),
            owner: "dev".to_owned(),
            name: "shop".to_owned(),
            is_named_by_user,
        }
    }

    #[track_caller]
    fn check(address: &ForgeAddress, variables: &[(&str, &str)], told: &FakePrograms, expected: &str) {
        let environment =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let shown = match find_in(address, &environment, told) {
            Ok(token) => format!("{} from {}", token.expose(), token.from),
            Err(error) => format!("{}; {}", error.doing, error.hints.join("; ")),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn sources_are_asked_in_their_order() {
        let all = [("GITHUB_TOKEN", "three"), ("GH_TOKEN", "two"), ("HOTFIX_GITHUB_TOKEN", "one")];
        let told = FakePrograms {
            gh: Some("gho_from_gh\n"),
            git: Some("username=x\npassword=from_git\n"),
            ..FakePrograms::default()
        };
        check(&address("github.com", false), &all, &told, "one from HOTFIX_GITHUB_TOKEN");
        check(&address("github.com", false), &all[..2], &told, "two from GH_TOKEN");
        check(&address("github.com", false), &all[..1], &told, "three from GITHUB_TOKEN");
        assert!(told.asked.borrow().is_empty());
        check(&address("github.com", false), &[], &told, "gho_from_gh from gh auth token");
        let told = FakePrograms { git: told.git, ..FakePrograms::default() };
        check(&address("github.com", false), &[], &told, "from_git from git credential fill");
        assert_eq!(
            *told.asked.borrow(),
            [
                "gh auth token --hostname github.com ",
                "git credential fill protocol=https host=github.com path=dev/shop.git",
            ]
        );
    }

    #[test]
    fn the_environment_is_for_its_own_host_alone() {
        let token = ("GH_TOKEN", "two");
        let nothing = FakePrograms::default();
        check(
            &address("evil.example", false),
            &[token],
            &nothing,
            "find a token for evil.example; GH_TOKEN is for github.com; to use it for evil.example: git config hotfix.forge.api https://evil.example/api/v3; gh auth login --hostname evil.example, or set HOTFIX_GITHUB_TOKEN; git config hotfix.forge.kind local   # without GitHub: the pull request stays in the ledger",
        );
        check(&address("ghe.example", true), &[token], &nothing, "two from GH_TOKEN");
        check(&address("ghe.example", false), &[token, ("GH_HOST", "ghe.example")], &nothing, "two from GH_TOKEN");
        check(
            &address("ghe.example", false),
            &[token, ("GITHUB_SERVER_URL", "https://ghe.example")],
            &nothing,
            "two from GH_TOKEN",
        );
    }

    #[test]
    fn what_is_no_token_is_not_shown() {
        let nothing = FakePrograms::default();
        check(
            &address("github.com", false),
            &[("GH_TOKEN", "se cret\n")],
            &nothing,
            "use the token from GH_TOKEN; set it anew: gh auth login, or HOTFIX_GITHUB_TOKEN",
        );
    }

    #[test]
    fn a_token_is_never_shown() {
        let token = GitHubToken { secret: "ghp_canary".to_owned(), from: "GH_TOKEN".to_owned() };
        assert_eq!(format!("{token:?} {token:#?}"), "a token from GH_TOKEN a token from GH_TOKEN");
        assert_eq!(token.erase("you sent ghp_canary!"), "you sent ***!");
    }
}
