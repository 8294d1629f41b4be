//! The table's format: interned strings first, then numbers as LEB128.

use std::collections::BTreeMap;

/// Collects the table.
#[derive(Default)]
pub(crate) struct Writer {
    strings: Vec<String>,
    index: BTreeMap<String, u32>,
    body: Vec<u8>,
}

impl Writer {
    /// Writes a number.
    pub(crate) fn number(&mut self, n: usize) {
        leb128(&mut self.body, n);
    }

    /// Writes a string, as its index in the table of strings.
    pub(crate) fn string(&mut self, s: &str) {
        let n = self.intern(s);
        self.number(n as usize);
    }

    /// The index of a string.
    pub(crate) fn intern(&mut self, s: &str) -> u32 {
        if let Some(n) = self.index.get(s) {
            return *n;
        }
        let n = u32::try_from(self.strings.len()).expect("few strings");
        self.strings.push(s.to_owned());
        self.index.insert(s.to_owned(), n);
        n
    }

    /// Writes a list of strings.
    pub(crate) fn strings<'a>(&mut self, all: impl ExactSizeIterator<Item = &'a str>) {
        self.number(all.len());
        for s in all {
            self.string(s);
        }
    }

    /// The whole table.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        leb128(&mut out, self.strings.len());
        for s in &self.strings {
            leb128(&mut out, s.len());
            out.extend_from_slice(s.as_bytes());
        }
        out.extend_from_slice(&self.body);
        out
    }
}

fn leb128(out: &mut Vec<u8>, mut n: usize) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}
