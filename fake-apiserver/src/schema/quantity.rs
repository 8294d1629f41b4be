//! Resource quantities: read in any of their notations, printed in the canonical one.
//!
//! # Source
//! <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>

use std::fmt;

/// An amount in billionths, the finest that quantities express, with the notation it prints in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    nano: i128,
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    DecimalExponent,
    BinarySi,
    DecimalSi,
}

/// A text is no quantity; the messages are the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a number with a suffix.
    #[error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    Format,
    /// The number is none.
    #[error("unable to parse numeric part of quantity")]
    Numeric,
    /// The suffix is unknown.
    #[error("unable to parse quantity's suffix")]
    Suffix,
}

const NANO: i128 = 1_000_000_000;
const MAX: i128 = i64::MAX as i128 * NANO;

// === impl Quantity ===

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    /// The text is none.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let split = unsigned
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(split);
        if text.is_empty() || !suffix_shape(suffix) {
            return Err(QuantityError::Format);
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if fraction.contains('.') {
            return Err(QuantityError::Format);
        }
        let (base, exponent, format) = interpret(suffix).ok_or(QuantityError::Suffix)?;
        if whole.is_empty() && fraction.is_empty() {
            return Err(QuantityError::Numeric);
        }
        let nano = scale(whole, fraction, base, exponent);
        Ok(Self {
            nano: if text.starts_with('-') { -nano } else { nano },
            format,
        })
    }

    /// The amount in billionths.
    pub fn nano(self) -> i128 {
        self.nano
    }

    /// The amount in thousandths, rounded up.
    pub fn milli(self) -> i128 {
        -(-self.nano).div_euclid(NANO / 1000)
    }

    /// The amount in wholes, rounded up.
    pub fn value(self) -> i128 {
        -(-self.nano).div_euclid(NANO)
    }

    /// The sum, in the notation of `self`, or that of `other` where `self` is zero.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            nano: (self.nano + other.nano).clamp(-MAX, MAX),
            format: if self.nano == 0 { other.format } else { self.format },
        }
    }

    /// The difference, in the notation of `self`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            nano: (self.nano - other.nano).clamp(-MAX, MAX),
            format: if self.nano == 0 { other.format } else { self.format },
        }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.nano.partial_cmp(&other.nano)
    }
}

impl From<i64> for Quantity {
    fn from(n: i64) -> Self {
        Self {
            nano: i128::from(n) * NANO,
            format: Format::DecimalSi,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nano == 0 {
            return f.write_str("0");
        }
        let mut format = self.format;
        // Small and fractional amounts would lose precision as powers of two.
        if format == Format::BinarySi && (self.nano.abs() < 1024 * NANO || self.nano % NANO != 0) {
            format = Format::DecimalSi;
        }
        if format == Format::BinarySi {
            let (mut n, mut power) = (self.nano / NANO, 0);
            while n % 1024 == 0 && power < 6 {
                n /= 1024;
                power += 1;
            }
            return write!(f, "{n}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power]);
        }
        let (mut n, mut power) = (self.nano, 0);
        while n % 1000 == 0 && power < 9 {
            n /= 1000;
            power += 1;
        }
        match format {
            Format::DecimalExponent if power == 3 => write!(f, "{n}"),
            Format::DecimalExponent => write!(f, "{n}e{}", power as i32 * 3 - 9),
            _ => write!(
                f,
                "{n}{}",
                ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"][power]
            ),
        }
    }
}

/// Letters of the known suffixes, then a signed number.
fn suffix_shape(suffix: &str) -> bool {
    let rest = suffix.trim_start_matches(|c| "eEinumkKMGTP".contains(c));
    let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    rest.bytes().all(|b| b.is_ascii_digit())
}

fn interpret(suffix: &str) -> Option<(u32, i32, Format)> {
    let decimal = |e| Some((10, e, Format::DecimalSi));
    let binary = |e| Some((1024, e, Format::BinarySi));
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let exponent: i64 = exponent.parse().ok()?;
            Some((10, exponent.clamp(-1000, 1000) as i32, Format::DecimalExponent))
        }
    }
}

/// The billionths of `whole.fraction * base^exponent`, rounded up and capped.
fn scale(whole: &str, fraction: &str, base: u32, exponent: i32) -> i128 {
    if base == 10 {
        return decimal(whole, fraction, i64::from(exponent) + 9);
    }
    // Both products stay below 2^127: a factor has at most 61 bits, eighteen digits have 60.
    let factor = 1024_i128.pow(exponent.unsigned_abs());
    let kept = &fraction[..fraction.len().min(18)];
    let parts = kept.parse::<i128>().unwrap_or(0) * factor;
    let unit = 10_i128.pow(kept.len() as u32);
    let fine = match unit / NANO {
        0 => parts * (NANO / unit),
        coarse => -(-parts).div_euclid(coarse),
    };
    let rest = fraction[kept.len()..].bytes().any(|b| b != b'0');
    let whole = decimal(whole, "", 0).checked_mul(factor * NANO).unwrap_or(MAX);
    whole.saturating_add(fine + i128::from(rest)).min(MAX)
}

/// The number with its point moved right, rounded up and capped.
fn decimal(whole: &str, fraction: &str, shift: i64) -> i128 {
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0');
    // Digits before the point; what is missing there is zeros, what is behind it rounds up.
    let point = significant.len() as i64 - fraction.len() as i64 + shift;
    if significant.is_empty() {
        return 0;
    }
    if point > 30 {
        return MAX;
    }
    let before = point.max(0) as usize;
    let kept = &significant[..before.min(significant.len())];
    let dropped = significant[kept.len()..].bytes().any(|b| b != b'0');
    let zeros = (before - kept.len()) as u32;
    let n = kept.parse::<i128>().unwrap_or(0) * 10_i128.pow(zeros) + i128::from(dropped);
    n.min(MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, canonical: &str) {
        assert_eq!(Quantity::parse(text).expect("a quantity").to_string(), canonical);
    }

    #[test]
    fn quantities_print_canonically() {
        check("0.1", "100m");
        check("100m", "100m");
        check("1000m", "1");
        check("1.5Gi", "1536Mi");
        check("1024Mi", "1Gi");
        check("0.5Mi", "512Ki");
        check("512", "512");
        check("1Ki", "1Ki");
        check("1000Ki", "1000Ki");
        check("100000", "100k");
        check("1e3", "1e3");
        check("12e6", "12e6");
        check("1E", "1E");
        check("0.0000000001", "1n");
        check("1.0000000001", "1000000001n");
        check("-1.5", "-1500m");
        check("0Gi", "0");
        check("+5", "5");
        check(".5", "500m");
        check("5.", "5");
        check("0.001Ki", "1024m");
        check("99999999999999999999", "9223372036854775807");
    }

    #[test]
    fn what_is_no_quantity_is_told() {
        for text in ["", "x", "1 ", "one", "1.2.3", "1Xi"] {
            assert_eq!(Quantity::parse(text), Err(QuantityError::Format), "{text}");
        }
        assert_eq!(Quantity::parse("1ki"), Err(QuantityError::Suffix));
        assert_eq!(Quantity::parse("Mi"), Err(QuantityError::Numeric));
    }

    proptest! {
        #[test]
        fn printing_is_stable(text in "[+-]?[0-9]{0,40}\\.?[0-9]{0,20}(|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|e-?[0-9]{1,3})") {
            if let Ok(q) = Quantity::parse(&text) {
                let again = Quantity::parse(&q.to_string()).unwrap();
                prop_assert_eq!(again.nano(), q.nano());
                prop_assert_eq!(again.to_string(), q.to_string());
            }
        }
    }
}
