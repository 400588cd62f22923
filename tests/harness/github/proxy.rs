//! A company's proxy on the way to the fake server: it opens what is encrypted for api.github.com by a certificate of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::GitHub;

/// A running proxy; it ends with the test.
#[derive(Debug)]
pub struct Proxy {
    address: String,
    certificate: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl GitHub {
    /// A proxy that plays this one to whoever asks for api.github.com by it.
    pub fn behind_proxy(&self) -> Proxy {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["api.github.com".to_owned()]).expect("a certificate can be made");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider knows TLS")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()))
            .expect("the certificate and its key belong together");
        let (config, github) = (Arc::new(config), self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").expect("this machine has a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let notes = Arc::clone(&asked);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let asked = head(&stream);
                let is_github = asked.starts_with("CONNECT api.github.com:443 HTTP/1.1\n");
                notes.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
                let answer = if is_github { "200 Connected" } else { "403 Nowhere else" };
                if write!(stream, "HTTP/1.1 {answer}\r\n\r\n").is_err() || !is_github {
                    continue;
                }
                let (config, github) = (Arc::clone(&config), github.clone());
                thread::spawn(move || {
                    let encrypted = ServerConnection::new(config).expect("the configuration is whole");
                    github.talk(StreamOwned::new(encrypted, stream));
                });
            }
        });
        Proxy { address, certificate: cert.pem(), asked }
    }
}

impl Proxy {
    /// Its host and port.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The certificate by which it opens what is encrypted, as PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What it was asked before anything was encrypted, a text for each connection.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The lines of a request up to the empty one. Nothing behind it is read: the client waits for the answer.
fn head(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    lines.map(|line| line + "\n").collect()
}
