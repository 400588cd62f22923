//! Prometheus' Alertmanager as it is, on loopback: it groups alerts, and posts them to a webhook.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Sandbox;

const PROGRAM: &str = "/usr/bin/prometheus-alertmanager";

/// An Alertmanager that tells one webhook. Ended when dropped.
#[derive(Debug)]
pub struct Alertmanager {
    port: u16,
    server: Child,
}

impl Alertmanager {
    /// Starts one that tells `webhook`; `None` where the machine has none.
    pub fn serve(sandbox: &Sandbox, webhook: &str) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let folder = sandbox.root().join("alertmanager");
        fs::create_dir(&folder).expect("the folder is ours");
        let settings = format!(
            "route:\n  receiver: hotfix\n  group_by: [alertname]\n  group_wait: 0s\n\
             receivers:\n- name: hotfix\n  webhook_configs:\n  - url: {webhook}\n"
        );
        let (config, log) = (folder.join("alertmanager.yml"), folder.join("log"));
        fs::write(&config, settings).expect("the folder is ours");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("there is a port").port();
        let mut command = Command::new(PROGRAM);
        command
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--web.external-url=http://alerts.shop.example")
            // It looks for others else.
            .arg("--cluster.listen-address=");
        let log_file = fs::File::create(&log).expect("the folder is ours");
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(log_file);
        let server = command.spawn().expect("it is there");
        let started = Self { port, server };
        let is_up = (0..400).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            started.post("[]").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"))
        });
        assert!(is_up, "Alertmanager does not answer: {}", fs::read_to_string(log).unwrap_or_default());
        Some(started)
    }

    /// Gives it alerts, as Prometheus does; its answer.
    pub fn post(&self, alerts: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let length = alerts.len();
        let head = format!(
            "POST /api/v2/alerts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all((head + alerts).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
