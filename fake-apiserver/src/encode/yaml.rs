//! YAML as the server writes it: keys sorted, strings plain where they can be.
//!
//! The real server's writer folds long lines and quotes in a style of its own; clients read both alike, but a few
//! compare text, so the style is kept.

use serde_json::Value;

/// The best width of a line, after which the writer folds plain and quoted text at a space.
const WIDTH: usize = 80;

/// A value as a YAML document.
pub(super) fn write(value: &Value) -> String {
    let mut writer = Writer {
        out: String::new(),
        column: 0,
    };
    match value {
        Value::Object(fields) if !fields.is_empty() => writer.fields(fields, 0),
        Value::Array(items) if !items.is_empty() => writer.items(items, 0),
        other => {
            writer.scalar(other, 0);
            writer.newline();
        }
    }
    writer.out
}

struct Writer {
    out: String,
    column: usize,
}

// === impl Writer ===

impl Writer {
    fn fields(&mut self, fields: &serde_json::Map<String, Value>, indent: usize) {
        for (i, (key, value)) in fields.iter().enumerate() {
            if i > 0 || self.column == 0 {
                self.indent(indent);
            }
            self.text(key, indent, true);
            self.push(":");
            self.after_key(value, indent);
        }
    }

    fn after_key(&mut self, value: &Value, indent: usize) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                self.newline();
                self.fields(fields, indent + 2);
            }
            // A list stands no deeper than its key.
            Value::Array(items) if !items.is_empty() => {
                self.newline();
                self.items(items, indent);
            }
            other => {
                self.push(" ");
                self.scalar(other, indent);
                self.newline();
            }
        }
    }

    fn items(&mut self, items: &[Value], indent: usize) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 || self.column == 0 {
                self.indent(indent);
            }
            self.push("- ");
            match item {
                Value::Object(fields) if !fields.is_empty() => self.fields(fields, indent + 2),
                Value::Array(inner) if !inner.is_empty() => self.items(inner, indent + 2),
                other => {
                    self.scalar(other, indent);
                    self.newline();
                }
            }
        }
    }

    fn scalar(&mut self, value: &Value, indent: usize) {
        match value {
            Value::String(text) => self.text(text, indent, false),
            Value::Object(_) => self.push("{}"),
            Value::Array(_) => self.push("[]"),
            other => self.push(&other.to_string()),
        }
    }

    fn text(&mut self, text: &str, indent: usize, key: bool) {
        if !key && text.contains('\n') && text.chars().all(|c| c == '\n' || is_printable(c)) {
            return self.block(text, indent);
        }
        if text.chars().any(|c| !is_printable(c)) {
            return self.double_quoted(text);
        }
        if resolves_to_other(text) {
            return self.double_quoted(text);
        }
        if is_plain(text) {
            self.folded(text, indent, key);
        } else {
            self.push("'");
            self.folded(&text.replace('\'', "''"), indent, key);
            self.push("'");
        }
    }

    /// Writes words; past the width a single space between two words becomes a line break.
    fn folded(&mut self, text: &str, indent: usize, key: bool) {
        let chars: Vec<char> = text.chars().collect();
        for (i, c) in chars.iter().enumerate() {
            let inside = i > 0 && i + 1 < chars.len();
            let single = inside && chars[i - 1] != ' ' && chars[i + 1] != ' ';
            if *c == ' ' && !key && single && self.column > WIDTH {
                self.newline();
                self.indent(indent + 2);
            } else {
                self.out.push(*c);
                self.column += 1;
            }
        }
    }

    fn block(&mut self, text: &str, indent: usize) {
        self.push("|");
        if text.starts_with([' ', '\n']) {
            self.push("2");
        }
        let stripped = text.trim_end_matches('\n');
        match text.len() - stripped.len() {
            0 => self.push("-"),
            1 if !stripped.is_empty() => {}
            _ => self.push("+"),
        }
        self.newline();
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            if !line.is_empty() {
                self.indent(indent + 2);
                self.push(line);
            }
            self.newline();
        }
        // The caller ends the line; the last one has ended already.
        self.out.pop();
    }

    fn double_quoted(&mut self, text: &str) {
        self.push("\"");
        for c in text.chars() {
            match c {
                '"' => self.push("\\\""),
                '\\' => self.push("\\\\"),
                '\n' => self.push("\\n"),
                '\r' => self.push("\\r"),
                '\t' => self.push("\\t"),
                '\0' => self.push("\\0"),
                c if is_printable(c) => self.push(c.encode_utf8(&mut [0; 4])),
                c if (c as u32) < 0x100 => self.push(&format!("\\x{:02X}", c as u32)),
                c if (c as u32) < 0x1_0000 => self.push(&format!("\\u{:04X}", c as u32)),
                c => self.push(&format!("\\U{:08X}", c as u32)),
            }
        }
        self.push("\"");
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn indent(&mut self, by: usize) {
        self.push(&" ".repeat(by));
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{1_0000}'..='\u{10_ffff}')
        && c != '\u{feff}'
}

/// Whether a YAML reader would take the bare text for something else than a string.
fn resolves_to_other(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<",
    ];
    let lower = text.to_ascii_lowercase();
    if text.is_empty() || WORDS.contains(&lower.as_str()) {
        return true;
    }
    is_number(&lower) || is_timestamp(text)
}

fn is_number(lower: &str) -> bool {
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(lower);
    if matches!(unsigned, ".inf" | ".nan") {
        return true;
    }
    let plain = unsigned.replace('_', "");
    let radix = |prefix: &str, radix: u32| {
        plain
            .strip_prefix(prefix)
            .is_some_and(|d| !d.is_empty() && d.chars().all(|c| c.is_digit(radix)))
    };
    if radix("0x", 16) || radix("0o", 8) || radix("0b", 2) {
        return true;
    }
    plain.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && plain.chars().any(|c| c.is_ascii_digit())
        && plain.parse::<f64>().is_ok()
}

/// `2006-01-02` or an RFC 3339 time.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        bytes
            .get(range)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let date = digits(0..4)
        && bytes.get(4) == Some(&b'-')
        && digits(5..7)
        && bytes.get(7) == Some(&b'-')
        && digits(8..10);
    date && (bytes.len() == 10 || matches!(bytes[10], b'T' | b't' | b' ') && digits(11..13))
}

/// Whether the text can stand without quotes.
fn is_plain(text: &str) -> bool {
    let first = text.chars().next().unwrap_or(' ');
    if "#,[]{}&*!|>'\"%@` ".contains(first) || text.ends_with(' ') || text.ends_with(':') {
        return false;
    }
    if matches!(first, '-' | '?' | ':') {
        let second = text.chars().nth(1);
        if second.is_none_or(|c| c == ' ') {
            return false;
        }
    }
    !(text.contains(": ") || text.contains(" #") || text.starts_with("---") || text.starts_with("..."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_stand_no_deeper_than_their_key() {
        let value = json!({"a": [{"b": 1, "c": []}, "x"], "d": {"e": {}, "f": null}});
        assert_eq!(
            write(&value),
            "a:\n- b: 1\n  c: []\n- x\nd:\n  e: {}\n  f: null\n"
        );
    }

    #[test]
    fn text_that_would_be_read_as_something_else_is_quoted() {
        let value = json!([
            "0",
            "yes",
            "2030-01-01T00:00:00Z",
            "a: b",
            "it's",
            "- x",
            "1e3",
            "v1",
            "",
            "a\tb"
        ]);
        assert_eq!(
            write(&value),
            "- \"0\"\n- \"yes\"\n- \"2030-01-01T00:00:00Z\"\n- 'a: b'\n- it's\n- '- x'\n- \"1e3\"\n- v1\n- \"\"\n- \"a\\tb\"\n"
        );
    }

    #[test]
    fn lines_become_a_block() {
        assert_eq!(write(&json!({"a": "x\ny\n"})), "a: |\n  x\n  y\n");
        assert_eq!(write(&json!({"a": "x\ny"})), "a: |-\n  x\n  y\n");
        assert_eq!(write(&json!({"a": "x\n\n"})), "a: |+\n  x\n\n");
    }
}
