//! Certificates with their keys, as far as a warning about them can be given without cryptography.

/// What is wrong with a certificate and its key; `None` where they may fit.
pub(super) fn complaint(certificate: &[u8], key: &[u8]) -> Option<String> {
    const CERTIFICATE: &str = "CERTIFICATE";
    const KEY: &str = "PRIVATE KEY";
    let blocks = blocks(certificate);
    let Some((_, der)) = blocks.iter().find(|(kind, _)| kind == CERTIFICATE) else {
        let kinds = kinds(&blocks);
        return Some(match kinds.as_slice() {
            [] => "tls: failed to find any PEM data in certificate input".to_owned(),
            [one] if one.ends_with(KEY) => {
                "tls: failed to find certificate PEM data in certificate input, but did find \
                                            a private key; PEM inputs may have been switched"
                    .to_owned()
            }
            _ => format!(
                "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the \
                 following types: [{}]",
                kinds.join(" ")
            ),
        });
    };
    let blocks = self::blocks(key);
    let Some((_, key)) = blocks.iter().find(|(kind, _)| kind.ends_with(KEY)) else {
        let kinds = kinds(&blocks);
        return Some(match kinds.as_slice() {
            [] => "tls: failed to find any PEM data in key input".to_owned(),
            [CERTIFICATE] => {
                "tls: found a certificate rather than a key in the PEM for the private key".to_owned()
            }
            _ => format!(
                "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM \
                 blocks of the following types: [{}]",
                kinds.join(" ")
            ),
        });
    };
    if !is_sequence(der) {
        return Some("x509: malformed certificate".to_owned());
    }
    (!is_sequence(key)).then(|| "tls: failed to parse private key".to_owned())
}

fn kinds(blocks: &[(String, Vec<u8>)]) -> Vec<&str> {
    blocks.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// The blocks of a PEM text (RFC 7468), with what they hold.
fn blocks(text: &[u8]) -> Vec<(String, Vec<u8>)> {
    use base64::Engine as _;
    let text = String::from_utf8_lossy(text);
    let mut out = Vec::new();
    let mut rest = &*text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        rest = after;
        let Some((kind, body)) = after.split_once("-----") else {
            break;
        };
        let Some((body, after)) = body.split_once(&format!("-----END {kind}-----")) else {
            continue;
        };
        let body: String = body.split_ascii_whitespace().collect();
        if let Ok(der) = base64::engine::general_purpose::STANDARD.decode(body) {
            out.push((kind.to_owned(), der));
            rest = after;
        }
    }
    out
}

/// Whether it begins as every certificate and key does: a DER sequence (X.690) as long as what follows.
fn is_sequence(der: &[u8]) -> bool {
    let (tag, length) = match der {
        [tag, 0x82, high, low, ..] => (*tag, 4 + usize::from(u16::from_be_bytes([*high, *low]))),
        [tag, 0x81, length, ..] => (*tag, 3 + usize::from(*length)),
        [tag, length, ..] => (*tag, 2 + usize::from(*length)),
        _ => return false,
    };
    tag == 0x30 && der.len() == length
}

#[test]
fn what_is_missing_is_told() {
    let pem = |kind: &str, body: &str| format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n");
    // An empty sequence.
    let (certificate, key) = (pem("CERTIFICATE", "MAA="), pem("RSA PRIVATE KEY", "MAA="));
    let told = |a: &str, b: &str| complaint(a.as_bytes(), b.as_bytes()).unwrap_or_default();
    assert_eq!(told(&certificate, &key), "");
    assert_eq!(
        told("x", "y"),
        "tls: failed to find any PEM data in certificate input"
    );
    assert_eq!(
        told(&certificate, "y"),
        "tls: failed to find any PEM data in key input"
    );
    assert!(told(&key, &certificate).ends_with("PEM inputs may have been switched"));
    assert_eq!(
        told(&certificate, &certificate),
        "tls: found a certificate rather than a key in the PEM for the private key"
    );
    assert!(told(&(pem("X", "") + &pem("Y", "")), "").ends_with("types: [X Y]"));
    assert_eq!(
        told(&pem("CERTIFICATE", "AAAA"), &key),
        "x509: malformed certificate"
    );
}
