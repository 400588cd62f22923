//! Which service hosts the repository, if any: by configuration, else by the remote's URL.
//!
//! What a repository says of itself may not choose where a token goes: an address that only its `hotfix.toml` names must
//! be the remote's own host. This machine is no exception: whoever can push names a port of theirs on it.

use crate::config::{Config, ConfigSource, ForgeKind};
use crate::domain::{HostedRepository, Incident};
use crate::port::{ForgeAddress, HostingService, Look, PortError};
use crate::workflow::{Code, Context, Refusal, Result};

/// The host of github.com's interface, and what its tokens are for.
const GITHUB: &str = "github.com";
const GITHUB_API: &str = "https://api.github.com";
/// The key that names the address, in git's configuration.
const API_KEY: &str = "hotfix.forge.api";

/// Where the repository of an incident is hosted; `None` where no service does.
///
/// # Errors
/// When the configuration and the remote do not say which repository of which host it is.
pub(crate) fn of(context: &Context<'_>, incident: &Incident) -> Result<Option<ForgeAddress>> {
    find(context.look, context.config, incident.production.remote.as_deref())
}

/// What people call the service that hosts the repository of an incident, for texts.
pub(crate) fn name(context: &Context<'_>, incident: &Incident) -> &'static str {
    let hosted = of(context, incident).ok().flatten();
    hosted.map_or("the hosting service", |address| address.service.name())
}

/// Where the repository with this remote is hosted; `None` where no service does.
///
/// # Errors
/// When the configuration and the remote do not say which repository of which host it is.
pub fn find(look: Look<'_>, config: &Config, remote: Option<&str>) -> Result<Option<ForgeAddress>> {
    let forge = &config.forge;
    let is_told = forge.api.is_some() || forge.repository.is_some();
    let hosted = hosted(look, remote)?;
    let is_github = match forge.kind {
        Some(ForgeKind::Local) => return Ok(None),
        Some(ForgeKind::GitHub) => true,
        None => is_told || hosted.as_ref().is_some_and(|(found, is_used)| *is_used && is_githubs(&found.host)),
    };
    if !is_github {
        return Ok(None);
    }
    let hosted = hosted.map(|(found, _)| found);
    let named = forge.repository.as_deref().and_then(HostedRepository::owner_and_name);
    let found = named.or_else(|| hosted.as_ref().map(|found| (found.owner.clone(), found.name.clone())));
    let Some((owner, name)) = found else {
        let message = "the remote's URL does not tell which repository of GitHub it is";
        return Err(Refusal::precondition(Code::WhichRepository, message)
            .hint("git config hotfix.forge.repository OWNER/NAME")
            .hint("git config hotfix.forge.kind local   # without a hosting service"));
    };
    let own = hosted.as_ref().map_or_else(|| GITHUB_API.to_owned(), api_of);
    let api = forge.api.clone().unwrap_or_else(|| own.clone());
    let host = host_of(&api);
    let is_named_by_user = forge.api.is_some() && is_named_by_user(look, config, &api)?;
    // The token goes with the first question: a file in the repository must not say where to.
    if host != host_of(&own) && host != GITHUB && !is_named_by_user {
        let message = format!("hotfix.toml names {api}, which is not the host of the remote; no token is sent there");
        return Err(
            Refusal::precondition(Code::ForgeApi, message).hint(format!("if you trust it: git config {API_KEY} {api}"))
        );
    }
    Ok(Some(ForgeAddress { service: HostingService::GitHub, api, host, owner, name, is_named_by_user }))
}

/// The repository that the remote's URL names, and whether that is the URL that git uses: one that `insteadOf` leads to
/// a path still tells the name.
pub(crate) fn hosted(look: Look<'_>, remote: Option<&str>) -> Result<Option<(HostedRepository, bool)>, PortError> {
    let Some(remote) = remote else { return Ok(None) };
    let used = look.git.remote_url(remote)?.and_then(|url| HostedRepository::parse(&url));
    if let Some(used) = used {
        return Ok(Some((by_its_own_name(look, used), true)));
    }
    let written = look.git.config(&format!("remote.{remote}.url"))?;
    let written = written.and_then(|url| HostedRepository::parse(&url));
    Ok(written.map(|found| (by_its_own_name(look, found), false)))
}

/// The repository at the host that ssh takes the URL's for, where that is GitHub's: with several keys, one host has
/// several names.
fn by_its_own_name(look: Look<'_>, found: HostedRepository) -> HostedRepository {
    // ssh is a program, and slow to ask: only where its settings can matter.
    if !found.is_ssh || is_githubs(&found.host) {
        return found;
    }
    let Some(name) = look.git.ssh_host_name(&found.host) else { return found };
    let named = found.clone().at_host(&name);
    if is_githubs(&named.host) { named } else { found }
}

/// The host of a remote that may well be of a service, by its name, and is not taken for it; `None` where that is settled.
pub(crate) fn likely(
    look: Look<'_>,
    config: &Config,
    remote: Option<&str>,
) -> Result<Option<(String, HostingService)>> {
    if config.forge.kind.is_some() || find(look, config, remote)?.is_some() {
        return Ok(None);
    }
    let host = hosted(look, remote)?.map(|(found, _)| found.host);
    let host = host.filter(|host| host.contains("github") || host.starts_with("ghe."));
    Ok(host.map(|host| (host, HostingService::GitHub)))
}

/// Whether the person named the address, outside the repository.
fn is_named_by_user(look: Look<'_>, config: &Config, api: &str) -> Result<bool, PortError> {
    Ok(match config.origin_of("forge.api") {
        ConfigSource::User | ConfigSource::Environment | ConfigSource::Flag => true,
        // The file may repeat what the person set, and then comes first.
        ConfigSource::Default | ConfigSource::Repository => {
            look.git.config(API_KEY)?.is_some_and(|named| named.trim().trim_end_matches('/') == api)
        }
    })
}

fn api_of(found: &HostedRepository) -> String {
    match (found.host.as_str(), found.web_port) {
        (GITHUB, _) => GITHUB_API.to_owned(),
        // A company at ghe.com has a host for the interface; a server of its own has a path.
        (host, _) if is_githubs(host) => format!("https://api.{host}"),
        (host, Some(port)) => format!("https://{host}:{port}/api/v3"),
        (host, None) => format!("https://{host}/api/v3"),
    }
}

/// Whether GitHub itself runs this host: github.com, and a company's own host at `ghe.com`.
fn is_githubs(host: &str) -> bool {
    host == GITHUB || host.ends_with(".ghe.com")
}

/// The host that a token for this address is for.
fn host_of(api: &str) -> String {
    let authority = api.split_once("://").map_or(api, |(_, rest)| rest).split('/').next().unwrap_or_default();
    let authority = authority.to_ascii_lowercase();
    match authority.strip_prefix("api.") {
        Some(host) if is_githubs(host) => host.to_owned(),
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::tests::scene::Scene;

    #[track_caller]
    fn check(url: Option<&str>, file: &str, user: &[(&str, &str)], expected: &str) {
        let mut scene = Scene::calm();
        scene.settings.extend(url.map(|url| ("remote.origin.url".to_owned(), url.to_owned())));
        scene.settings.extend(user.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let settings = scene.settings.clone();
        let config =
            Config::resolve(Some(("hotfix.toml", file)), &|key| settings.get(key).cloned(), &|_| None).unwrap();
        let repository = scene.lay_out();
        let look = scene.look(&repository);
        let shown = match find(look, &config, Some("origin")) {
            Ok(None) => "local".to_owned(),
            Ok(Some(place)) => {
                let trust = if place.is_named_by_user { ", named by the user" } else { "" };
                format!("{}/{} at {} for {}{trust}", place.owner, place.name, place.api, place.host)
            }
            Err(refusal) => format!("{}: {refusal}", refusal.code),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn github_is_told_by_the_remote() {
        check(Some("git@github.com:dev/shop.git"), "", &[], "dev/shop at https://api.github.com for github.com");
        check(
            Some("ssh://git@ssh.github.com:443/dev/shop"),
            "",
            &[],
            "dev/shop at https://api.github.com for github.com",
        );
        check(Some("https://gitlab.com/dev/shop"), "", &[], "local");
        check(Some("/srv/git/shop.git"), "", &[], "local");
        check(None, "", &[], "local");
        check(Some("git@github.com:dev/shop.git"), "[forge]\nkind = \"local\"", &[], "local");
    }

    #[test]
    fn names_of_ssh_are_seen_through() {
        let work = ("ssh:work", "github.com");
        let place = "dev/shop at https://api.github.com for github.com";
        check(Some("git@work:dev/shop.git"), "", &[work], place);
        check(Some("ssh://git@work/dev/shop.git"), "", &[work], place);
        check(Some("git@work:dev/shop.git"), "", &[("ssh:work", "ssh.github.com")], place);
        let acme = ("ssh:work", "acme.ghe.com");
        check(Some("work:dev/shop"), "", &[acme], "dev/shop at https://api.acme.ghe.com for acme.ghe.com");
        check(Some("git@work:dev/shop.git"), "", &[("ssh:work", "gitlab.com")], "local");
        check(Some("git@work:dev/shop.git"), "", &[], "local");
        // It is ssh's name for it, and no other program's.
        check(Some("https://work/dev/shop.git"), "", &[work], "local");
        check(Some("git@work:dev/shop.git"), "[forge]\nkind = \"local\"", &[work], "local");
    }

    #[test]
    fn a_company_at_ghe_com_is_githubs_own() {
        let place = "dev/shop at https://api.acme.ghe.com for acme.ghe.com";
        check(Some("git@acme.ghe.com:dev/shop.git"), "", &[], place);
        check(Some("https://acme.ghe.com/dev/shop"), "[forge]\napi = \"https://api.acme.ghe.com\"", &[], place);
    }

    #[test]
    fn enterprise_is_told_by_the_key_and_the_remote() {
        let github = "[forge]\nkind = \"github\"";
        check(
            Some("git@ghe.example:dev/shop.git"),
            github,
            &[],
            "dev/shop at https://ghe.example/api/v3 for ghe.example",
        );
        check(
            Some("https://ghe.example:8443/dev/shop"),
            github,
            &[],
            "dev/shop at https://ghe.example:8443/api/v3 for ghe.example:8443",
        );
        check(
            Some("/srv/shop.git"),
            github,
            &[],
            "which-repository: the remote's URL does not tell which repository of GitHub it is",
        );
        check(
            Some("/srv/shop.git"),
            "[forge]\nrepository = \"dev/shop\"",
            &[],
            "dev/shop at https://api.github.com for github.com",
        );
    }

    #[test]
    fn a_repository_alone_cannot_send_a_token_anywhere() {
        let evil = "[forge]\napi = \"https://evil.example/api/v3\"";
        let url = Some("git@github.com:dev/shop.git");
        check(
            url,
            evil,
            &[],
            "forge-api: hotfix.toml names https://evil.example/api/v3, which is not the host of the remote; no token is sent there",
        );
        check(
            url,
            evil,
            &[("hotfix.forge.api", "https://evil.example/api/v3/")],
            "dev/shop at https://evil.example/api/v3 for evil.example, named by the user",
        );
        check(
            url,
            "",
            &[("hotfix.forge.api", "https://ghe.example/api/v3")],
            "dev/shop at https://ghe.example/api/v3 for ghe.example, named by the user",
        );
        check(
            Some("git@ghe.example:dev/shop"),
            "[forge]\napi = \"https://ghe.example/api/v3\"",
            &[],
            "dev/shop at https://ghe.example/api/v3 for ghe.example",
        );
        let here = "[forge]\napi = \"http://127.0.0.1:4001\"\nrepository = \"dev/shop\"";
        check(
            url,
            here,
            &[],
            "forge-api: hotfix.toml names http://127.0.0.1:4001, which is not the host of the remote; no token is sent there",
        );
        let allowed = "dev/shop at http://127.0.0.1:4001 for 127.0.0.1:4001, named by the user";
        check(url, here, &[("hotfix.forge.api", "http://127.0.0.1:4001")], allowed);
        // Also where no other host is known: in a folder that several people share, each could name a port.
        let refused = "forge-api: hotfix.toml names http://127.0.0.1:4001, which is not the host of the remote; no token is sent there";
        for url in ["/srv/shop.git", "http://localhost:4002/dev/shop.git"] {
            check(Some(url), here, &[], refused);
            check(Some(url), here, &[("hotfix.forge.api", "http://127.0.0.1:4001")], allowed);
        }
    }
}
