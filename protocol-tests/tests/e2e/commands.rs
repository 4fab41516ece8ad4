//! What of a real cluster is reached by commands alone: its brokers' processes, and Kafka's own tools.
//!
//! | variable | the command |
//! | --- | --- |
//! | `OTTLA_E2E_NODE` | `COMMAND kill|stop|start ID` does that to a broker and returns when it is done |
//! | `OTTLA_E2E_TOOL` | `COMMAND CLASS ARGS..` runs a class of `org.apache.kafka.tools`, or one whose whole name is given |

use std::ffi::OsStr;
use std::process::Stdio;

use ottla::BrokerId;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::target::{bootstrap, variable};

/// Does `what` to a broker.
pub(crate) async fn node(what: &str, broker: BrokerId) {
    let command = variable("NODE").expect("OTTLA_E2E_NODE is the command that ends and starts brokers");
    let status = Command::new(command).args([what, &broker.to_string()]).status().await.unwrap();
    assert!(status.success(), "{what} {broker}: {status}");
}

/// Runs one of Kafka's tools on the cluster; gives what it prints.
pub(crate) async fn tool(class: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
    tool_with_input(class, arguments, "").await
}

pub(crate) async fn tool_with_input(
    class: &str,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
    input: &str,
) -> String {
    let command = variable("TOOL").expect("OTTLA_E2E_TOOL is the command that runs Kafka's tools");
    let mut child = Command::new(command)
        .args([class, "--bootstrap-server", &bootstrap()])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{class}: {}: {said}", output.status);
    said
}
