//! The text of an expression, and what is wrong with it, shown as the server shows it.

use std::fmt;

/// The text of an expression, addressed by code points as the language does.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    chars: Vec<char>,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// One thing that is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    line: usize,
    column: usize,
    message: String,
    snippet: String,
}

/// Everything that is wrong with an expression, in the order of the text.
///
/// It prints as cel-go does: a line `ERROR: <input>:LINE:COLUMN: MESSAGE`, the line of the expression, and a caret under
/// the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issues(Vec<Issue>);

/// More issues than these are counted, not shown.
const SHOWN_MAX: usize = 100;

impl Source {
    pub(crate) fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let mut lines = vec![0];
        lines.extend(
            chars
                .iter()
                .enumerate()
                .filter(|(_, c)| **c == '\n')
                .map(|(i, _)| i + 1),
        );
        Self { chars, lines }
    }

    pub(crate) fn chars(&self) -> &[char] {
        &self.chars
    }

    /// The text between two places; the end may lie behind the end of the text.
    pub(crate) fn slice(&self, from: usize, to: usize) -> String {
        let to = to.min(self.chars.len());
        self.chars[from.min(to)..to].iter().collect()
    }

    /// An issue at a place.
    pub(crate) fn issue(&self, at: usize, message: impl Into<String>) -> Issue {
        let line = self.lines.partition_point(|start| *start <= at).max(1) - 1;
        let start = self.lines[line];
        let end = self.lines.get(line + 1).map_or(self.chars.len(), |next| next - 1);
        Issue {
            line: line + 1,
            column: at - start,
            message: message.into(),
            snippet: self.chars[start..end].iter().collect(),
        }
    }
}

impl Issue {
    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The line and column of the place, both counted from 1.
    pub fn place(&self) -> (usize, usize) {
        (self.line, self.column + 1)
    }
}

impl Issues {
    pub(crate) fn new(mut issues: Vec<Issue>) -> Self {
        issues.sort_by_key(|i| (i.line, i.column));
        Self(issues)
    }

    /// The issues one by one.
    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        self.0.iter()
    }
}

impl std::error::Error for Issues {}

impl fmt::Display for Issues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, issue) in self.0.iter().take(SHOWN_MAX).enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{issue}")?;
        }
        match self.0.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "\n{more} more errors were truncated"),
        }
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.place();
        write!(f, "ERROR: <input>:{line}:{column}: {}", self.message)?;
        let snippet = self.snippet.replace('\t', " ");
        write!(f, "\n | {snippet}\n | ")?;
        // Characters of more than one byte are underlined with wide signs, so that the caret keeps its place.
        let mut chars = snippet.chars();
        for c in chars.by_ref().take(self.column) {
            f.write_str(if c.len_utf8() > 1 { "．" } else { "." })?;
        }
        f.write_str(if chars.next().is_some_and(|c| c.len_utf8() > 1) {
            "＾"
        } else {
            "^"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_shows_its_line_and_a_caret() {
        let source = Source::new("a\nbc + é\td");
        assert_eq!(
            source.issue(9, "no").to_string(),
            "ERROR: <input>:2:8: no\n | bc + é d\n | .....．.^"
        );
        assert_eq!(
            source.issue(0, "no").to_string(),
            "ERROR: <input>:1:1: no\n | a\n | ^"
        );
        assert_eq!(
            source.issue(7, "no").to_string(),
            "ERROR: <input>:2:6: no\n | bc + é d\n | .....＾"
        );
    }
}
