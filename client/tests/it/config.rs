//! Kubeconfigs: how they are read and turned into a configuration.

use seatrial_client::{
    Config, Error,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError, MemoryHost},
};

use crate::support::chain;

const ALL: &str = r"
apiVersion: v1
kind: Config
current-context: dev
preferences: {colors: true, theme: dark}
extensions:
- {name: tool, extension: {seen: 1}}
clusters:
- name: local
  note: mine
  cluster:
    server: https://10.0.0.1:6443
    tls-server-name: kubernetes
    insecure-skip-tls-verify: true
    disable-compression: true
    proxy-url: socks5://bastion:1080
    future: [1, 2]
contexts:
- name: dev
  context: {cluster: local, user: joe, namespace: team, mood: good}
users:
- name: joe
  user:
    token: 012345
    as: jane
    as-uid: '7'
    as-groups: [a, b]
    as-user-extra: {scopes: [view]}
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./get-token
      args: [--quiet]
      env: [{name: A, value: b}]
      interactiveMode: Never
      provideClusterInfo: true
      installHint: install it
      later: true
    auth-provider: {name: oidc, config: {client-id: c}}
future: {a: b}
";

async fn resolve(yaml: &str, options: &KubeConfigOptions) -> Result<Config, KubeconfigError> {
    Config::from_custom_kubeconfig(Kubeconfig::from_yaml(yaml)?, options).await
}

#[tokio::test]
async fn everything_that_a_kubeconfig_says_is_in_the_configuration() {
    let config = resolve(ALL, &KubeConfigOptions::default()).await.unwrap();
    insta::assert_debug_snapshot!(config, @r#"
    Config {
        cluster_url: "https://10.0.0.1:6443/",
        default_namespace: "team",
        root_cert: None,
        root_cert_file: None,
        connect_timeout: Some(
            30s,
        ),
        read_timeout: None,
        write_timeout: Some(
            295s,
        ),
        reset_reader_on_write: true,
        accept_invalid_certs: true,
        auth_info: AuthInfo {
            username: None,
            password: None,
            token: Some(
                [hidden],
            ),
            token_file: None,
            client_certificate: None,
            client_certificate_data: None,
            client_key: None,
            client_key_data: None,
            impersonate: Some(
                "jane",
            ),
            impersonate_uid: Some(
                "7",
            ),
            impersonate_groups: Some(
                [
                    "a",
                    "b",
                ],
            ),
            impersonate_user_extra: Some(
                {
                    "scopes": [
                        "view",
                    ],
                },
            ),
            auth_provider: Some(
                AuthProviderConfig {
                    name: "oidc",
                    config: [
                        "client-id",
                    ],
                    other: [],
                },
            ),
            exec: Some(
                ExecConfig {
                    api_version: Some(
                        "client.authentication.k8s.io/v1",
                    ),
                    command: Some(
                        "./get-token",
                    ),
                    args: Some(
                        [hidden],
                    ),
                    env: Some(
                        [
                            "A",
                        ],
                    ),
                    drop_env: None,
                    install_hint: Some(
                        "install it",
                    ),
                    interactive_mode: Some(
                        Never,
                    ),
                    provide_cluster_info: true,
                    cluster: Some(
                        ExecAuthCluster {
                            server: Some(
                                "https://10.0.0.1:6443",
                            ),
                            tls_server_name: Some(
                                "kubernetes",
                            ),
                            insecure_skip_tls_verify: Some(
                                true,
                            ),
                            certificate_authority_data: None,
                            proxy_url: Some(
                                "socks5://bastion:1080",
                            ),
                            config: None,
                        },
                    ),
                    other: [
                        "later",
                    ],
                },
            ),
            extensions: None,
            other: [],
        },
        disable_compression: true,
        proxy_url: Some(
            "socks5://bastion:1080/",
        ),
        tls_server_name: Some(
            "kubernetes",
        ),
        headers: [],
        credential_timeout: Some(
            60s,
        ),
        default_retry: true,
        ..
    }
    "#);
}

#[test]
fn what_is_unknown_survives_being_read_and_written() {
    let read: serde_json::Value = serde_json::to_value(Kubeconfig::from_yaml(ALL).unwrap()).unwrap();
    let again = Kubeconfig::from_yaml(&read.to_string()).unwrap();
    assert_eq!(serde_json::to_value(again).unwrap(), read);
    assert_eq!(read["future"]["a"], "b");
    assert_eq!(read["preferences"]["theme"], "dark");
    assert_eq!(read["clusters"][0]["note"], "mine");
    assert_eq!(read["clusters"][0]["cluster"]["future"][1], 2);
    assert_eq!(read["contexts"][0]["context"]["mood"], "good");
    assert_eq!(read["users"][0]["user"]["exec"]["later"], true);
    // What is written as a number is a text all the same, and keeps its zero.
    assert_eq!(read["users"][0]["user"]["token"], "012345");
}

#[test]
fn nulls_are_as_good_as_nothing() {
    let yaml =
        "clusters: null\ncontexts:\nusers: ~\ncurrent-context: null\npreferences: null\nextensions: null";
    let kubeconfig = Kubeconfig::from_yaml(yaml).unwrap();
    assert!(
        kubeconfig.clusters.is_empty()
            && kubeconfig.auth_infos.is_empty()
            && kubeconfig.current_context.is_none()
    );
    let yaml = "users: [{name: a, user: null}, {name: b, user: {exec: {command: x, args: null, env: null, \
                provideClusterInfo: null}, token: null, auth-provider: null}}]\ncontexts: [{name: null, context: null}]";
    let kubeconfig = Kubeconfig::from_yaml(yaml).unwrap();
    assert!(kubeconfig.auth_infos[0].auth_info.is_none());
    assert!(Kubeconfig::from_yaml("").unwrap().contexts.is_empty());
    assert!(
        Kubeconfig::from_yaml("---\n---\n# nothing\n")
            .unwrap()
            .contexts
            .is_empty()
    );
}

#[test]
fn any_encoding_of_unicode_will_do() {
    let text = "current-context: käse\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        mark.then_some(0xFEFF)
            .into_iter()
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    };
    let files = [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        utf16(u16::to_le_bytes, true),
        utf16(u16::to_be_bytes, true),
        utf16(u16::to_le_bytes, false),
        utf16(u16::to_be_bytes, false),
    ];
    for file in files {
        let host = MemoryHost::new()
            .with_var("HOME", "/home/joe")
            .with_file("/home/joe/.kube/config", file);
        assert_eq!(
            Kubeconfig::read_on(&host).unwrap().current_context.as_deref(),
            Some("käse")
        );
    }
}

#[test]
fn relative_paths_start_at_their_file() {
    let yaml = "clusters: [{name: c, cluster: {certificate-authority: ca.crt}}]\n\
                users: [{name: a, user: {client-certificate: ./a.crt, client-key: keys/a.key, tokenFile: /abs, \
                exec: {command: ../bin/login}}}, {name: b, user: {exec: {command: login}}}]";
    let host = MemoryHost::new()
        .with_var("KUBECONFIG", "dir/sub/config")
        .with_file("/dir/sub/config", yaml);
    let kubeconfig = Kubeconfig::read_on(&host).unwrap();
    let cluster = kubeconfig.clusters[0].cluster.as_ref().unwrap();
    assert_eq!(cluster.certificate_authority.as_deref(), Some("/dir/sub/ca.crt"));
    let user = kubeconfig.auth_infos[0].auth_info.as_ref().unwrap();
    assert_eq!(user.client_certificate.as_deref(), Some("/dir/sub/a.crt"));
    assert_eq!(user.client_key.as_deref(), Some("/dir/sub/keys/a.key"));
    assert_eq!(user.token_file.as_deref(), Some("/abs"));
    assert_eq!(
        user.exec.as_ref().unwrap().command.as_deref(),
        Some("/dir/sub/../bin/login")
    );
    let other = kubeconfig.auth_infos[1].auth_info.as_ref().unwrap();
    assert_eq!(
        other.exec.as_ref().unwrap().command.as_deref(),
        Some("login"),
        "a name is looked up in PATH"
    );
}

#[test]
fn of_several_files_those_that_are_missing_are_left_out() {
    let host = MemoryHost::new()
        .with_var("KUBECONFIG", "/absent::/a:/b:")
        .with_file("/a", "current-context: a");
    assert_eq!(
        Kubeconfig::read_on(&host).unwrap().current_context.as_deref(),
        Some("a")
    );
    let host = MemoryHost::new().with_var("KUBECONFIG", "/absent:/gone");
    let error = Kubeconfig::read_on(&host).unwrap_err();
    insta::assert_snapshot!(chain(&error), @r"
    the kubeconfig /absent cannot be read
      because: entity not found
    ");
    // An empty list is none.
    let host = MemoryHost::new()
        .with_var("KUBECONFIG", "")
        .with_var("HOME", "/home/user")
        .with_file("/home/user/.kube/config", "current-context: home");
    assert_eq!(
        Kubeconfig::read_on(&host).unwrap().current_context.as_deref(),
        Some("home")
    );
}

#[tokio::test]
async fn a_context_can_be_put_together() {
    let yaml = "contexts: [{name: x, context: {cluster: a, user: u}}]\n\
                clusters: [{name: a, cluster: {server: 'http://a'}}, {name: b, cluster: {server: 'http://b'}}]\n\
                users: [{name: u, user: {token: t}}, {name: v, user: {username: joe}}]";
    let options = |context: Option<&str>, cluster: Option<&str>, user: Option<&str>| KubeConfigOptions {
        context: context.map(str::to_owned),
        cluster: cluster.map(str::to_owned),
        user: user.map(str::to_owned),
    };
    let config = resolve(yaml, &options(Some("x"), None, None)).await.unwrap();
    assert_eq!(config.cluster_url, "http://a");
    assert!(config.auth_info.token.is_some());
    let config = resolve(yaml, &options(Some("x"), Some("b"), Some("v")))
        .await
        .unwrap();
    assert_eq!(config.cluster_url, "http://b");
    assert_eq!(config.auth_info.username.as_deref(), Some("joe"));
    assert_eq!(config.default_namespace, "default");
    // Nobody in particular, by an unknown name or by none.
    for user in ["nobody", ""] {
        let config = resolve(yaml, &options(None, Some("b"), Some(user)))
            .await
            .unwrap();
        assert!(config.auth_info.token.is_none());
    }

    let errors = [
        options(None, None, None),
        options(Some("y"), None, None),
        options(Some("x"), Some("z"), None),
    ];
    let mut text = String::new();
    for options in errors {
        text += &chain(&resolve(yaml, &options).await.unwrap_err());
        text += "\n";
    }
    insta::assert_snapshot!(text, @r"
    the kubeconfig has no `current-context`: set it, or choose a context
    the kubeconfig has no context `y`
    the kubeconfig has no cluster `z`
    ");
}

#[tokio::test]
async fn a_server_without_a_scheme_means_what_it_means_to_kubectl() {
    for (cluster, url) in [
        ("{server: 'localhost:8080'}", "http://localhost:8080/"),
        (
            "{server: 'host:6443', insecure-skip-tls-verify: true}",
            "https://host:6443/",
        ),
        ("{server: 'host/prefix'}", "http://host/prefix"),
        ("{server: 'https://[fd00::1]:6443'}", "https://[fd00::1]:6443/"),
        ("{server: '10.0.0.1'}", "http://10.0.0.1/"),
    ] {
        let yaml = format!("clusters: [{{name: c, cluster: {cluster}}}]");
        let options = KubeConfigOptions {
            cluster: Some("c".to_owned()),
            ..KubeConfigOptions::default()
        };
        assert_eq!(
            resolve(&yaml, &options).await.unwrap().cluster_url.to_string(),
            url
        );
    }
}

const POD: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const CERTIFICATE: &str = include_str!("ca.pem");

fn pod(address: &str) -> MemoryHost {
    MemoryHost::new()
        .with_var("KUBERNETES_SERVICE_HOST", address)
        .with_var("KUBERNETES_SERVICE_PORT", "443")
        .with_file(format!("{POD}/token"), "t0k3n")
        .with_file(format!("{POD}/namespace"), "team\n")
        .with_file(format!("{POD}/ca.crt"), CERTIFICATE.trim_end())
}

#[tokio::test]
async fn a_pod_finds_its_own_cluster() {
    for (address, url) in [
        ("10.0.0.1", "https://10.0.0.1:443/"),
        ("fd00::1", "https://[fd00::1]:443/"),
    ] {
        let config = Config::infer_on(pod(address)).await.unwrap();
        assert_eq!(config.cluster_url.to_string(), url);
        assert_eq!(config.default_namespace, "team");
        assert_eq!(config.root_cert.unwrap().len(), 1);
        assert_eq!(config.auth_info.token_file.unwrap(), format!("{POD}/token"));
        assert!(config.proxy_url.is_none());
    }
    // A kubeconfig goes first.
    let host = pod("10.0.0.1").with_var("KUBECONFIG", "/config").with_file(
        "/config",
        "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n\
         clusters: [{name: c, cluster: {server: 'http://other'}}]",
    );
    assert_eq!(Config::infer_on(host).await.unwrap().cluster_url, "http://other");
}

#[test]
fn a_pod_can_find_its_cluster_by_name() {
    let host = MemoryHost::new()
        .with_file(format!("{POD}/token"), "t0k3n")
        .with_file(format!("{POD}/namespace"), "team")
        .with_file(format!("{POD}/ca.crt"), CERTIFICATE);
    let config = Config::incluster_dns_on(host).unwrap();
    assert_eq!(config.cluster_url, "https://kubernetes.default.svc/");
    assert_eq!(config.default_namespace, "team");
    assert_eq!(config.root_cert.unwrap().len(), 1);
    assert_eq!(config.auth_info.token_file.unwrap(), format!("{POD}/token"));
    let error = chain(&Config::incluster_dns_on(MemoryHost::new()).unwrap_err());
    assert!(
        error.contains("serviceaccount/namespace cannot be read"),
        "{error}"
    );
}

#[test]
fn what_is_wrong_with_a_pod_is_told() {
    let hosts = [
        MemoryHost::new(),
        pod("10.0.0.1").with_var("KUBERNETES_SERVICE_PORT", "many"),
        pod("no host"),
        {
            let host = pod("10.0.0.1");
            host.remove(format!("{POD}/namespace"));
            host
        },
        {
            let host = pod("10.0.0.1");
            host.remove(format!("{POD}/ca.crt"));
            host
        },
        pod("10.0.0.1").with_file(format!("{POD}/ca.crt"), "not a certificate"),
    ];
    let errors: Vec<_> = hosts
        .into_iter()
        .map(|host| chain(&Config::incluster_on(host).unwrap_err()))
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r"
    KUBERNETES_SERVICE_HOST is not set: this is not a pod, or its environment was cleared
    KUBERNETES_SERVICE_PORT is not a port
      because: invalid digit found in string
    KUBERNETES_SERVICE_HOST is not a host
      because: invalid uri character
    the namespace file /var/run/secrets/kubernetes.io/serviceaccount/namespace cannot be read
      because: entity not found
    the CA file /var/run/secrets/kubernetes.io/serviceaccount/ca.crt cannot be read
      because: entity not found
    the CA file /var/run/secrets/kubernetes.io/serviceaccount/ca.crt holds no certificates
      because: there is no such PEM section
    ");
}

#[tokio::test]
async fn the_environment_names_the_proxy() {
    let config = |server: &str, host: MemoryHost| {
        let yaml = format!("clusters: [{{name: c, cluster: {server}}}]");
        let options = KubeConfigOptions {
            cluster: Some("c".to_owned()),
            ..KubeConfigOptions::default()
        };
        Config::from_custom_kubeconfig_on(host, Kubeconfig::from_yaml(&yaml).unwrap(), &options)
    };
    let host = || {
        MemoryHost::new()
            .with_var("HTTPS_PROXY", "proxy:3128")
            .with_var("http_proxy", "http://plain")
            .with_var("NO_PROXY", "internal,10.0.0.0/8,")
    };
    for (server, proxy) in [
        ("{server: 'https://host'}", Some("http://proxy:3128/")),
        ("{server: 'http://host'}", Some("http://plain/")),
        // The server is what NO_PROXY is about, not the proxy.
        ("{server: 'https://api.internal:6443'}", None),
        ("{server: 'https://10.1.2.3:6443'}", None),
        ("{server: 'https://localhost:6443'}", None),
        // What the kubeconfig says itself counts.
        (
            "{server: 'https://10.1.2.3:6443', proxy-url: 'socks5://bastion'}",
            Some("socks5://bastion/"),
        ),
        (
            "{server: 'https://host', proxy-url: ''}",
            Some("http://proxy:3128/"),
        ),
    ] {
        let found = config(server, host())
            .unwrap()
            .proxy_url
            .map(|url| url.to_string());
        assert_eq!(found.as_deref(), proxy, "{server}");
    }
    let cgi = host().with_var("REQUEST_METHOD", "GET");
    assert_eq!(config("{server: 'http://host'}", cgi).unwrap().proxy_url, None);
    let upper_first = host().with_var("https_proxy", "http://lower");
    assert_eq!(
        config("{server: 'https://host'}", upper_first)
            .unwrap()
            .proxy_url
            .unwrap(),
        "http://proxy:3128"
    );
    let bad = MemoryHost::new().with_var("HTTPS_PROXY", "http://u:hunter2@[");
    let error = chain(&config("{server: 'https://host'}", bad).unwrap_err());
    insta::assert_snapshot!(error, @r"
    the proxy is not a URL
      because: the environment variable HTTPS_PROXY
      because: invalid authority
    ");
}

#[test]
fn a_pod_goes_through_the_proxy_of_its_environment() {
    let host = || pod("10.0.0.1").with_var("HTTPS_PROXY", "proxy:3128");
    let config = Config::incluster_on(host()).unwrap();
    assert_eq!(config.proxy_url.unwrap(), "http://proxy:3128");
    let excepted = host().with_var("NO_PROXY", "10.0.0.0/8");
    assert_eq!(Config::incluster_on(excepted).unwrap().proxy_url, None);
    let bad = host().with_var("HTTPS_PROXY", "http://u:hunter2@[");
    insta::assert_snapshot!(chain(&Config::incluster_on(bad).unwrap_err()), @r"
    the proxy is not a URL
      because: the environment variable HTTPS_PROXY
      because: invalid authority
    ");
}

#[test]
fn the_environment_can_override_for_a_look_at_what_another_user_sees() {
    let host = pod("10.0.0.1")
        .with_var("KUBE_RS_DEBUG_IMPERSONATE_USER", "jane")
        .with_var("KUBE_RS_DEBUG_IMPERSONATE_GROUP", "a, b")
        .with_var("KUBE_RS_DEBUG_OVERRIDE_URL", "http://localhost:8001");
    let mut config = Config::incluster_on(host).unwrap();
    config.apply_debug_overrides();
    assert_eq!(config.auth_info.impersonate.as_deref(), Some("jane"));
    assert_eq!(config.auth_info.impersonate_groups.unwrap(), ["a", "b"]);
    assert_eq!(config.cluster_url, "http://localhost:8001");

    let mut config =
        Config::incluster_on(pod("10.0.0.1").with_var("KUBE_RS_DEBUG_OVERRIDE_URL", "http://[")).unwrap();
    config.apply_debug_overrides();
    assert_eq!(config.cluster_url, "https://10.0.0.1:443");
}

#[test]
fn another_server_is_reached_by_the_proxy_that_is_for_it() {
    let overridden = |set: Option<&'static str>, url: &str| {
        let host = pod("10.0.0.1")
            .with_var("HTTPS_PROXY", "proxy:3128")
            .with_var("KUBE_RS_DEBUG_OVERRIDE_URL", url);
        let mut config = Config::incluster_on(host).unwrap();
        if let Some(set) = set {
            config.proxy_url = Some(set.parse().unwrap());
        }
        config.apply_debug_overrides();
        config.proxy_url.map(|url| url.to_string())
    };
    assert_eq!(overridden(None, "http://localhost:8001"), None);
    assert_eq!(
        overridden(None, "https://other").as_deref(),
        Some("http://proxy:3128/")
    );
    assert_eq!(
        overridden(Some("socks5://bastion"), "http://localhost:8001").as_deref(),
        Some("socks5://bastion/")
    );
}

/// Each bad kubeconfig, and what its user reads.
#[tokio::test]
async fn bad_input_is_an_error_that_names_the_file_and_the_field() {
    let base = "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n";
    let with = |cluster: &str, user: &str| {
        format!("{base}clusters: [{{name: c, cluster: {cluster}}}]\nusers: [{{name: u, user: {user}}}]\n")
    };
    let files = [
        "clusters: [".to_owned(),
        "clusters: {hunter2: 1}".to_owned(),
        "users:\n- name: u\n  user:\n    token: [hunter2]\n".to_owned(),
        "users: [{name: u, user: {exec: {command: x, interactiveMode: hunter2}}}]".to_owned(),
        "---\ncurrent-context: x\n---\nclusters: [{name: c, cluster: {insecure-skip-tls-verify: hunter2}}]"
            .to_owned(),
        "current-context: x\ncurrent-context: y\n".to_owned(),
        "hunter2".to_owned(),
        "kind: Config\n---\nkind: List\n".to_owned(),
        with("{}", "{}"),
        with("{server: 'https://[hunter2'}", "{}"),
        with(
            "{server: 'https://host', proxy-url: 'http://joe:hunter2@['}",
            "{}",
        ),
        with(
            "{server: 'https://host', certificate-authority-data: 'hunter2!'}",
            "{}",
        ),
        with(
            "{server: 'https://host', certificate-authority-data: aHVudGVyMg==}",
            "{}",
        ),
        with("{server: 'https://host', certificate-authority: ca.crt}", "{}"),
    ];
    let mut errors = String::new();
    for file in files {
        let host = MemoryHost::new()
            .with_var("KUBECONFIG", "/home/joe/config")
            .with_file("/home/joe/config", file);
        let error = Config::from_kubeconfig_on(host, &KubeConfigOptions::default())
            .await
            .unwrap_err();
        errors += &chain(&Error::from(error));
        errors += "\n";
    }
    assert!(!errors.contains("hunter2"), "{errors}");
    insta::assert_snapshot!(errors, @r"
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 1, column 11: this is not YAML, or not what belongs here
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 1, column 11: clusters: expected a list
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 4, column 12: users[0].user.token: expected a string
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 1, column 62: users[0].user.exec.interactiveMode: expected one of Never, IfAvailable, Always
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 4, column 58: clusters[0].cluster.insecure-skip-tls-verify: expected boolean
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 2, column 1: this key stands twice in its map
    the kubeconfig cannot be used
      because: the kubeconfig cannot be parsed
      because: /home/joe/config: line 1, column 1: expected a map
    the kubeconfig cannot be used
      because: kubeconfigs with different values of `kind` cannot be merged
    the kubeconfig cannot be used
      because: the cluster has no server
      because: /home/joe/config: cluster `c`: server
      because: it is missing or empty
    the kubeconfig cannot be used
      because: the server is not a URL
      because: /home/joe/config: cluster `c`: server
      because: invalid authority
    the kubeconfig cannot be used
      because: the proxy is not a URL
      because: /home/joe/config: cluster `c`: proxy-url
      because: invalid authority
    the kubeconfig cannot be used
      because: the certificate authorities cannot be read
      because: /home/joe/config: cluster `c`: certificate-authority-data
      because: it is not base64
    the kubeconfig cannot be used
      because: the certificate authorities are not certificates
      because: /home/joe/config: cluster `c`: certificate-authority-data
      because: there is no such PEM section
    the kubeconfig cannot be used
      because: the certificate authorities cannot be read
      because: /home/joe/config: cluster `c`: certificate-authority
      because: the file /home/joe/ca.crt cannot be read
      because: entity not found
    ");
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let yaml = "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n\
        clusters: [{name: c, cluster: {server: 'https://joe:hunter2@host', proxy-url: 'http://joe:hunter2@proxy', \
            hunterkey: hunter2, extensions: [{name: e, extension: hunter2}]}}]\n\
        users: [{name: u, user: {username: joe, password: hunter2, token: hunter2, client-key-data: hunter2, \
            client-certificate-data: hunter2, tokens: hunter2, \
            exec: {command: x, args: [hunter2], env: [{name: A, value: hunter2}], later: hunter2}, \
            auth-provider: {name: oidc, config: {refresh-token: hunter2, client-secret: hunter2}, later: hunter2}}}]";
    let kubeconfig = Kubeconfig::from_yaml(yaml).unwrap();
    let shown = format!("{kubeconfig:?} {kubeconfig:#?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("hunterkey"), "{shown}");
    let mut config = Config::try_from(kubeconfig).unwrap();
    let header = ("x-secret".parse().unwrap(), "hunter2".parse().unwrap());
    config.headers.push(header);
    let shown = format!("{config:?} {:?}", config.auth_info.exec);
    assert!(!shown.contains("hunter2"), "{shown}");
}
