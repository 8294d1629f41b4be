//! Where strings end, found eight bytes at a time.

const ONES: u64 = u64::MAX / 0xFF;
const HIGHS: u64 = ONES * 0x80;
const QUOTES: u64 = ONES * b'"' as u64;
const BACKSLASHES: u64 = ONES * b'\\' as u64;

/// The place of the first quote, backslash or control character from `at` on, or the end.
#[inline]
pub(super) fn plain_end(bytes: &[u8], at: usize) -> usize {
    end(bytes, at, plain_ends, |byte| {
        !matches!(byte, b'"' | b'\\' | 0..0x20)
    })
}

/// How many of eight bytes, of which the first is the lowest, there are before the first of these.
#[inline]
pub(super) fn plain_len_of_word(word: u64) -> usize {
    first(plain_ends(word))
}

/// The place of the first quote or backslash from `at` on, or the end.
#[inline]
pub(super) fn quoted_end(bytes: &[u8], at: usize) -> usize {
    end(
        bytes,
        at,
        |word| (less_or_high(word ^ QUOTES, 1) | less_or_high(word ^ BACKSLASHES, 1)) & !word & HIGHS,
        |byte| !matches!(byte, b'"' | b'\\'),
    )
}

/// Places and not parts of the slice go round, because a part would be checked once more for each word.
#[inline]
fn end(bytes: &[u8], mut at: usize, ends: impl Fn(u64) -> u64, belongs: impl Fn(u8) -> bool) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let ends = ends(u64::from_le_bytes(*word));
        if ends != 0 {
            return at + first(ends);
        }
        at += word.len();
    }
    while bytes.get(at).is_some_and(|byte| belongs(*byte)) {
        at += 1;
    }
    at
}

/// Marks quotes, backslashes and control characters, up to the first at least.
#[inline]
fn plain_ends(word: u64) -> u64 {
    let ends =
        less_or_high(word, 0x20) | less_or_high(word ^ QUOTES, 1) | less_or_high(word ^ BACKSLASHES, 1);
    // None of the three changes the highest bit of a byte, so that one mask serves them all.
    ends & !word & HIGHS
}

/// Sets the highest bit of bytes that are less than `n`, up to the first at least, and of some in which it was set before, which do not count.
///
/// Taking n from a byte sets its highest bit if it was less, or so large that the bit was set before. A borrow reaches only bytes behind the first that
/// was less.
#[inline]
fn less_or_high(word: u64, n: u64) -> u64 {
    word.wrapping_sub(ONES * n)
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
                    assert_eq!(plain_end(&word, 0), plain);
                    assert_eq!(plain_end(&word[..7], 0), plain.min(7));
                    let quoted = end(!matches!(byte, b'"' | b'\\'));
                    assert_eq!(quoted_end(&word, 0), quoted);
                    assert_eq!(quoted_end(&word[..7], 0), quoted.min(7));
                    assert_eq!(quoted_end(&[[b'"'; 8], word].concat(), 8), 8 + quoted);
                }
            }
        }
    }
}
