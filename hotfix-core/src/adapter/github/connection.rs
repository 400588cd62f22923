//! The way to GitHub: encrypted, through the proxy that git's `http.proxy` or the environment names, as git reads them. A
//! proxy sees the name of the host and nothing else.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use http::uri::{Scheme, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::auth_header::AuthHeaderLayer;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};

use crate::adapter::system::environment;
use crate::port::Processes;

use super::error::{ApiError, ApiErrorKind};
use super::programs::told;
use super::token::GitHubToken;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// The variables that name a proxy for what is encrypted, in curl's order.
// curl, and so git, lets the lower-case name win.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Why no connection can be made.
// Whatever hyper, rustls and the proxy's crate return: it is only ever printed.
type ConnectionError = Box<dyn Error + Send + Sync>;

/// What is named as a proxy is none that we can speak to.
#[derive(Debug, thiserror::Error)]
#[error("{named_by} names no proxy of the kind http://, https:// or socks5://")]
pub(super) struct NoProxy {
    named_by: &'static str,
}

/// The way to one address.
pub(super) struct Route {
    proxy: Option<Proxy>,
}

/// A proxy, and who named it.
struct Proxy {
    named_by: &'static str,
    proxy: Intercept,
}

impl Route {
    /// The way to `address`: by the proxy that `http.proxy` of git's configuration names for it, or the environment.
    pub(super) fn to(address: &Uri, processes: &dyn Processes) -> Result<Self, NoProxy> {
        // What is not encrypted goes to this machine or a network of one's own, and there is no token for a proxy to see.
        if address.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Self { proxy: None });
        }
        let http_proxy =
            // Only git knows `http.<url>.proxy`: which section is nearest is its rule.
            told(processes, &["git", "config", "--get-urlmatch", "http.proxy", &address.to_string()], None);
        Self::named(address, http_proxy.as_deref().map(str::trim), &environment::variable)
    }

    /// The way to `address`, which is encrypted. An empty `http.proxy` says that there is no proxy.
    fn named(
        address: &Uri,
        http_proxy: Option<&str>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, NoProxy> {
        let variable = |name: &'static str| Some((name, environment(name)?));
        let named = match http_proxy {
            // An empty value is git's way to say "no proxy", and beats the environment.
            Some(proxy) => Some(("http.proxy", proxy.to_owned())),
            None => VARIABLES.into_iter().find_map(variable),
        };
        let Some((named_by, proxy)) = named.filter(|(_, proxy)| !proxy.is_empty()) else {
            return Ok(Self { proxy: None });
        };
        // `no_proxy` holds for `http.proxy` as well: curl reads it below git.
        let no = environment("no_proxy").or_else(|| environment("NO_PROXY")).unwrap_or_default();
        let found = |proxy: &str| Matcher::builder().all(proxy).no(no.as_str()).build().intercept(address);
        // The proxy's own address may be wrong; whether the host needs one at all is asked with one that is not.
        if found("http://any").is_none() {
            return Ok(Self { proxy: None });
        }
        let is_spoken =
            |proxy: &Intercept| ["http", "https", "socks5", "socks5h"].map(Some).contains(&proxy.uri().scheme_str());
        // Passed over silently, a misspelt proxy would look like a GitHub that does not answer.
        let proxy = found(&proxy).filter(is_spoken).ok_or(NoProxy { named_by })?;
        Ok(Self { proxy: Some(Proxy { named_by, proxy }) })
    }

    /// The proxy's host and port, without whatever it is told of us.
    fn proxy(&self) -> Option<String> {
        let authority = self.proxy.as_ref()?.proxy.uri().authority()?;
        Some(authority.to_string())
    }

    /// A client for what is below `base`, which sends nothing yet. Redirects are not followed.
    pub(super) fn client(&self, base: &str, token: &GitHubToken) -> Result<Octocrab, ConnectionError> {
        let mut direct = HttpConnector::new();
        // The connector is the lower half of an encrypted one, and would refuse `https://` by itself.
        direct.enforce_http(false);
        // A firewall that drops packets would hold us for minutes, by the system's own limit.
        direct.set_connect_timeout(Some(CONNECT));
        let Some(Proxy { proxy, .. }) = &self.proxy else { return octocrab(encrypted(direct)?, base, token) };
        let address = proxy.uri().clone();
        if let Some(scheme) = address.scheme_str().filter(|scheme| scheme.starts_with("socks5")) {
            // As curl has it: with the `h` the proxy looks the host up.
            let socks = SocksV5::new(address.clone(), direct).local_dns(scheme == "socks5");
            let login = proxy.raw_auth().map(|(user, password)| (user.to_owned(), password.to_owned()));
            let socks = login.into_iter().fold(socks, |socks, (user, password)| socks.with_auth(user, password));
            return octocrab(encrypted(socks)?, base, token);
        }
        // By CONNECT: the proxy learns the host's name and no token.
        let tunnel = Tunnel::new(address, encrypted(direct)?);
        let tunnel = proxy.basic_auth().cloned().into_iter().fold(tunnel, Tunnel::with_auth);
        octocrab(encrypted(tunnel)?, base, token)
    }

    /// What it means that no answer came, for this reason.
    pub(super) fn error(&self, why: &str) -> ApiError {
        // A company that opens encrypted traffic: by far the most frequent reason, and no error of GitHub's.
        if why.starts_with("invalid peer certificate") {
            return ApiError::new(ApiErrorKind::Forbidden, format!("the connection is not trusted: {why}"))
                .hint("let this machine trust the authority that signed it, or name its certificate in SSL_CERT_FILE");
        }
        let (Some(address), Some(Proxy { named_by, proxy })) = (self.proxy(), &self.proxy) else {
            return ApiError::new(ApiErrorKind::Network, format!("no answer: {why}"));
        };
        let no_answer = format!("no answer by the proxy {address}");
        let is_known = proxy.basic_auth().is_some() || proxy.raw_auth().is_some();
        match why {
            // The crates keep these errors' types to themselves, so their words decide; a test holds them.
            "tunnel error: proxy authorization required" | "SOCKS error: credentials not accepted" if is_known => {
                let text = format!("{no_answer}: it does not accept the user and the password");
                ApiError::new(ApiErrorKind::Forbidden, text).hint(format!("fix them in {named_by}"))
            }
            "tunnel error: proxy authorization required"
            | "SOCKS error: server does not support user/pass authentication"
            | "SOCKS error: server implements authentication incorrectly"
                if !is_known =>
            {
                let scheme = proxy.uri().scheme_str().unwrap_or_default();
                ApiError::new(ApiErrorKind::Forbidden, format!("{no_answer}: it wants a user and a password"))
                    .hint(format!("name them in {named_by}: {scheme}://USER:PASSWORD@HOST:PORT"))
            }
            _ => {
                // The tunnel keeps the proxy's status to itself.
                let why = if why == "tunnel error: unsuccessful" { "it does not let us through" } else { why };
                ApiError::new(ApiErrorKind::Network, format!("{no_answer}: {why}"))
                    .hint(format!("{named_by} names the proxy; no_proxy names hosts to be asked without it"))
            }
        }
    }
}

/// Encryption over this way, where an address wants it; by the machine's certificates. The provider is named: a program
/// that embeds us may have several, and rustls panics where it has to choose.
fn encrypted<C>(way: C) -> Result<HttpsConnector<C>, ConnectionError> {
    // The machine's own certificates: a company's authority is in there, and in no list that is built in.
    let provider = rustls::crypto::ring::default_provider();
    let https = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider)?;
    Ok(https.https_or_http().enable_http1().wrap_connector(way))
}

/// Octocrab over this connection. The token goes to the host of `base` and nowhere else.
fn octocrab<C>(connector: C, base: &str, token: &GitHubToken) -> Result<Octocrab, ConnectionError>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let hyper: Hyper<C, OctoBody> = Hyper::builder(TokioExecutor::new()).build(connector);
    let base: Uri = base.trim_end_matches('/').parse()?;
    let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
    // Keeps it out of HTTP/2's tables and of every `Debug` of the headers.
    authorization.set_sensitive(true);
    // GitHub refuses requests without one.
    let agent = HeaderValue::from_static(concat!("hotfix/", env!("CARGO_PKG_VERSION")));
    let built = OctocrabBuilder::new_empty()
        .with_service(hyper)
        .with_layer(&ExtraHeadersLayer::new(Arc::new(vec![(USER_AGENT, agent)])))
        .with_layer(&BaseUriLayer::new(base.clone()))
        // The layer compares hosts, so the token stays at home even if an address led elsewhere.
        .with_layer(&AuthHeaderLayer::new(Some(authorization), base.clone(), base))
        .with_auth(AuthState::None)
        .build();
    match built {
        Ok(octocrab) => Ok(octocrab),
        // The builder's error type has no values; the match makes that a matter for the compiler.
        Err(never) => match never {},
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Way").field("proxy", &self.proxy()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    use super::*;

    const TOKEN: &str = "ghp_CanaryCanaryCanaryCanaryCanary0123456";

    fn way(http_proxy: Option<&str>, variables: &[(&str, &str)]) -> Result<Route, NoProxy> {
        let environment =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Route::named(&Uri::from_static("https://api.github.com"), http_proxy, &environment)
    }

    #[track_caller]
    fn check(http_proxy: Option<&str>, variables: &[(&str, &str)], expected: Option<&str>) {
        let way = way(http_proxy, variables).unwrap();
        assert_eq!(way.proxy().as_deref(), expected, "{http_proxy:?} {variables:?}");
        assert!(!format!("{way:?}").contains("secret"), "{way:?}");
    }

    #[test]
    fn the_environment_names_the_proxy_as_curl_reads_it() {
        check(None, &[], None);
        check(None, &[("HTTPS_PROXY", "http://proxy:3128")], Some("proxy:3128"));
        check(None, &[("HTTPS_PROXY", "http://other:1"), ("https_proxy", "proxy:3128")], Some("proxy:3128"));
        check(None, &[("ALL_PROXY", "http://proxy:3128/")], Some("proxy:3128"));
        check(None, &[("http_proxy", "http://proxy:3128")], None);
        check(None, &[("https_proxy", "http://me:secret@proxy:3128")], Some("proxy:3128"));
        check(None, &[("https_proxy", "http://proxy:3128"), ("no_proxy", "github.com")], None);
        check(None, &[("https_proxy", "http://proxy:3128"), ("NO_PROXY", "example.com")], Some("proxy:3128"));
        check(None, &[("ALL_PROXY", "socks5h://me:secret@proxy:1080")], Some("proxy:1080"));
    }

    #[test]
    fn git_names_it_before_the_environment() {
        check(Some("http://proxy:3128"), &[("https_proxy", "http://other:1")], Some("proxy:3128"));
        check(Some("me:secret@proxy:3128"), &[], Some("proxy:3128"));
        check(Some(""), &[("https_proxy", "http://other:1")], None);
        check(Some("http://proxy:3128"), &[("no_proxy", ".github.com")], None);
    }

    #[test]
    fn what_is_no_proxy_of_a_known_kind_is_refused() {
        for unknown in ["socks4://me:secret@proxy:1080", "ftp://proxy", "http://me:secret@", "not a proxy"] {
            let error = way(None, &[("ALL_PROXY", unknown), ("no_proxy", "example.com")]).unwrap_err();
            assert_eq!(error.to_string(), "ALL_PROXY names no proxy of the kind http://, https:// or socks5://");
        }
        check(None, &[("ALL_PROXY", "ftp://proxy"), ("no_proxy", "api.github.com")], None);
        let error = way(Some("quic://proxy"), &[]).unwrap_err();
        assert_eq!(error.to_string(), "http.proxy names no proxy of the kind http://, https:// or socks5://");
    }

    /// A proxy that answers so often with these bytes; its address, and what it got before each and after the last.
    fn proxy(answers: &'static [&'static [u8]]) -> (String, mpsc::Receiver<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (got, gets) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let read = |stream: &mut TcpStream| {
                let mut buffer = [0; 4096];
                let length = stream.read(&mut buffer).unwrap_or_default();
                let _ = got.send(buffer[..length].to_vec());
            };
            for answer in answers {
                read(&mut stream);
                stream.write_all(answer).unwrap();
            }
            read(&mut stream);
        });
        (address, gets)
    }

    /// What is said of asking GitHub by the proxy that is named so.
    fn asked(named: &str) -> ApiError {
        let way = way(None, &[("https_proxy", named)]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = way.client("https://api.github.com", &GitHubToken::of(TOKEN, "GH_TOKEN")).unwrap();
            let error = client._get("/user").await.unwrap_err();
            let mut deepest: &dyn Error = &error;
            while let Some(source) = deepest.source() {
                deepest = source;
            }
            way.error(&deepest.to_string())
        })
    }

    #[test]
    fn a_proxy_sees_the_host_and_what_is_encrypted() {
        let (address, got) = proxy(&[b"HTTP/1.1 200 Connected\r\n\r\n"]);
        asked(&format!("http://me:secret@{address}"));
        let asked = String::from_utf8(got.recv().unwrap()).unwrap();
        assert!(asked.starts_with("CONNECT api.github.com:443 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), "{asked}");
        let then = got.recv().unwrap();
        assert_eq!(then.get(..2), Some(&[0x16, 0x03][..]), "TLS begins");
        let all = [asked.into_bytes(), then].concat();
        assert!(!all.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
    }

    #[test]
    fn a_socks_proxy_looks_up_the_host_and_sees_what_is_encrypted() {
        let (address, got) = proxy(&[&[5, 2], &[1, 0], &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]]);
        asked(&format!("socks5h://me:secret@{address}"));
        assert_eq!(got.recv().unwrap(), [5, 1, 2]);
        assert_eq!(got.recv().unwrap(), b"\x01\x02me\x06secret");
        assert_eq!(got.recv().unwrap(), b"\x05\x01\x00\x03\x0eapi.github.com\x01\xbb");
        assert_eq!(got.recv().unwrap().get(..2), Some(&[0x16, 0x03][..]), "TLS begins");
    }

    #[test]
    fn a_proxy_that_is_encrypted_itself_is_spoken_to_so() {
        let (address, got) = proxy(&[]);
        asked(&format!("https://me:secret@{address}"));
        assert_eq!(got.recv().unwrap().get(..2), Some(&[0x16, 0x03][..]), "TLS begins");
    }

    #[track_caller]
    fn check_no(login: &str, scheme: &str, answers: &'static [&'static [u8]], expected: &str) {
        let (address, _got) = proxy(answers);
        let error = asked(&format!("{scheme}://{login}{address}"));
        let shown = format!("{:?}: {error}\n{}", error.kind, error.hint.clone().unwrap_or_default());
        assert_eq!(shown.replace(&address, "PROXY"), expected);
    }

    #[test]
    fn a_proxy_that_says_no_is_told_apart() {
        let no: &[&[u8]] = &[b"HTTP/1.1 407 No\r\n\r\n"];
        let wants = "Forbidden: no answer by the proxy PROXY: it wants a user and a password\n\
            name them in https_proxy: http://USER:PASSWORD@HOST:PORT";
        check_no("", "http", no, wants);
        let wrong = "Forbidden: no answer by the proxy PROXY: it does not accept the user and the password\n\
            fix them in https_proxy";
        check_no("me:secret@", "http", no, wrong);
        let closed = "Network: no answer by the proxy PROXY: it does not let us through\n\
            https_proxy names the proxy; no_proxy names hosts to be asked without it";
        check_no("", "http", &[b"HTTP/1.1 502 No\r\n\r\n"], closed);
        check_no("", "socks5h", &[&[5, 255]], &wants.replace("http://USER", "socks5h://USER"));
        check_no("me:secret@", "socks5h", &[&[5, 2], &[1, 1]], wrong);
        let unreachable = "Network: no answer by the proxy PROXY: SOCKS error: host unreachable\n\
            https_proxy names the proxy; no_proxy names hosts to be asked without it";
        check_no("", "socks5h", &[&[5, 0], &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]], unreachable);
    }

    #[test]
    fn a_proxy_that_is_not_there_is_named() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let told = asked(&format!("http://me:secret@{nobody}")).to_string();
        assert!(told.starts_with(&format!("no answer by the proxy {nobody}: Connection refused")), "{told}");
    }
}
