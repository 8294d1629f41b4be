//! Kubeconfigs.
//!
//! The input is the text of two files, with a byte 0xFF between them.

use seatrial_client::{
    Config,
    config::{KubeConfigOptions, Kubeconfig, MemoryHost},
};

/// Reads the files: each is taken or refused, what is taken can be written and read again, and an error quotes nothing.
pub fn run(input: &[u8]) {
    let mut files = input.splitn(2, |byte| *byte == 0xFF);
    let (first, second) = (files.next().unwrap_or_default(), files.next().unwrap_or_default());
    let host = MemoryHost::new()
        .with_var("KUBECONFIG", "/first:/second")
        .with_file("/first", first)
        .with_file("/second", second);
    let kubeconfig = match Kubeconfig::read_on(&host) {
        Ok(kubeconfig) => kubeconfig,
        Err(error) => {
            let told = format!("{error} {error:?}");
            assert!(!told.contains("hunter2"), "{told}");
            return;
        }
    };
    let written = serde_json::to_value(&kubeconfig).expect("a kubeconfig can be written");
    let again: Kubeconfig = serde_json::from_value(written.clone()).expect("what was written can be read");
    let again = serde_json::to_value(again).expect("a kubeconfig can be written");
    assert_eq!(again, written);

    // Merging with itself says nothing new.
    let merged = kubeconfig
        .clone()
        .merge(kubeconfig.clone())
        .expect("it fits itself");
    assert_eq!(
        serde_json::to_value(merged).expect("a kubeconfig can be written"),
        written
    );

    for context in kubeconfig.contexts.iter().map(|named| named.name.clone()).take(4) {
        let options = KubeConfigOptions {
            context: Some(context),
            ..KubeConfigOptions::default()
        };
        if let Ok(config) = Config::from_custom_kubeconfig_on(host.clone(), kubeconfig.clone(), &options) {
            assert!(config.cluster_url.host().is_some());
        }
    }
}
