//! HTTP checks of production.

use std::io::Read as _;
use std::time::Duration;

use ureq::http::Response;

use crate::port::{ErrorKind, Pages, PortError, Probe};

use super::{environment, proxy};

/// Redirects that are followed before giving up.
const REDIRECTS: u32 = 5;

/// More of a page is not read.
// Whoever answers may send a page without an end.
const MAX_PAGE_BYTES: u64 = 64 * 1024;

/// Asks over HTTP and HTTPS, by the proxy that the environment names; sends no credentials.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpProbe;

impl Probe for HttpProbe {
    fn get(&self, url: &str, timeout: Duration) -> Result<u16, PortError> {
        Ok(ask(url, timeout)?.status().as_u16())
    }
}

impl Pages for HttpProbe {
    fn read(&self, url: &str, timeout: Duration) -> Result<Vec<u8>, PortError> {
        let mut answer = ask(url, timeout)?;
        let status = answer.status();
        if !status.is_success() {
            let why = format!("it answered HTTP {}", status.as_u16());
            return Err(PortError::new(ErrorKind::Retry, format!("ask {}", without_secrets(url)), why));
        }
        let mut page = Vec::new();
        let mut body = answer.body_mut().as_reader().take(MAX_PAGE_BYTES);
        body.read_to_end(&mut page)
            .map_err(|error| PortError::new(ErrorKind::Retry, format!("ask {}", without_secrets(url)), error))?;
        Ok(page)
    }
}

fn ask(url: &str, timeout: Duration) -> Result<Response<ureq::Body>, PortError> {
    let by = proxy::of(url, &environment::variable).map_err(|error| failure(url, error))?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .proxy(by)
        .timeout_global(Some(timeout))
        .max_redirects(REDIRECTS)
        // A 500 is an answer about production, not a failure to ask.
        .http_status_as_error(false)
        .user_agent(concat!("hotfix/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    agent.get(url).call().map_err(|error| failure(url, error))
}

fn failure(url: &str, error: ureq::Error) -> PortError {
    let kind = match &error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) | ureq::Error::InvalidProxyUrl => ErrorKind::Precondition,
        // A login page that sends back to itself: asking again changes nothing.
        ureq::Error::TooManyRedirects => ErrorKind::Refused,
        _ => ErrorKind::Retry,
    };
    PortError::new(kind, format!("ask {}", without_secrets(url)), error)
}

/// The URL without user, password and query: they may hold secrets, and errors are kept.
fn without_secrets(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    // The last `@`: a password may hold one.
    let host = host.rsplit('@').next().unwrap_or_default();
    if scheme.is_empty() { format!("`{host}/{path}`") } else { format!("`{scheme}://{host}/{path}`") }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{Shutdown, TcpListener};
    use std::thread;

    use super::*;

    /// A server that answers every request to `/path` by `answer(path)`; `None` keeps the connection silent. Its address.
    fn server(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut silent = Vec::new();
            for mut stream in listener.incoming().map(Result::unwrap) {
                let lines: Vec<String> = BufReader::new(stream.try_clone().unwrap())
                    .lines()
                    .map_while(Result::ok)
                    .take_while(|line| !line.is_empty())
                    .collect();
                match answer(&lines.join("\n")) {
                    Some(text) => {
                        stream.write_all(text.as_bytes()).unwrap();
                        let _ = stream.shutdown(Shutdown::Write);
                    }
                    None => silent.push(stream),
                }
            }
        });
        address
    }

    fn status(line: &str) -> Option<String> {
        Some(format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    }

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn gives_the_status_whatever_it_is() {
        let url = server(|request| {
            let is_ours = request.contains(concat!("hotfix/", env!("CARGO_PKG_VERSION")));
            status(if is_ours && request.starts_with("GET /health ") { "503 Busy" } else { "400 Wrong" })
        });
        assert_eq!(HttpProbe.get(&format!("{url}/health"), SOON).unwrap(), 503);
    }

    #[test]
    fn follows_five_redirects_and_no_more() {
        let url = server(|request| {
            let left: u32 = request.split(['/', ' ']).nth(2).and_then(|n| n.parse().ok()).unwrap_or(0);
            if left == 0 {
                return status("204 Fine");
            }
            status(&format!("302 On\r\nLocation: /{}", left - 1))
        });
        assert_eq!(HttpProbe.get(&format!("{url}/5"), SOON).unwrap(), 204);
        assert_eq!(HttpProbe.get(&format!("{url}/6"), SOON).unwrap_err().kind, ErrorKind::Refused);
    }

    #[test]
    fn gives_up_on_silence_at_the_deadline() {
        let url = server(|_| None);
        let error = HttpProbe.get(&format!("{url}/health"), Duration::from_millis(300)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Retry);
        assert!(error.doing.starts_with("ask `http://127.0.0.1:"), "{error}");
    }

    #[test]
    fn says_that_nobody_listens() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = HttpProbe.get(&format!("http://{free}/"), SOON).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Retry);
    }

    #[test]
    fn tells_a_bad_address_from_a_bad_network() {
        let error = HttpProbe.get("not a url", SOON).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Precondition);
    }

    #[test]
    fn keeps_secrets_out_of_errors() {
        assert_eq!(without_secrets("https://me:pw@host:8080/a/b?token=1#x"), "`https://host:8080/a/b`");
        assert_eq!(without_secrets("host"), "`host/`");
    }
}
