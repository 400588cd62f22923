//! The way to GitHub: encrypted, through the proxy that the environment names, as curl reads it. A proxy sees the name of the
//! host and nothing else.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderValue, USER_AGENT};
use http::uri::{Scheme, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioExecutor;
use octocrab::service::middleware::auth_header::AuthHeaderLayer;
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};

use super::token::Token;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);

/// Why no connection can be made.
type Failure = Box<dyn Error + Send + Sync>;

/// The way to one address.
#[derive(Clone)]
pub(super) struct Way {
    proxy: Option<Proxy>,
}

/// A proxy, and what it is told of us.
#[derive(Clone)]
struct Proxy {
    address: Uri,
    authorization: Option<HeaderValue>,
}

impl Way {
    /// The way to `address`: by a proxy where these variables name one for it.
    ///
    /// # Errors
    /// When it is a proxy of a kind that we do not speak to.
    pub(super) fn to(address: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let address: Uri = address.parse()?;
        // What is not encrypted goes to this machine or a network of one's own, and there is no token for a proxy to see.
        if address.scheme() != Some(&Scheme::HTTPS) {
            return Ok(Self { proxy: None });
        }
        let variable = |lower: &str, upper: &str| environment(lower).or_else(|| environment(upper)).unwrap_or_default();
        let proxies = Matcher::builder()
            .https(variable("https_proxy", "HTTPS_PROXY"))
            .all(variable("all_proxy", "ALL_PROXY"))
            .no(variable("no_proxy", "NO_PROXY"))
            .build();
        let Some(named) = proxies.intercept(&address) else { return Ok(Self { proxy: None }) };
        if named.uri().scheme() != Some(&Scheme::HTTP) {
            let kind = named.uri().scheme_str().unwrap_or_default();
            return Err(format!("the proxy is one of the kind {kind}, and only http:// is spoken here").into());
        }
        let proxy = Proxy { address: named.uri().clone(), authorization: named.basic_auth().cloned() };
        Ok(Self { proxy: Some(proxy) })
    }

    /// The proxy's host and port, without whatever it is told of us.
    pub(super) fn proxy(&self) -> Option<String> {
        let authority = self.proxy.as_ref()?.address.authority()?;
        Some(authority.to_string())
    }

    /// A client for what is below `base`, which sends nothing yet. Redirects are not followed.
    ///
    /// # Errors
    /// When the address is none, or the machine has no certificates.
    pub(super) fn client(&self, base: &str, token: &Token) -> Result<Octocrab, Failure> {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_connect_timeout(Some(CONNECT));
        let tls = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
        let hyper = Hyper::builder(TokioExecutor::new());
        let Some(proxy) = &self.proxy else { return octocrab(hyper.build(tls.wrap_connector(direct)), base, token) };
        let tunnel = Tunnel::new(proxy.address.clone(), direct);
        let tunnel = proxy.authorization.clone().into_iter().fold(tunnel, Tunnel::with_auth);
        octocrab(hyper.build(tls.wrap_connector(tunnel)), base, token)
    }
}

/// Octocrab over this connection. The token goes to the host of `base` and nowhere else.
fn octocrab<C>(hyper: Hyper<C, OctoBody>, base: &str, token: &Token) -> Result<Octocrab, Failure>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let base: Uri = base.trim_end_matches('/').parse()?;
    let mut authorization = HeaderValue::try_from(format!("Bearer {}", token.expose()))?;
    authorization.set_sensitive(true);
    let agent = HeaderValue::from_static(concat!("hotfix/", env!("CARGO_PKG_VERSION")));
    let built = OctocrabBuilder::new_empty()
        .with_service(hyper)
        .with_layer(&ExtraHeadersLayer::new(Arc::new(vec![(USER_AGENT, agent)])))
        .with_layer(&BaseUriLayer::new(base.clone()))
        .with_layer(&AuthHeaderLayer::new(Some(authorization), base.clone(), base))
        .with_auth(AuthState::None)
        .build();
    match built {
        Ok(octocrab) => Ok(octocrab),
        Err(never) => match never {},
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Way").field("proxy", &self.proxy()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc;

    use super::*;

    const TOKEN: &str = "ghp_CanaryCanaryCanaryCanaryCanary0123456";

    fn way(address: &str, variables: &[(&str, &str)]) -> Result<Way, Failure> {
        let environment =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Way::to(address, &environment)
    }

    #[track_caller]
    fn check(address: &str, variables: &[(&str, &str)], expected: Option<&str>) {
        let way = way(address, variables).unwrap();
        assert_eq!(way.proxy().as_deref(), expected, "{variables:?}");
        assert!(!format!("{way:?}").contains("secret"), "{way:?}");
    }

    #[test]
    fn the_environment_names_the_proxy_as_curl_reads_it() {
        let github = "https://api.github.com";
        check(github, &[], None);
        check(github, &[("HTTPS_PROXY", "http://proxy:3128")], Some("proxy:3128"));
        check(github, &[("HTTPS_PROXY", "http://other:1"), ("https_proxy", "proxy:3128")], Some("proxy:3128"));
        check(github, &[("ALL_PROXY", "http://proxy:3128/")], Some("proxy:3128"));
        check(github, &[("http_proxy", "http://proxy:3128")], None);
        check(github, &[("https_proxy", "http://me:secret@proxy:3128")], Some("proxy:3128"));
        check(github, &[("https_proxy", "http://proxy:3128"), ("no_proxy", "github.com")], None);
        check(github, &[("https_proxy", "http://proxy:3128"), ("NO_PROXY", "example.com")], Some("proxy:3128"));
        check("http://127.0.0.1:4000", &[("all_proxy", "http://proxy:3128")], None);
    }

    #[test]
    fn a_proxy_of_another_kind_is_refused() {
        let error = way("https://api.github.com", &[("ALL_PROXY", "socks5://me:secret@proxy:1080")]).unwrap_err();
        assert_eq!(error.to_string(), "the proxy is one of the kind socks5, and only http:// is spoken here");
    }

    /// A proxy that answers once like this; its address, and what it got before and after the answer.
    fn proxy(answer: &'static str) -> (String, mpsc::Receiver<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (got, gets) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            for _ in 0..2 {
                let length = stream.read(&mut buffer).unwrap_or_default();
                got.send(buffer[..length].to_vec()).unwrap();
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        (address, gets)
    }

    fn asked(proxy: &str) -> String {
        let named = format!("http://me:secret@{proxy}");
        let way = way("https://api.github.com", &[("https_proxy", &named)]).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = way.client("https://api.github.com", &Token::of(TOKEN, "GH_TOKEN")).unwrap();
            let error = client._get("/user").await.unwrap_err();
            let (mut text, mut error): (String, &dyn Error) = (String::new(), &error);
            while let Some(source) = error.source() {
                error = source;
                text = format!("{text}\n{error}");
            }
            text
        })
    }

    #[test]
    fn a_proxy_sees_the_host_and_what_is_encrypted() {
        let (address, got) = proxy("HTTP/1.1 200 Connected\r\n\r\n");
        asked(&address);
        let asked = String::from_utf8(got.recv().unwrap()).unwrap();
        assert!(asked.starts_with("CONNECT api.github.com:443 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.contains("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"), "{asked}");
        let then = got.recv().unwrap();
        assert_eq!(then.get(..2), Some(&[0x16, 0x03][..]), "TLS begins");
        let all = [asked.into_bytes(), then].concat();
        assert!(!all.windows(TOKEN.len()).any(|part| part == TOKEN.as_bytes()));
    }

    #[test]
    fn a_proxy_that_says_no_is_told_apart() {
        let (address, _got) = proxy("HTTP/1.1 407 No\r\n\r\n");
        assert!(asked(&address).contains("proxy authorization required"));
        let (address, _got) = proxy("HTTP/1.1 502 No\r\n\r\n");
        assert!(asked(&address).contains("tunnel error: unsuccessful"));
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let told = asked(&nobody.to_string());
        assert!(told.contains("Connection refused") && !told.contains("secret"), "{told}");
    }
}
