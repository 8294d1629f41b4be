//! The two renderings of a trace, one of them in a browser.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use futures::StreamExt as _;
use k8s_openapi::api::core::v1::Secret;
use seatrial_client::{
    Api, Client,
    api::{ListParams, Patch, PatchParams, PostParams, WatchParams},
};
use seatrial_testkit::timeline::{Entry, Exchange, Failure, LaneKind, Trace, What};

/// A run in which a controller crashes between its two writes, and repeats the first.
fn story() -> Trace {
    let mut trace = Trace::new("greeting: crash after create configmaps default/ (1)");
    let user = trace.lane(LaneKind::Actor, "user");
    let collector = trace.lane(LaneKind::Actor, "garbage collector");
    let controller = trace.lane(LaneKind::Process, "controller");
    let server = trace.lane(LaneKind::Apiserver, "apiserver-0");
    let replica = trace.lane(LaneKind::Apiserver, "apiserver-1");
    let ms = Duration::from_millis;
    let greeting = r#"{"apiVersion":"quickstart.seatrial.dev/v1","kind":"Greeting","metadata":{"name":"morning","namespace":"default"},"spec":{"text":"Good <b>morning</b> & evening"}}"#;
    let request = |exchange: u64, to, method: &str, path: &str| What::Request {
        exchange: Exchange(exchange),
        to,
        method: method.into(),
        path: path.into(),
    };
    let response = |exchange: u64, from, code: u16| What::Response {
        exchange: Exchange(exchange),
        from,
        code,
    };
    let event = |from, change: &str, object: &str| What::Event {
        from,
        change: change.into(),
        object: object.into(),
    };
    let object = || "Greeting default/morning".to_owned();
    let configs = "/api/v1/namespaces/default/configmaps";

    trace.push(Entry::new(
        ms(0),
        controller,
        request(1, server, "GET", "/apis/quickstart.seatrial.dev/v1/greetings"),
    ));
    trace.push(
        Entry::new(ms(0), controller, response(1, server, 200))
            .revision(6)
            .body(r#"{"items":[]}"#),
    );
    trace.push(Entry::new(
        ms(2),
        controller,
        request(
            2,
            server,
            "GET",
            "/apis/quickstart.seatrial.dev/v1/greetings?watch=true&resourceVersion=6",
        ),
    ));
    trace.push(Entry::new(ms(2), controller, response(2, server, 200)));
    trace.push(
        Entry::new(
            ms(10),
            user,
            What::Operation("applies Greeting default/morning".into()),
        )
        .revision(7)
        .body(greeting),
    );
    trace.push(
        Entry::new(
            ms(11),
            controller,
            event(server, "ADDED", "Greeting default/morning"),
        )
        .revision(7)
        .body(greeting),
    );
    trace.push(Entry::new(
        ms(12),
        controller,
        What::ReconcileBegin { object: object() },
    ));
    trace.push(Entry::new(
        ms(12),
        controller,
        request(3, server, "GET", &format!("{configs}/morning")),
    ));
    trace.push(
        Entry::new(ms(13), controller, response(3, server, 404)).body(r#"{"kind":"Status","code":404}"#),
    );
    trace.push(
        Entry::new(ms(13), controller, request(4, server, "POST", configs))
            .body(r#"{"metadata":{"generateName":"morning-"},"data":{"greeting.txt":"Good morning"}}"#),
    );
    trace.push(
        Entry::new(
            ms(14),
            controller,
            What::Fault("carried out, but the process is killed before it hears of it".into()),
        )
        .revision(8),
    );
    trace.push(Entry::new(ms(14), controller, What::Crash));
    trace.push(Entry::new(ms(10_014), controller, What::Restart));
    trace.push(Entry::new(
        ms(10_015),
        controller,
        request(5, replica, "GET", "/apis/quickstart.seatrial.dev/v1/greetings"),
    ));
    trace.push(Entry::new(ms(10_015), controller, response(5, replica, 200)).revision(8));
    for n in 0..18 {
        trace.push(Entry::new(
            ms(10_016 + n),
            controller,
            request(100 + n, replica, "GET", &format!("{configs}?page={n}")),
        ));
        trace.push(Entry::new(
            ms(10_016 + n),
            controller,
            response(100 + n, replica, 200),
        ));
    }
    trace.push(Entry::new(
        ms(10_040),
        controller,
        What::ReconcileBegin { object: object() },
    ));
    trace.push(
        Entry::new(ms(10_040), controller, request(6, replica, "POST", configs))
            .body(r#"{"metadata":{"generateName":"morning-"}}"#),
    );
    trace.push(Entry::new(
        ms(10_041),
        controller,
        What::Note("a second ConfigMap for the same Greeting".into()),
    ));
    trace.push(Entry::new(ms(10_042), controller, response(6, replica, 201)).revision(9));
    trace.push(Entry::new(
        ms(10_043),
        controller,
        What::ReconcileEnd {
            object: object(),
            outcome: "awaits a change".into(),
            failed: false,
        },
    ));
    trace.push(Entry::new(
        ms(10_050),
        controller,
        What::ReconcileBegin { object: object() },
    ));
    trace.push(Entry::new(
        ms(10_051),
        controller,
        request(
            7,
            replica,
            "PATCH",
            "/apis/quickstart.seatrial.dev/v1/namespaces/default/greetings/morning/status",
        ),
    ));
    trace.push(
        Entry::new(ms(10_051), controller, response(7, replica, 409))
            .body(r#"{"kind":"Status","reason":"Conflict","code":409}"#),
    );
    trace.push(Entry::new(
        ms(10_052),
        controller,
        What::ReconcileEnd {
            object: object(),
            outcome: "Conflict, again after 1s".into(),
            failed: true,
        },
    ));
    trace.push(Entry::new(
        ms(11_100),
        collector,
        What::Operation("finds nothing to delete".into()),
    ));
    trace.failure = Some(
        Failure::new(
            "TooManyCreates",
            "ConfigMap default/morning-* was created twice; without the crash it is created once.\nName it after its owner, or look for it before creating another.",
        )
        .diff(" ConfigMap default/morning-*\n-  count: 1\n+  count: 2\n   data:\n     greeting.txt: Good morning")
        .replay("TESTKIT_PLAN=testkit-regressions/greeting-1.yaml cargo test greeting"),
    );
    trace
}

#[test]
fn a_text_keeps_what_matters() {
    let text = story().text();
    assert!(text.lines().count() <= 30, "{text}");
    insta::assert_snapshot!(text);
}

/// Loads the page as people do, and looks at what a browser made of it.
///
/// It needs Chromium: `apt-get install chromium`, or its path in `CHROMIUM`. Where there can be none,
/// `SEATRIAL_WITHOUT_BROWSER=1` skips this test, which says so.
#[test]
fn the_page_shows_lanes_texts_and_bodies_in_a_browser() {
    let Some(browser) = Browser::find() else {
        eprintln!("skipped: SEATRIAL_WITHOUT_BROWSER is set");
        return;
    };
    let trace = story();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("timeline-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let page = dir.join("timeline.html");
    std::fs::write(&page, trace.html()).unwrap();

    let dom = browser.dom(&page, &dir);
    for lane in &trace.lanes {
        assert!(
            dom.contains(&format!("data-lane=\"{}\"", lane.name)),
            "{}",
            lane.name
        );
    }
    for text in [
        "TooManyCreates",
        "created twice",
        "applies Greeting default/morning",
        "POST configmaps default/morning-* → no answer",
        "POST /api/v1/namespaces/default/configmaps",
        "crashes",
        "starts, with empty memory",
        "10.000 s pass",
        "<del>-  count: 1</del>",
        "Good &lt;b&gt;morning&lt;/b&gt; &amp; evening",
    ] {
        assert!(dom.contains(text), "{text}");
    }
    // One entry is reached by the tabulator, and the arrows lead on from it.
    assert_eq!(dom.matches("tabindex=\"0\" data-topic").count(), 1);
    // The script ran to its end: it counts what it shows.
    let rows = dom.matches("<li class=\"row").count();
    assert!(rows > 30, "{rows}");
    assert!(
        dom.contains(&format!("{rows} of {rows} entries")),
        "filters do not work"
    );

    for scheme in ["light", "dark"] {
        let picture = dir.join(format!("{scheme}.png"));
        browser.screenshot(&page, &picture, &dir, scheme == "dark");
        let colours = colours(&std::fs::read(&picture).unwrap());
        assert!(colours > 20, "the {scheme} picture has {colours} colours only");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}

/// A browser without a window.
struct Browser(PathBuf);

impl Browser {
    /// The browser, unless the environment says that there is none.
    fn find() -> Option<Self> {
        if std::env::var_os("SEATRIAL_WITHOUT_BROWSER").is_some() {
            return None;
        }
        let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
        let usual = [
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        ];
        let found = named
            .into_iter()
            .chain(usual.map(PathBuf::from))
            .find(|path| path.exists());
        let missing = "no Chromium: install it (`apt-get install chromium`), name it in CHROMIUM, or set \
                       SEATRIAL_WITHOUT_BROWSER=1 to skip this test";
        Some(Self(found.expect(missing)))
    }

    fn run(&self, page: &Path, dir: &Path, flags: &[String]) -> Vec<u8> {
        let profile = dir.join("profile");
        let mut command = Command::new(&self.0);
        command
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--timeout=30000",
                "--hide-scrollbars",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .args(flags)
            .arg(format!("file://{}", page.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let (done, is_done) = mpsc::channel();
        std::thread::spawn(move || done.send(child.wait_with_output()));
        let output = is_done
            .recv_timeout(Duration::from_secs(90))
            .expect("the browser does not end")
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        output.stdout
    }

    fn dom(&self, page: &Path, dir: &Path) -> String {
        String::from_utf8(self.run(page, dir, &["--dump-dom".to_owned()])).unwrap()
    }

    fn screenshot(&self, page: &Path, to: &Path, dir: &Path, is_dark: bool) {
        let mut flags = vec![
            format!("--screenshot={}", to.display()),
            "--window-size=1500,1400".to_owned(),
        ];
        if is_dark {
            flags.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        self.run(page, dir, &flags);
    }
}

/// How many colours a picture has.
fn colours(png: &[u8]) -> usize {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let pixels = pixels[..info.buffer_size()].chunks(info.color_type.samples());
    pixels.collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn what_secrets_hold_is_nowhere() {
    const HIDDEN: &str = "hunter2-in-the-page";
    let encoded = data_encoding(HIDDEN);
    let report = seatrial_testkit::sweep(|client: Client| async move {
        let secrets: Api<Secret> = Api::default_namespaced(client);
        let made: Secret = serde_json::from_value(serde_json::json!({
            "metadata": {"generateName": "made-"}, "stringData": {"password": HIDDEN},
        }))
        .unwrap();
        let _ = secrets.create(&PostParams::default(), &made).await;
        let patch = Patch::Merge(serde_json::json!({"stringData": {"password": HIDDEN}}));
        let _ = secrets.patch("a", &PatchParams::default(), &patch).await;
        let _ = secrets.list(&ListParams::default()).await;
        let mut changes = Box::pin(secrets.watch(&WatchParams::default(), "0").await.unwrap());
        while changes.next().await.is_some() {}
        std::future::pending::<()>().await;
    })
    .scenario(|user| {
        user.apply(&format!(
            "{{apiVersion: v1, kind: Secret, metadata: {{name: a}}, stringData: {{password: {HIDDEN}}}}}"
        ))
        .settle()
        .patch("Secret/v1 a", &format!("{{stringData: {{other: {HIDDEN}}}}}"))
    })
    .findings_max(5)
    .run();
    assert!(!report.findings.is_empty());
    for finding in &report.findings {
        let trace = serde_json::to_string(&finding.trace).unwrap();
        for told in [
            finding.to_string(),
            finding.trace.html(),
            finding.trace.text(),
            trace,
        ] {
            assert!(!told.contains(HIDDEN) && !told.contains(&encoded), "{told}");
        }
        assert!(finding.trace.html().contains("&lt;redacted&gt;"));
    }
}

fn data_encoding(text: &str) -> String {
    serde_json::to_value(k8s_openapi::ByteString(text.as_bytes().to_vec()))
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}
