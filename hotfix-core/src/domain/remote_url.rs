//! Which repository of which host a remote's URL means; pure, and never shown with what it may hold of a password.

/// A repository on a hosting service, as a URL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedRepository {
    /// The host, lower case, without a port; `ssh.github.com` is `github.com`, and so is `github.com-work` of ssh.
    pub host: String,
    /// Whether it is reached by ssh, whose own configuration may call a host by any name.
    pub is_ssh: bool,
    /// The port of its web pages, where a `http` or `https` URL names one. A port of ssh says nothing about these.
    pub web_port: Option<u16>,
    /// Who owns it.
    pub owner: String,
    /// Its name, without `.git`.
    pub name: String,
}

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UrlScheme {
    Web,
    Ssh,
    Git,
}

/// GitHub's ssh behind the port of the web.
const SSH_OF_GITHUB: &str = "ssh.github.com";

impl HostedRepository {
    /// Reads a remote's URL in any spelling that git takes: `https://`, `ssh://`, `git://`, `user@host:owner/name`.
    ///
    /// `None` for paths, and for whatever is not `owner/name` on a host.
    pub fn parse(url: &str) -> Option<Self> {
        let url = url.trim();
        if let Some((scheme, rest)) = url.split_once("://") {
            let scheme = match scheme.to_ascii_lowercase().as_str() {
                "http" | "https" => UrlScheme::Web,
                "ssh" | "git+ssh" | "ssh+git" => UrlScheme::Ssh,
                "git" => UrlScheme::Git,
                _ => return None,
            };
            let (authority, path) = rest.split_once('/')?;
            return Self::new(authority, scheme, path.split(['?', '#']).next()?);
        }
        let (authority, path) = url.split_once(':')?;
        // What has a slash before its colon is a path, and one letter is a drive.
        let is_path = authority.contains(['/', '\\']) || authority.len() < 2;
        if is_path { None } else { Self::new(authority, UrlScheme::Ssh, path.trim_start_matches('/')) }
    }

    /// `owner/name`, as `forge.repository` says it; `None` when it is anything else.
    pub fn owner_and_name(text: &str) -> Option<(String, String)> {
        let text = text.trim().trim_end_matches('/');
        let (owner, name) = text.split_once('/')?;
        let name = name.strip_suffix(".git").unwrap_or(name);
        (is_name(owner) && is_name(name)).then(|| (owner.to_owned(), name.to_owned()))
    }

    fn new(authority: &str, scheme: UrlScheme, path: &str) -> Option<Self> {
        let address = authority.rsplit('@').next()?;
        // An IPv6 address has colons within its brackets.
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !address.ends_with(']') => (host, Some(port.parse::<u16>().ok()?)),
            _ => (address, None),
        };
        let host = host.to_ascii_lowercase();
        let host = match host.as_str() {
            // Firewalls that close port 22 leave 443, where GitHub answers ssh under this name.
            SSH_OF_GITHUB | "www.github.com" => "github.com".to_owned(),
            // The names that GitHub proposes in ~/.ssh/config, for several keys: `Host github.com-work`.
            alias
                if scheme != UrlScheme::Web
                    && alias.strip_prefix("github.com-").is_some_and(|key| !key.contains('.')) =>
            {
                "github.com".to_owned()
            }
            _ => host,
        };
        if !is_host(&host) {
            return None;
        }
        let (owner, name) = Self::owner_and_name(path)?;
        Some(Self {
            host,
            is_ssh: scheme == UrlScheme::Ssh,
            web_port: port.filter(|_| scheme == UrlScheme::Web),
            owner,
            name,
        })
    }

    /// The same at the host that ssh takes its host for.
    #[must_use]
    pub fn at_host(self, host: &str) -> Self {
        let host = if host == SSH_OF_GITHUB { "github.com" } else { host };
        Self { host: host.to_owned(), ..self }
    }
}

fn is_host(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    !inner.is_empty()
        // ssh would take such a host for an option (CVE-2017-1000117).
        && !inner.starts_with('-')
        && inner
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ':'))
        && (inner == text || inner.contains(':'))
        && (inner != text || !inner.contains(':'))
}

fn is_name(text: &str) -> bool {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_');
    !text.is_empty() && text != "." && text != ".." && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        let found = HostedRepository::parse(url);
        let shown = found.map_or("none".to_owned(), |found| {
            let port = found.web_port.map(|port| format!(":{port}")).unwrap_or_default();
            format!("{}{port} {} {}", found.host, found.owner, found.name)
        });
        assert_eq!(shown, expected, "{url}");
    }

    #[test]
    fn every_spelling_means_the_same_repository() {
        for url in [
            "https://github.com/dev/shop",
            "https://github.com/dev/shop.git",
            "https://github.com/dev/shop/",
            "https://GitHub.com/dev/shop.git/",
            "https://www.github.com/dev/shop",
            "https://token@github.com/dev/shop.git",
            "https://user:p%40ss:word@github.com/dev/shop.git",
            "http://github.com/dev/shop",
            "git://github.com/dev/shop.git",
            "ssh://git@github.com/dev/shop.git",
            "ssh://git@github.com:22/dev/shop.git",
            "ssh://git@ssh.github.com:443/dev/shop.git",
            "git+ssh://git@github.com/dev/shop",
            "git@github.com:dev/shop.git",
            "git@github.com:/dev/shop.git",
            "git@github.com-work:dev/shop.git",
            "ssh://git@github.com-work/dev/shop.git",
            "github.com:dev/shop",
            "  https://github.com/dev/shop\n",
        ] {
            check(url, "github.com dev shop");
        }
    }

    #[test]
    fn a_port_of_the_web_is_kept_and_one_of_ssh_is_not() {
        check("https://ghe.example:8443/dev/shop", "ghe.example:8443 dev shop");
        check("ssh://git@ghe.example:2222/dev/shop", "ghe.example dev shop");
        check("https://[::1]:8443/dev/shop", "[::1]:8443 dev shop");
    }

    #[test]
    fn a_host_that_only_looks_like_github_is_another() {
        check("git@github.com-evil.example:dev/shop", "github.com-evil.example dev shop");
        check("https://github.com-work/dev/shop", "github.com-work dev shop");
    }

    #[test]
    fn names_keep_their_dots_and_dashes() {
        check("git@github.com:dev-team/my.shop_2.git", "github.com dev-team my.shop_2");
        check("https://github.com/dev/.github", "github.com dev .github");
    }

    #[test]
    fn paths_and_other_shapes_are_no_repository_of_a_host() {
        for url in [
            "",
            "/srv/git/dev/shop.git",
            "./dev/shop",
            "../dev/shop",
            "file:///srv/dev/shop",
            "C:/dev/shop",
            "C:\\dev\\shop",
            "https://github.com",
            "https://github.com/",
            "https://github.com/shop",
            "https://github.com/group/dev/shop",
            "https://github.com/dev/..",
            "https://github.com/../shop",
            "https://github.com:port/dev/shop",
            "https:///dev/shop",
            "https://git hub.com/dev/shop",
            "https://github.com/dev/shop%2Fx",
            "ext::sh -c dev/shop",
            "git@github.com:shop",
        ] {
            check(url, "none");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read_without_a_panic(url in ".{0,80}") {
            let _ = HostedRepository::parse(&url);
        }

        #[test]
        fn what_is_spelled_is_what_is_read(
            host in "[a-z]{2,8}\\.[a-z]{2,5}",
            owner in "[a-zA-Z0-9][a-zA-Z0-9-]{0,10}",
            name in "[a-zA-Z0-9_-]{1,10}",
            secret in "[a-zA-Z0-9]{0,10}",
        ) {
            let wanted =
                |is_ssh| HostedRepository { host: host.clone(), is_ssh, web_port: None, owner: owner.clone(), name: name.clone() };
            for url in [
                format!("https://{host}/{owner}/{name}.git"),
                format!("https://x:{secret}@{host}/{owner}/{name}"),
                format!("git@{host}:{owner}/{name}.git"),
                format!("ssh://git@{host}:2222/{owner}/{name}"),
            ] {
                prop_assert_eq!(HostedRepository::parse(&url), Some(wanted(!url.starts_with("http"))), "{}", url);
            }
        }
    }
}
