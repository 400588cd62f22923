//! Posts to webhooks. Their addresses are secrets, so errors are told in words of our own.

use std::io::Read as _;
use std::time::{Duration, Instant};

use crate::domain::Printable;
use crate::port::{ErrorKind, PortError, WebhookPost};

use super::{environment, proxy};

/// More of an answer is not read: it may have no end.
const MAX_ANSWER_BYTES: u64 = 512;

/// So much of it is told, in characters.
const SHOWN: usize = 120;

/// The pause before the second try; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Posts over HTTP and HTTPS, by the proxy that the environment names.
#[derive(Debug, Clone, Copy, Default)]
pub struct HttpWebhook;

/// Why one try failed.
enum Trouble {
    /// It may go better in a moment.
    ForNow(String),
    /// It would go the same again; or it may have been taken, and would be told twice.
    ForGood(ErrorKind, String),
}

impl WebhookPost for HttpWebhook {
    fn post(&self, address: &str, document: &[u8], deadline: Duration) -> Result<(), PortError> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let left = deadline.saturating_sub(began.elapsed());
            let failed = |kind, why| Err(PortError::new(kind, "post to the webhook", why));
            match attempt(address, document, left) {
                Ok(()) => return Ok(()),
                Err(Trouble::ForGood(kind, why)) => return failed(kind, why),
                Err(Trouble::ForNow(why)) if began.elapsed() + pause >= deadline => {
                    return failed(ErrorKind::Retry, why);
                }
                Err(Trouble::ForNow(_)) => std::thread::sleep(pause),
            }
            pause *= 2;
        }
    }
}

fn attempt(address: &str, document: &[u8], left: Duration) -> Result<(), Trouble> {
    let by = proxy::of(address, &environment::variable).map_err(|error| trouble(&error))?;
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .proxy(by)
        .timeout_global(Some(left))
        // What one address takes is not for another to have.
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("hotfix/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut answer =
        agent.post(address).content_type("application/json").send(document).map_err(|error| trouble(&error))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let mut said = Vec::new();
    // What cannot be read of it is left out.
    let _ = answer.body_mut().as_reader().take(MAX_ANSWER_BYTES).read_to_end(&mut said);
    let said = Printable::from_bytes(&said).one_line().at_most(SHOWN);
    let said = if said.as_str().is_empty() { String::new() } else { format!(": {said}") };
    let why = format!("it answered HTTP {}{said}", status.as_u16());
    Err(match status.as_u16() {
        300..=399 => Trouble::ForGood(ErrorKind::Refused, format!("{why}; redirects are not followed")),
        429 | 500..=599 => Trouble::ForNow(why),
        _ => Trouble::ForGood(ErrorKind::Refused, why),
    })
}

/// What ureq says holds the address in places.
fn trouble(error: &ureq::Error) -> Trouble {
    match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            Trouble::ForGood(ErrorKind::Precondition, "its address is no http or https URL".to_owned())
        }
        ureq::Error::InvalidProxyUrl => {
            Trouble::ForGood(ErrorKind::Precondition, "the proxy that the environment names is no URL".to_owned())
        }
        // It may have been taken: told again, it would stand there twice.
        ureq::Error::Timeout(_) => Trouble::ForGood(ErrorKind::Retry, "it did not answer in time".to_owned()),
        ureq::Error::HostNotFound => Trouble::ForNow("its host was not found".to_owned()),
        ureq::Error::Io(error) => Trouble::ForNow(format!("no answer: {}", error.kind())),
        // It was reached, and may have taken it.
        ureq::Error::Protocol(_) | ureq::Error::LargeResponseHeader(..) => {
            Trouble::ForGood(ErrorKind::Refused, "what it answered is no HTTP".to_owned())
        }
        _ => Trouble::ForNow("no connection".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use super::*;

    /// A server that answers each request by `answer`, which gets the number of the request; and what was posted to it.
    fn server(answer: impl Fn(usize, &mut TcpStream) + Send + 'static) -> (String, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/hooks/secret", listener.local_addr().unwrap());
        let (tell, told) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let head: Vec<String> =
                    reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                let length =
                    head.iter().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                let mut body = vec![0; length.unwrap_or(0)];
                let _ = reader.read_exact(&mut body);
                let _ = tell.send(format!("{}\n{}", head.join("\n"), String::from_utf8_lossy(&body)));
                answer(number, &mut stream);
            }
        });
        (address, told)
    }

    fn says(stream: &mut TcpStream, text: &str) {
        let _ = stream.write_all(text.as_bytes());
    }

    fn ends(stream: &mut TcpStream, status: &str, body: &str) {
        let length = body.len();
        says(stream, &format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"));
    }

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn posts_a_document_once() {
        let (address, told) = server(|_, stream| ends(stream, "200 OK", "ok"));
        HttpWebhook.post(&address, b"{\"text\":\"x\"}", SOON).unwrap();
        let told: Vec<String> = told.try_iter().collect();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].starts_with("POST /hooks/secret HTTP/1.1") && told[0].ends_with("{\"text\":\"x\"}"),
            "{told:?}"
        );
        assert!(told[0].to_lowercase().contains("content-type: application/json"), "{told:?}");
    }

    #[test]
    fn what_fails_for_now_is_tried_again() {
        let (address, told) = server(|number, stream| match number {
            0 => ends(stream, "503 Busy", ""),
            1 => ends(stream, "429 Later", ""),
            2 => {} // Hangs up without a word.
            _ => ends(stream, "204 Fine", ""),
        });
        HttpWebhook.post(&address, b"{}", SOON).unwrap();
        assert_eq!(told.try_iter().count(), 4);
    }

    #[test]
    fn what_is_refused_is_tried_once_and_its_reason_told() {
        let (address, told) = server(|_, stream| ends(stream, "400 Bad", "invalid_payload\u{1b}[31m"));
        let error = HttpWebhook.post(&address, b"{}", SOON).unwrap_err();
        assert_eq!(error.to_string(), "failed to post to the webhook: it answered HTTP 400: invalid_payload");
        assert_eq!((error.kind, told.try_iter().count()), (ErrorKind::Refused, 1));
    }

    #[test]
    fn an_answer_that_is_no_http_is_called_so() {
        let (address, told) = server(|_, stream| says(stream, "SSH-2.0-OpenSSH_9.6\r\n\r\n"));
        let error = HttpWebhook.post(&address, b"{}", SOON).unwrap_err();
        assert_eq!(error.to_string(), "failed to post to the webhook: what it answered is no HTTP");
        assert_eq!(told.try_iter().count(), 1);
    }

    #[test]
    fn no_redirect_is_followed() {
        let (elsewhere, there) = server(|_, stream| ends(stream, "200 OK", ""));
        let (address, _told) = server(move |_, stream| {
            says(
                stream,
                &format!("HTTP/1.1 307 On\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            );
        });
        let error = HttpWebhook.post(&address, b"{}", SOON).unwrap_err().to_string();
        assert!(error.ends_with("it answered HTTP 307; redirects are not followed"), "{error}");
        assert_eq!(there.try_iter().count(), 0);
    }

    #[test]
    fn an_answer_without_an_end_is_not_waited_for() {
        let without_end = |stream: &mut TcpStream, status: &str| {
            says(stream, &format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n\r\n"));
            let mut stream = stream.try_clone().unwrap();
            thread::spawn(move || while stream.write_all(&[b'x'; 65_536]).is_ok() {});
        };
        let (address, _told) = server(move |_, stream| without_end(stream, "200 OK"));
        HttpWebhook.post(&address, b"{}", SOON).unwrap();
        let (address, _told) = server(move |_, stream| without_end(stream, "404 Gone"));
        let error = HttpWebhook.post(&address, b"{}", SOON).unwrap_err().to_string();
        assert!(error.contains("HTTP 404: xxx") && error.len() < 300, "{error}");
    }

    #[test]
    fn silence_ends_at_the_deadline_and_is_not_told_twice() {
        let kept = std::sync::Mutex::new(Vec::new());
        let (address, told) = server(move |_, stream| kept.lock().unwrap().push(stream.try_clone().unwrap()));
        let error = HttpWebhook.post(&address, b"{}", Duration::from_millis(500)).unwrap_err();
        assert_eq!(error.to_string(), "failed to post to the webhook: it did not answer in time");
        assert_eq!(told.try_iter().count(), 1);
    }

    #[test]
    fn nothing_of_the_address_is_in_an_error() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let soon = Duration::from_millis(500);
        for address in
            [&format!("http://{free}/secret"), "secret", "ftp://secret/x", "https://se cret/x", "http:///secret"]
        {
            let error = HttpWebhook.post(address, b"{}", soon).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
    }
}
