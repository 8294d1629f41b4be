//! Where strings end, found eight bytes at a time.

const ONES: u64 = u64::MAX / 0xFF;
const HIGHS: u64 = ONES * 0x80;

/// How many bytes there are before the first quote, backslash or control character, or the end.
#[inline]
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    len(bytes, plain_len_of_word, |byte| {
        !matches!(byte, b'"' | b'\\' | 0..0x20)
    })
}

/// The same for eight bytes, of which the first is the lowest.
#[inline]
pub(super) fn plain_len_of_word(word: u64) -> usize {
    first(below(word, 0x20) | is(word, b'"') | is(word, b'\\'))
}

/// How many bytes there are before the first quote or backslash, or the end.
#[inline]
pub(super) fn quoted_len(bytes: &[u8]) -> usize {
    len(
        bytes,
        |word| first(is(word, b'"') | is(word, b'\\')),
        |byte| !matches!(byte, b'"' | b'\\'),
    )
}

#[inline]
fn len(bytes: &[u8], len_of_word: impl Fn(u64) -> usize, belongs: impl Fn(u8) -> bool) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let len = len_of_word(u64::from_le_bytes(*word));
        at += len;
        if len < word.len() {
            return at;
        }
    }
    at + rest.iter().take_while(|byte| belongs(**byte)).count()
}

/// Marks the bytes that are `byte`, up to the first at least.
#[inline]
fn is(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * u64::from(byte)), 1)
}

/// Marks the bytes that are less than `n`, up to the first at least.
///
/// Taking n from a byte sets its highest bit if it was less, or so large that the bit was set before, which does not count. A borrow reaches only bytes
/// behind the first that was less.
#[inline]
fn below(word: u64, n: u64) -> u64 {
    word.wrapping_sub(ONES * n) & !word & HIGHS
}

/// The place of the first byte that is marked; eight if none is.
#[inline]
fn first(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_at_the_first_byte_that_does_not_belong() {
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                for other in [b' ', b'!', b'#', b'[', b']', b'~', 0x7F, 0x80, 0xA2, 0xDC, 0xFF] {
                    let mut word = [other; 8];
                    word[at] = byte;
                    let end = |belongs: bool| if belongs { 8 } else { at };
                    let plain = end(!matches!(byte, b'"' | b'\\' | 0..0x20));
                    assert_eq!(plain_len_of_word(u64::from_le_bytes(word)), plain, "{word:?}");
                    assert_eq!(plain_len(&word), plain);
                    assert_eq!(plain_len(&word[..7]), plain.min(7));
                    let quoted = end(!matches!(byte, b'"' | b'\\'));
                    assert_eq!(quoted_len(&word), quoted);
                    assert_eq!(quoted_len(&word[..7]), quoted.min(7));
                    assert_eq!(quoted_len(&[[b'x'; 8], word].concat()), 8 + quoted);
                }
            }
        }
    }
}
