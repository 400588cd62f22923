//! Addresses of web pages about an incident: its pull request, and its records on production, where the host is known to show
//! files.

use crate::document::uri;
use crate::domain::{Incident, Status};
use crate::production::hosting;
use crate::workflow::{Context, Result};

use super::delivery;

/// The page that says most: the records of an incident that is over, else its pull request.
pub(crate) fn best(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let records = if incident.status == Status::Closed { records(context, incident)? } else { None };
    Ok(records.or_else(|| pull_request(incident)))
}

/// The page of the pull request.
pub(crate) fn pull_request(incident: &Incident) -> Option<String> {
    let url = incident.pull_request.as_ref()?.url.as_deref()?;
    is_address(url).then(|| url.to_owned())
}

/// The page of the postmortem on production; `None` where it is not there, or where its address would be a guess.
pub(crate) fn records(context: &Context<'_>, incident: &Incident) -> Result<Option<String>> {
    let is_delivered = incident.records.as_ref().is_some_and(|records| records.commit.is_some());
    let path = incident.postmortem.as_ref().map(|postmortem| postmortem.path.as_str());
    let Some(path) = path.filter(|_| is_delivered) else { return Ok(None) };
    if delivery::open_records(context, incident)?.is_some() {
        return Ok(None);
    }
    // By the URL that git uses: one that `insteadOf` leads elsewhere tells a name and no place.
    let hosted = hosting::hosted(context.look, incident.production.remote.as_deref())?;
    let Some((found, _)) = hosted.filter(|(_, is_used)| *is_used) else { return Ok(None) };
    // A server of a company is known by its configuration, and no other way.
    let is_github = hosting::of(context, incident).ok().flatten().is_some();
    let Some(shape) = shape(&found.host, is_github) else { return Ok(None) };
    let port = found.web_port.map(|port| format!(":{port}")).unwrap_or_default();
    let (owner, name, branch) = (&found.owner, &found.name, uri(&incident.production.branch));
    Ok(Some(format!("https://{}{port}/{owner}/{name}/{shape}/{branch}/{}", found.host, uri(path))))
}

/// What stands before the branch in the address of a file; `None` of a host that is not known.
fn shape(host: &str, is_github: bool) -> Option<&'static str> {
    match host {
        "gitlab.com" => Some("-/blob"),
        "codeberg.org" | "gitea.com" => Some("src/branch"),
        "bitbucket.org" => Some("src"),
        _ => is_github.then_some("blob"),
    }
}

/// Whether a browser may get this: it comes from the record, which others write, too.
fn is_address(text: &str) -> bool {
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    is_web && text.chars().all(|character| character.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_hosts_have_addresses() {
        let known = ["gitlab.com", "codeberg.org", "bitbucket.org", "git.example.com"].map(|host| shape(host, false));
        assert_eq!(known, [Some("-/blob"), Some("src/branch"), Some("src"), None]);
        assert_eq!(shape("github.example.com", true), Some("blob"));
        assert_eq!(uri("docs/a b#ü.md"), "docs/a%20b%23%C3%BC.md");
    }

    #[test]
    fn a_browser_gets_addresses_of_the_web_alone() {
        assert!(is_address("https://github.com/ada/shop/pull/7"));
        for other in ["javascript:alert(1)", "file:///etc/passwd", "--help", "https://x.example/\n", "https://x y", ""]
        {
            assert!(!is_address(other), "{other}");
        }
    }
}
