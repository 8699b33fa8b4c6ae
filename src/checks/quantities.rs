//! Numbers of a text with what they count: for the checks that compare those of a pair.
//!
//! Values are counted in thousandths, so that decimals compare as whole numbers. Units and
//! currencies stand in tables below; a translator finds the words of both languages there.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use crate::{
    document::SegmentText,
    text::{Language, Span},
};

/// One, in thousandths.
pub(super) const ONE: u128 = 1000;

/// One side of a pair, read.
pub(super) struct Numbers<'a> {
    pub(super) text: &'a str,
    pub(super) figures: Vec<Number>,
    pub(super) spelled: Spelled,
}

impl<'a> Numbers<'a> {
    pub(super) fn new(side: &'a SegmentText, language: Language) -> Self {
        let text = side.text.as_str();
        Self { text, figures: in_figures(side, language), spelled: in_words(text) }
    }

    /// The numbers but for ones and times of day, in figures and in words.
    fn amounts(&self) -> Vec<&Number> {
        let all = self.figures.iter().chain(&self.spelled.numbers);
        all.filter(|n| n.minutes.is_none() && n.values.iter().any(|v| *v > ONE)).collect()
    }
}

/// A number that counts another kind of thing than in the source.
pub(super) struct Changed<'a, K: 'static> {
    /// In the target.
    pub(super) here: &'a Number,
    pub(super) kind: &'static K,
    /// In the source: the first number of that value.
    pub(super) there: &'a Number,
    pub(super) wanted: &'static K,
}

/// The numbers of `here` that `there` has with other kinds only, each value once: every one of that
/// value has a kind there, none of which `may_agree`, and every one here has a kind that is not
/// `kept`.
pub(super) fn changed<'a, K: 'static>(
    here: &'a Numbers<'_>,
    there: &'a Numbers<'_>,
    kind: impl Fn(&Number) -> Option<&'static K>,
    may_agree: impl Fn(&K, &K) -> bool,
    kept: impl Fn(&K, &K) -> bool,
) -> Vec<Changed<'a, K>> {
    let ours = here.amounts();
    if ours.iter().all(|number| kind(number).is_none()) {
        return Vec::new();
    }
    let theirs = there.amounts();
    let mut out: Vec<Changed<'a, K>> = Vec::new();
    for number in &ours {
        let Some(its) = kind(number) else { continue };
        let same = |other: &&&Number| other.equals(number);
        let met: Vec<&'a Number> = theirs.iter().filter(same).copied().collect();
        let Some(kinds) = met.iter().map(|n| kind(n)).collect::<Option<Vec<&'static K>>>() else {
            continue;
        };
        let (Some(first), Some(wanted)) = (met.first(), kinds.first()) else { continue };
        let stays = |n: &&Number| kind(n).is_none_or(|k| kinds.iter().any(|other| kept(k, other)));
        if kinds.iter().any(|other| may_agree(other, its))
            || ours.iter().filter(same).any(stays)
            || out.iter().any(|other| other.here.equals(number))
        {
            continue;
        }
        out.push(Changed { here: number, kind: its, there: first, wanted });
    }
    out
}

/// A number as it stands in a text.
#[derive(Debug, Clone)]
pub(super) struct Number {
    /// Figures or words, with what multiplies them (`2,5 juta`).
    pub(super) span: Span,
    /// What it may be: `1.500` is a thousand and a half thousand, or one and a half.
    pub(super) values: Vec<u128>,
    /// What it counts.
    pub(super) unit: Option<&'static Unit>,
    /// The money that it is of.
    pub(super) money: Option<&'static Money>,
    /// For a time of day: minutes since noon or midnight, as one language counts to twelve.
    pub(super) minutes: Option<u32>,
}

impl Number {
    /// Whether both may be the same number.
    pub(super) fn equals(&self, other: &Number) -> bool {
        self.values.iter().any(|value| other.values.contains(value))
            || (self.minutes.is_some() && self.minutes == other.minutes)
    }

    /// Whether it may be said otherwise, or left out: `a pair`, `one of them`.
    pub(super) fn is_small(&self) -> bool {
        let whole = self.values.iter().all(|value| *value < 13 * ONE && value % ONE == 0);
        let one = self.values.iter().all(|value| *value <= ONE);
        let counts = self.unit.is_some() || self.money.is_some();
        let timed = self.minutes.is_some_and(|minutes| minutes % 60 != 0);
        !timed && (whole && !counts || one)
    }
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Length,
    Area,
    Volume,
    Mass,
    Speed,
    Temperature,
    Time,
    Data,
    Power,
    Share,
}

/// A unit of measurement.
#[derive(Debug, PartialEq)]
pub(super) struct Unit {
    /// What messages call it.
    pub(super) name: &'static str,
    pub(super) dimension: Dimension,
    /// How many of the dimension's base unit it is, and where its zero lies in them.
    factor: f64,
    zero: f64,
    /// How both languages write it, in lower case.
    words: &'static str,
}

const fn unit(name: &'static str, dimension: Dimension, factor: f64, words: &'static str) -> Unit {
    Unit { name, dimension, factor, zero: 0.0, words }
}

use Dimension::{Area, Data, Length, Mass, Power, Share, Speed, Temperature, Time, Volume};

/// Units, with a comma between their words. A plural in `-s` needs no entry.
static UNITS: [Unit; 70] = [
    unit("millimetres", Length, 0.001, "mm,millimeter,millimetre,milimeter"),
    unit("centimetres", Length, 0.01, "cm,centimeter,centimetre,sentimeter,senti"),
    unit("metres", Length, 1.0, "m,meter,metre,mtr"),
    unit("kilometres", Length, 1000.0, "km,kilometer,kilometre,kilo meter"),
    unit("inches", Length, 0.0254, "inch,inches,inci"),
    unit("feet", Length, 0.3048, "ft,foot,feet,kaki"),
    unit("yards", Length, 0.9144, "yd,yard"),
    unit("miles", Length, 1609.344, "mi,mile,mil"),
    unit("nautical miles", Length, 1852.0, "nmi,nautical mile,mil laut"),
    unit("light years", Length, 9.4607e15, "light year,lightyear,tahun cahaya"),
    unit("square metres", Area, 1.0, "m2,m²,sq m,sqm,square meter,square metre,meter persegi"),
    unit(
        "square kilometres",
        Area,
        1e6,
        "km2,km²,sq km,square kilometer,square kilometre,kilometer persegi,km persegi",
    ),
    unit(
        "square centimetres",
        Area,
        1e-4,
        "cm2,cm²,square centimeter,square centimetre,sentimeter persegi",
    ),
    unit("square feet", Area, 0.092_903, "sq ft,sqft,square foot,square feet,kaki persegi"),
    unit("square miles", Area, 2_589_988.0, "sq mi,square mile,mil persegi,mi persegi"),
    unit("hectares", Area, 10_000.0, "ha,hectare,hektare,hektar"),
    unit("acres", Area, 4046.86, "acre,acres,ekar,are"),
    unit("millilitres", Volume, 0.001, "ml,milliliter,millilitre,mililiter"),
    unit("litres", Volume, 1.0, "l,liter,litre"),
    unit("cubic metres", Volume, 1000.0, "m3,m³,cubic meter,cubic metre,meter kubik"),
    unit("cubic feet", Volume, 28.3168, "cubic foot,cubic feet,kaki kubik"),
    unit("gallons", Volume, 3.785_41, "gal,gallon,galon"),
    unit("barrels", Volume, 158.987, "bbl,barrel,barel"),
    unit("milligrams", Mass, 1e-6, "mg,milligram,miligram"),
    unit("grams", Mass, 0.001, "g,gr,gram"),
    unit("kilograms", Mass, 1.0, "kg,kilogram,kilo"),
    unit("tonnes", Mass, 1000.0, "t,ton,tonne,metric ton,metric tonne,ton metrik"),
    unit("ounces", Mass, 0.028_35, "oz,ounce,ons"),
    unit("pounds", Mass, 0.453_592, "lb,lbs,pound,pon"),
    unit("quintals", Mass, 100.0, "quintal,kuintal"),
    unit(
        "metres a second",
        Speed,
        3.6,
        "m/s,m/detik,meter/detik,meter per second,metre per second,meter per detik",
    ),
    unit(
        "kilometres an hour",
        Speed,
        1.0,
        "km/h,km/jam,km/hour,kilometer/jam,kilometers/hour,kilometer/hour,kph,kmh,kilometer per hour,kilometre per hour,kilometers per hour,\
         kilometres per hour,kilometers an hour,kilometres an hour,kilometer per jam,km per jam,km per hour",
    ),
    unit(
        "miles an hour",
        Speed,
        1.609_344,
        "mph,mi/h,mile/hour,miles/hour,mi/hour,miles per hour,mile per hour,miles an hour,mil per jam,mil/jam",
    ),
    unit("knots", Speed, 1.852, "kn,knot"),
    Unit {
        name: "degrees Celsius",
        dimension: Temperature,
        factor: 1.0,
        zero: 0.0,
        words: "°c,° c,degrees celsius,degree celsius,degrees centigrade,derajat celsius,derajat celcius,\
                celsius,celcius,degrees c,derajat c",
    },
    Unit {
        name: "degrees Fahrenheit",
        dimension: Temperature,
        factor: 5.0 / 9.0,
        zero: -160.0 / 9.0,
        words: "°f,° f,degrees fahrenheit,degree fahrenheit,derajat fahrenheit,fahrenheit,degrees f,derajat f",
    },
    Unit { name: "kelvins", dimension: Temperature, factor: 1.0, zero: -273.15, words: "kelvin" },
    unit("milliseconds", Time, 0.001, "ms,millisecond,milidetik"),
    unit("seconds", Time, 1.0, "sec,secs,second,detik"),
    unit("minutes", Time, 60.0, "min,mins,minute,menit"),
    unit("hours", Time, 3600.0, "hr,hrs,hour,jam"),
    unit("days", Time, 86_400.0, "day,hari"),
    unit("weeks", Time, 604_800.0, "week,minggu,pekan"),
    unit("months", Time, 2_629_800.0, "month,bulan"),
    unit("years", Time, 31_557_600.0, "year,yr,yrs,tahun"),
    unit("decades", Time, 315_576_000.0, "decade,dekade,dasawarsa"),
    unit("centuries", Time, 3_155_760_000.0, "century,centuries,abad"),
    unit("bytes", Data, 1.0, "byte,bita"),
    unit("kilobytes", Data, 1e3, "kb,kilobyte,kilobita"),
    unit("megabytes", Data, 1e6, "mb,megabyte,megabita"),
    unit("gigabytes", Data, 1e9, "gb,gigabyte,gigabita"),
    unit("terabytes", Data, 1e12, "tb,terabyte,terabita"),
    unit("kilobits a second", Data, 125.0, "kbps,kilobits per second"),
    unit("megabits a second", Data, 1.25e5, "mbps,megabits per second,megabit per detik"),
    unit("gigabits a second", Data, 1.25e8, "gbps,gigabits per second,gigabit per detik"),
    unit("watts", Power, 1.0, "w,watt"),
    unit("kilowatts", Power, 1e3, "kw,kilowatt"),
    unit("megawatts", Power, 1e6, "mw,megawatt"),
    unit("gigawatts", Power, 1e9, "gw,gigawatt"),
    unit("horsepower", Power, 745.7, "hp,horsepower,tenaga kuda,daya kuda"),
    unit("kilowatt hours", Power, 1.0, "kwh,kilowatt hour,kilowatt jam"),
    unit("volts", Power, 1.0, "volt"),
    unit("hertz", Power, 1.0, "hz,hertz"),
    unit("kilohertz", Power, 1.0, "khz,kilohertz"),
    unit("megahertz", Power, 1.0, "mhz,megahertz"),
    unit("gigahertz", Power, 1.0, "ghz,gigahertz"),
    unit("kilocalories", Power, 1.0, "kcal,kkal,kilocalorie,kilokalori"),
    unit(
        "per cent",
        Share,
        0.01,
        "%,percent,per cent,persen,prosen,percentage point,poin persentase,poin persen",
    ),
    unit("per mille", Share, 0.001, "‰,per mille,permil"),
    // Of either scale, where the text does not say.
    unit("degrees", Temperature, 0.0, "°,degree,derajat"),
];

static UNIT_WORDS: LazyLock<HashMap<String, &'static Unit>> = LazyLock::new(|| {
    let mut out = HashMap::new();
    for unit in &UNITS {
        for word in unit.words.split(',').map(str::trim) {
            out.insert(word.to_owned(), unit);
            if word.len() > 2 && word.is_ascii() {
                out.entry(format!("{word}s")).or_insert(unit);
            }
        }
    }
    out
});

impl Unit {
    /// What `value` of this unit is in the base unit of its dimension.
    fn base(&self, value: u128) -> f64 {
        value as f64 / ONE as f64 * self.factor + self.zero
    }

    /// Whether a quantity of this unit is another one in `other`: a degree may be of any scale.
    pub(super) fn differs(&self, other: &Unit) -> bool {
        let vague = |unit: &Unit| unit.factor == 0.0;
        self != other && !(self.dimension == other.dimension && (vague(self) || vague(other)))
    }

    /// Whether `one` of this unit is about `two` of another unit of the same kind.
    ///
    /// Within 6 %, since people round what they convert (`3,000 miles`, `4.800 km`).
    pub(super) fn converts(&self, one: &Number, other: &Unit, two: &Number) -> bool {
        const TOLERANCE: f64 = 0.06;
        if self.dimension != other.dimension || self == other {
            return false;
        }
        if self.factor == 0.0 || other.factor == 0.0 {
            return degrees(one, two) || degrees(two, one);
        }
        let near = |a: f64, b: f64| {
            (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(8.0 * self.factor.min(1.0))
        };
        one.values.iter().any(|a| two.values.iter().any(|b| near(self.base(*a), other.base(*b))))
    }
}

/// Whether `one` in degrees Fahrenheit is about `two` in degrees Celsius.
pub(super) fn degrees(one: &Number, two: &Number) -> bool {
    let celsius = |value: u128| (value as f64 / ONE as f64 - 32.0) / 1.8;
    one.values.iter().any(|a| {
        let a = celsius(*a);
        two.values.iter().any(|b| (a - *b as f64 / ONE as f64).abs() <= 1.0 + 0.02 * a.abs())
    })
}

/// A currency.
#[derive(Debug, PartialEq)]
pub(super) struct Money {
    /// What messages call it.
    pub(super) name: &'static str,
    /// Signs and codes before the number, as written.
    signs: &'static str,
    /// Words behind it, in lower case.
    words: &'static str,
}

const fn money(name: &'static str, signs: &'static str, words: &'static str) -> Money {
    Money { name, signs, words }
}

/// Currencies; the dollar and the yen sign stand for several.
static MONEY: [Money; 22] = [
    money(
        "US dollars",
        "US$,U.S.$,USD",
        "us dollar,usd,american dollar,dolar as,dolar amerika,dolar amerika serikat",
    ),
    money("Australian dollars", "A$,AU$,AUD", "australian dollar,dolar australia,aud"),
    money("Singapore dollars", "S$,SG$,SGD", "singapore dollar,dolar singapura,sgd"),
    money("Canadian dollars", "C$,CA$,CAD", "canadian dollar,dolar kanada,cad"),
    money("Hong Kong dollars", "HK$,HKD", "hong kong dollar,dolar hong kong,hkd"),
    money("dollars", "$", "dollar,dolar"),
    money("rupiah", "Rp,Rp.,IDR", "rupiah,idr"),
    money("euros", "€,EUR", "euro,eur"),
    money("pounds", "£,GBP", "pound,pound sterling,pounds sterling,poundsterling,gbp"),
    money("yen", "JPY", "yen,jpy"),
    money("yuan", "CNY,RMB", "yuan,renminbi,rmb,cny"),
    money("yen or yuan", "¥", ""),
    money("ringgit", "RM,MYR", "ringgit,myr"),
    money("won", "₩,KRW", "won,krw"),
    money("rupees", "₹,INR", "rupee,rupe,inr"),
    money("baht", "฿,THB", "baht,thb"),
    money("pesos", "PHP", "peso"),
    money("roubles", "RUB", "rouble,ruble,rubel"),
    money("francs", "CHF", "franc,frank,swiss franc,franc swiss,chf"),
    money("riyals", "SAR", "riyal,rial"),
    money("liras", "TRY", "lira"),
    money("cents", "¢", "cent,sen"),
];

static MONEY_WORDS: LazyLock<HashMap<String, &'static Money>> = LazyLock::new(|| {
    let mut out = HashMap::new();
    for money in &MONEY {
        for word in money.words.split(',').filter(|word| !word.is_empty()) {
            out.insert(word.to_owned(), money);
            out.entry(format!("{word}s")).or_insert(money);
        }
    }
    out
});

impl Money {
    /// Whether both may be the same currency: `$` is any dollar, `¥` yen or yuan.
    pub(super) fn agrees(&self, other: &Money) -> bool {
        let may = |one: &Money, other: &Money| {
            (one.name == "dollars" && other.name.ends_with("dollars"))
                || (one.name == "yen or yuan" && matches!(other.name, "yen" | "yuan"))
        };
        self == other || may(self, other) || may(other, self)
    }
}

static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) (?P<figures> [0-9]+ (?:[.,][0-9]+)* )
        (?P<tail> st\b | nd\b | rd\b | th\b | ['’]?s\b | -an\b | an\b )?
        (?: [\ \u{a0}-]? (?P<scale> thousands? | ribu | rb | million | juta | jt | billion | bn | miliar | milyar | trillion | tn
          | triliun | trilyun | hundred | ratus | puluh | k | m | b | t ) \b )?",
    )
    .expect("the pattern is valid")
});

static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
          \b (?P<h1>[0-9]{1,2}) (?: [:.] (?P<m1>[0-5][0-9]) )? \ ? (?: [ap]\.\ ?m\. | [ap]m\b | o['’]clock )
        | \b (?:pukul|jam) \ (?P<h2>[0-9]{1,2}) (?: [:.] (?P<m2>[0-5][0-9]) )? \b
        | \b (?P<h3>[0-9]{1,2}) [:.] (?P<m3>[0-5][0-9]) \ (?: wib | wita | wit | utc | gmt | waktu | local\ time ) \b
        | \b (?P<h4>[0-9]{1,2}) : (?P<m4>[0-5][0-9]) \b",
    )
    .expect("the pattern is valid")
});

/// A number that nothing multiplies.
const ONCE: &[u128] = &[1];

/// What a word multiplies by; several where it depends.
fn scales(word: &str, language: Language) -> &'static [u128] {
    const E3: u128 = 1_000;
    const E6: u128 = 1_000_000;
    const E9: u128 = 1_000_000_000;
    const E12: u128 = 1_000_000_000_000;
    match (word.to_lowercase().as_str(), language) {
        ("puluh", _) => &[10],
        ("hundred" | "ratus", _) => &[100],
        ("thousand" | "thousands" | "ribu" | "rb" | "k", _) => &[E3],
        ("million" | "juta" | "jt", _) | ("m", Language::En) => &[E6],
        // `Rp 40 M` is 40 miliar, and `40 m` may be metres.
        ("m", Language::Id) => &[E9, E6],
        ("billion" | "bn" | "miliar" | "milyar" | "b", _) => &[E9],
        ("trillion" | "tn" | "triliun" | "trilyun" | "t", _) => &[E12],
        _ => ONCE,
    }
}

/// What `figures` may mean, in thousandths: with the point as a decimal sign, with the comma, and
/// with neither. A translation may keep the source's way of writing.
pub(super) fn readings(figures: &str) -> Vec<u128> {
    let parse = |decimal: char, grouping: char| -> Option<u128> {
        let (whole, fraction) = match figures.rsplit_once(decimal) {
            Some((whole, fraction)) => (whole, fraction),
            None => (figures, ""),
        };
        let mut groups = whole.split(grouping);
        let first = groups.next()?;
        if whole.contains(decimal) || fraction.contains(grouping) || first.is_empty() {
            return None;
        }
        let groups: Vec<&str> = groups.collect();
        if groups.iter().any(|group| group.len() != 3) || (!groups.is_empty() && first.len() > 3) {
            return None;
        }
        let whole: u128 = format!("{first}{}", groups.concat()).parse().ok()?;
        let thousandths: u128 = format!("{:0<3.3}", fraction).parse().ok()?;
        whole.checked_mul(ONE)?.checked_add(thousandths)
    };
    let mut values: Vec<u128> = [parse('.', ','), parse(',', '.')].into_iter().flatten().collect();
    values.dedup();
    values
}

/// The longest entry of `table` with which `text` begins, in words of any case; of at most four
/// words. Returns how long it is.
fn first_words<T: Copy>(text: &str, table: &HashMap<String, T>) -> Option<(T, usize)> {
    let trimmed = text.trim_start_matches([' ', '\u{a0}', '-']);
    let skipped = text.len() - trimmed.len();
    if skipped > 2 {
        return None;
    }
    let mut ends = Vec::with_capacity(4);
    let mut inside = false;
    for (at, c) in trimmed.char_indices() {
        let belongs = c.is_alphanumeric() || "°²³%‰/".contains(c);
        let next = trimmed[at + c.len_utf8()..].chars().next();
        if inside && !belongs {
            ends.push(at);
        }
        let joins = |c: char| c.is_alphanumeric() || c == '/';
        let space = matches!(c, ' ' | '\u{a0}' | '-') && next.is_some_and(joins);
        if !belongs && !space {
            inside = false;
            break;
        }
        inside = belongs;
        if ends.len() == 6 || at > 40 {
            inside = false;
            break;
        }
    }
    if inside {
        ends.push(trimmed.len());
    }
    // `5%dari`, `20°C`: a sign needs no end.
    let sign = trimmed.chars().next().filter(|c| "%‰".contains(*c)).map(char::len_utf8);
    ends.iter().rev().copied().chain(sign).find_map(|end| {
        let key = trimmed[..end].to_lowercase().replace(['-', '\u{a0}'], " ");
        // `km / jam`.
        let key = key.replace(" / ", "/");
        table.get(&key).map(|found| (*found, skipped + end))
    })
}

fn money_before(before: &str) -> Option<&'static Money> {
    let before = before.trim_end_matches([' ', '\u{a0}']);
    let mut best: Option<(&'static Money, usize)> = None;
    for money in &MONEY {
        for sign in money.signs.split(',') {
            let Some(rest) = before.strip_suffix(sign) else { continue };
            let letters = sign.starts_with(char::is_alphabetic);
            if letters && rest.ends_with(char::is_alphabetic) {
                continue;
            }
            if best.is_none_or(|(_, length)| sign.len() > length) {
                best = Some((money, sign.len()));
            }
        }
    }
    best.map(|(money, _)| money)
}

/// What stands behind the number that ends at `end`.
fn counted(text: &str, end: usize) -> (Option<&'static Unit>, Option<&'static Money>) {
    let rest = &text[end..];
    let unit = first_words(rest, &UNIT_WORDS);
    let money = first_words(rest, &MONEY_WORDS);
    (unit.map(|(unit, _)| unit), money.map(|(money, _)| money))
}

/// The times of day: where, and minutes since noon or midnight.
fn times(text: &str) -> Vec<(Span, u128, u32)> {
    let mut out = Vec::new();
    for found in TIMES.captures_iter(text) {
        let all = found.get(0).expect("the whole match");
        let group = |names: [&str; 4]| names.iter().find_map(|name| found.name(name));
        let Some(hour) = group(["h1", "h2", "h3", "h4"]) else { continue };
        let minute = group(["m1", "m2", "m3", "m4"]);
        // `4:41.30`, `1:2:3`: a result or a code.
        let after = &text.as_bytes()[all.end()..];
        let before = text[..hour.start()].chars().next_back();
        if matches!(after, [b'.' | b':' | b',', digit, ..] if digit.is_ascii_digit())
            || before.is_some_and(|c| ".,:".contains(c))
        {
            continue;
        }
        let h: u32 = hour.as_str().parse().unwrap_or(99);
        let m: u32 = minute.map_or(0, |m| m.as_str().parse().unwrap_or(0));
        if h > 24 {
            continue;
        }
        let end = minute.map_or(hour.end(), |m| m.end());
        out.push((Span::new(hour.start()..end), u128::from(h) * ONE, (h % 12) * 60 + m));
    }
    out
}

/// The numbers in figures. Those in names and code (`Web3`, `GPT-4`, `#12`) are left out.
fn in_figures(side: &SegmentText, language: Language) -> Vec<Number> {
    let text = side.text.as_str();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Vec::new();
    }
    let clock = times(text);
    let mut out: Vec<Number> = Vec::new();
    // What each was multiplied by.
    let mut factors: Vec<u128> = Vec::new();
    let mut told = Vec::new();
    for found in FIGURES.captures_iter(text) {
        let figures = found.name("figures").expect("always there");
        let word = found.name("scale");
        let tail = found.name("tail");
        let number_end = tail.map_or(figures.end(), |tail| tail.end());
        let bare = Span::new(figures.range());
        if side.in_placeable(bare) {
            continue;
        }
        if let Some((span, hour, minutes)) = clock.iter().find(|(span, ..)| span.overlaps(bare)) {
            if !told.contains(span) {
                told.push(*span);
                let mut values = readings(span.of(text));
                values.push(*hour);
                out.push(Number {
                    span: *span,
                    values,
                    unit: None,
                    money: None,
                    minutes: Some(*minutes),
                });
                factors.push(1);
            }
            continue;
        }
        let before = text[..figures.start()].chars().next_back();
        let earlier = text[..figures.start()].chars().rev().nth(1);
        let money = money_before(&text[..figures.start()]);
        // `k`, `m`, `b` and `t` may be something else where they do not touch, and `m` metres where it does.
        let short = word.is_some_and(|word| word.as_str().len() == 1);
        let touches = word.is_none_or(|word| word.start() == number_end);
        let end =
            word.filter(|_| !short || touches || money.is_some()).map_or(number_end, |w| w.end());
        let (unit, behind) = counted(text, end);
        let plain = counted(text, number_end).0;
        let named_before = match before {
            Some(c) if c.is_alphabetic() => money.is_none(),
            Some('-' | '–' | '—') => {
                !text[..figures.start()].to_lowercase().ends_with("ke-")
                    && earlier.is_some_and(|c| {
                        !c.is_ascii_digit() && !c.is_whitespace() && !")]".contains(c)
                    })
            }
            Some('*') => earlier.is_some_and(|c| c.is_ascii_digit()),
            Some(c) => "_#@/\\=&.+^:".contains(c),
            None => false,
        };
        let rest = &text[number_end..];
        let mut after = rest.chars();
        let (first, second) = (after.next(), after.next());
        let joined: String = rest[first.map_or(0, char::len_utf8)..]
            .chars()
            .take_while(|c| c.is_alphabetic())
            .collect();
        let named_after = word.is_none()
            && plain.is_none()
            && tail.is_none()
            && match first {
                Some(c) if c.is_ascii_alphabetic() => true,
                Some('-' | '–' | '—') => {
                    let word = joined.len() > 2 && joined.chars().all(char::is_lowercase);
                    let free = second.is_some_and(|c| c.is_ascii_digit() || c.is_whitespace());
                    !word && !free
                }
                Some(':') => second.is_some_and(|c| c.is_ascii_digit()),
                Some('*') => second.is_some_and(|c| c.is_ascii_digit()),
                Some(c) => "_/\\=×^".contains(c),
                None => false,
            };
        if named_before || named_after {
            continue;
        }
        let mut values = readings(figures.as_str());
        let factor = word.map_or(ONCE, |word| scales(word.as_str(), language));
        let scaled: Vec<u128> = values
            .iter()
            .flat_map(|value| factor.iter().filter_map(|factor| value.checked_mul(*factor)))
            .collect();
        values = if short { values.into_iter().chain(scaled).collect() } else { scaled };
        // `'98`, `1996-97`, the `80s`: the century is left out.
        let century = matches!(before, Some('\'' | '’'))
            || tail
                .is_some_and(|tail| tail.as_str().ends_with('s') || tail.as_str().ends_with("an"))
            || matches!(before, Some('-' | '–' | '/'))
                && earlier.is_some_and(|c| c.is_ascii_digit());
        if century && figures.as_str().len() == 2 {
            values.extend(readings(&format!("19{}", figures.as_str())));
            values.extend(readings(&format!("20{}", figures.as_str())));
        }
        // `in the 90s`: up to 99.
        if tail.is_some_and(|tail| tail.as_str().ends_with('s')) && figures.as_str().len() == 2 {
            let last: Vec<u128> = values.iter().map(|value| value + 9 * ONE).collect();
            values.extend(last);
        }
        if values.is_empty() {
            continue;
        }
        let span = Span::new(figures.start()..if factor == ONCE { figures.end() } else { end });
        out.push(Number { span, values, unit, money: money.or(behind), minutes: None });
        factors.push(factor[0]);
    }
    share(&mut out, &factors, text);
    out
}

/// `50-100 million`, `10 to 20 km`: what counts the second counts the first as well.
fn share(numbers: &mut [Number], factors: &[u128], text: &str) {
    for i in (1..numbers.len()).rev() {
        let (left, right) = numbers.split_at_mut(i);
        let (Some(first), second) = (left.last_mut(), &right[0]) else { continue };
        let between = text.get(first.span.range().end..second.span.range().start).unwrap_or("");
        let between =
            between.trim_matches([' ', '\u{a0}']).trim_start_matches(['%', '$']).to_lowercase();
        let range = [
            "-", "–", "—", "to", "and", "or", "sampai", "hingga", "dan", "atau", "s.d.", "s/d",
            "ke",
        ]
        .contains(
            &between
                .trim_end_matches(['$', ' '])
                .trim_end_matches(" rp")
                .trim_end_matches("rp")
                .trim(),
        );
        if !range {
            continue;
        }
        first.unit = first.unit.or(second.unit);
        if first.money.is_none() && first.unit.is_none() {
            first.money = second.money;
        }
        if factors[i - 1] == 1 && factors[i] > 1 {
            let more: Vec<u128> =
                first.values.iter().filter_map(|value| value.checked_mul(factors[i])).collect();
            first.values.extend(more);
        }
    }
}

/// What a word says of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said {
    /// Below twenty, or a ten.
    Plain(u128),
    /// The same as an ordinal: it counts nothing.
    Ordinal(u128),
    Article,
    Belas,
    Puluh,
    Hundred,
    Scale(u128),
    Half,
    Quarter,
    Dozen,
    Point,
    And,
}

static WORDS: LazyLock<HashMap<String, Said>> = LazyLock::new(|| {
    let mut out = HashMap::new();
    let plain: [(&str, u128); 13] = [
        ("zero nol kosong", 0),
        ("one once single satu sekali sebuah seorang seekor tunggal", 1),
        ("two twice both dua pair couple sepasang", 2),
        ("three tiga triple thrice", 3),
        ("four empat quadruple", 4),
        ("five lima", 5),
        ("six enam", 6),
        ("seven tujuh", 7),
        ("eight delapan", 8),
        ("nine sembilan", 9),
        ("ten sepuluh", 10),
        ("eleven sebelas", 11),
        ("twelve", 12),
    ];
    let ordinals: [(&str, u128); 13] = [
        ("zeroth", 0),
        ("first pertama kesatu", 1),
        ("second kedua", 2),
        ("third ketiga", 3),
        ("fourth keempat", 4),
        ("fifth kelima", 5),
        ("sixth keenam", 6),
        ("seventh ketujuh", 7),
        ("eighth kedelapan", 8),
        ("ninth kesembilan", 9),
        ("tenth kesepuluh", 10),
        ("eleventh kesebelas", 11),
        ("twelfth", 12),
    ];
    for (words, value) in plain {
        out.extend(words.split(' ').map(|word| (word.to_owned(), Said::Plain(value))));
    }
    for (words, value) in ordinals {
        out.extend(words.split(' ').map(|word| (word.to_owned(), Said::Ordinal(value))));
    }
    let teens = ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
    for (value, word) in (13..).zip(teens) {
        out.insert(word.to_owned(), Said::Plain(value));
        out.insert(format!("{word}th"), Said::Ordinal(value));
    }
    let tens = ["twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet"];
    for (value, word) in (20..).step_by(10).zip(tens) {
        out.insert(format!("{word}y"), Said::Plain(value));
        out.insert(format!("{word}ies"), Said::Ordinal(value));
        out.insert(format!("{word}ieth"), Said::Ordinal(value));
    }
    for (words, said) in [
        ("a an", Said::Article),
        ("belas belasan", Said::Belas),
        ("puluh puluhan", Said::Puluh),
        ("hundred hundredth ratus seratus keseratus", Said::Hundred),
        ("thousand thousandth ribu seribu keseribu", Said::Scale(1_000)),
        ("million millionth juta sejuta", Said::Scale(1_000_000)),
        ("billion miliar milyar semiliar", Said::Scale(1_000_000_000)),
        ("trillion triliun setriliun", Said::Scale(1_000_000_000_000)),
        ("half setengah setengahnya separuh separuhnya paruh", Said::Half),
        ("quarter quarters perempat seperempat", Said::Quarter),
        ("dozen lusin selusin", Said::Dozen),
        ("point koma", Said::Point),
        ("and dan", Said::And),
    ] {
        out.extend(words.split(' ').map(|word| (word.to_owned(), said)));
    }
    out
});

/// The numbers that a text says in words.
#[derive(Debug, Default)]
pub(super) struct Spelled {
    /// Every number that may be meant, in thousandths: of `dua juta tiga ratus` two, two million,
    /// two million three and two million three hundred.
    pub(super) values: Vec<u128>,
    /// Each run of words that is no ordinal, with its last value.
    pub(super) numbers: Vec<Number>,
}

/// Reads the numbers in words of `text`.
fn in_words(text: &str) -> Spelled {
    let (mut values, mut numbers) = (Vec::new(), Vec::new());
    let mut run: Option<(usize, usize, bool)> = None;
    // What was said of the number in progress: whole thousands and more, and the rest.
    let (mut whole, mut rest) = (0u128, 0u128);
    let mut place = 0u128;
    let mut tokens: Vec<(usize, &str, Option<Said>)> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = &text[from..at];
                let said = if word.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    WORDS.get(word.to_lowercase().as_str())
                } else {
                    WORDS.get(word)
                };
                tokens.push((from, word, said.copied()));
                start = None;
            }
            _ => {}
        }
    }
    let mut close = |run: &mut Option<(usize, usize, bool)>, value: u128| {
        let Some((from, to, ordinal)) = run.take() else { return };
        if !ordinal {
            let (unit, money) = counted(text, to);
            let span = Span::new(from..to);
            let number = Number { span, values: vec![value], unit, money, minutes: None };
            numbers.push(number);
        }
    };
    for (i, (at, word, said)) in tokens.iter().enumerate() {
        let end = at + word.len();
        let gap = i.checked_sub(1).map_or("", |before| {
            let (from, word, _) = tokens[before];
            &text[from + word.len()..*at]
        });
        let apart = !gap.chars().all(|c| matches!(c, ' ' | '-' | '\u{a0}'));
        let Some(said) = *said else {
            close(&mut run, whole.saturating_add(rest));
            (whole, rest, place) = (0, 0, 0);
            continue;
        };
        // `2.5 million`: the figures have it.
        let behind = i > 0 && !apart && tokens[i - 1].1.ends_with(|c: char| c.is_ascii_digit());
        if behind && matches!(said, Said::Scale(_) | Said::Hundred | Said::Puluh | Said::Dozen) {
            continue;
        }
        if apart {
            close(&mut run, whole.saturating_add(rest));
            (whole, rest, place) = (0, 0, 0);
        }
        let next = tokens.get(i + 1).and_then(|(_, _, said)| *said);
        let mut ordinal = run.is_some_and(|(_, _, ordinal)| ordinal);
        match said {
            Said::And => continue,
            Said::Point => {
                place = if run.is_some() { 100 } else { 0 };
                continue;
            }
            Said::Article => match next {
                Some(Said::Half | Said::Quarter) => continue,
                Some(Said::Hundred | Said::Scale(_) | Said::Dozen) if rest % ONE != 0 => continue,
                Some(Said::Hundred | Said::Scale(_) | Said::Dozen) => rest = ONE,
                _ => {
                    close(&mut run, whole.saturating_add(rest));
                    (whole, rest) = (0, 0);
                    values.push(ONE);
                    continue;
                }
            },
            Said::Plain(n) | Said::Ordinal(n) => {
                ordinal = matches!(said, Said::Ordinal(_));
                let units = rest / ONE;
                // `five`, `twenty five`, `dua puluh lima`; after another unit a new number.
                let follows = (n < 10 && units.is_multiple_of(10)) || units.is_multiple_of(100);
                if place > 0 {
                    rest += n.min(9) * place;
                    place /= 10;
                } else if follows && run.is_some() {
                    rest += n * ONE;
                } else {
                    close(&mut run, whole.saturating_add(rest));
                    (whole, rest) = (0, n * ONE);
                }
            }
            Said::Belas => rest += 10 * ONE,
            Said::Puluh => {
                let units = (rest / ONE) % 10;
                rest = rest / (100 * ONE) * (100 * ONE) + units.max(1) * 10 * ONE;
            }
            Said::Hundred => {
                let units = rest / ONE;
                let below =
                    (rest % (100 * ONE)).max(if units.is_multiple_of(100) { ONE } else { 0 });
                rest = units / 1000 * 1000 * ONE + below * 100;
            }
            Said::Scale(factor) => {
                let times = if rest == 0 { ONE } else { rest };
                whole = whole.saturating_add(times.saturating_mul(factor));
                rest = 0;
                place = 0;
            }
            Said::Half => rest += ONE / 2,
            Said::Quarter => rest = if rest == 0 { ONE / 4 } else { rest / 4 },
            Said::Dozen => {
                rest = rest.max(ONE) * 12;
                // People round dozens: `empat puluhan`, `hampir 50`.
                values.push(rest / (10 * ONE) * (10 * ONE));
                values.push(rest.div_ceil(10 * ONE) * (10 * ONE));
            }
        }
        let from = run.map_or(*at, |(from, ..)| from);
        run = Some((from, end, ordinal));
        values.push(whole.saturating_add(rest));
    }
    close(&mut run, whole.saturating_add(rest));
    Spelled { values, numbers }
}

/// The units that are counted by `a`, `per` or `se-`, as numbers of one: `per ounce`, `a century`.
pub(super) fn single_units(text: &str) -> Vec<Number> {
    static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)\b(?:an?|per|each|every|tiap|setiap) |\bse").expect("the pattern is valid")
    });
    let mut out = Vec::new();
    for found in PATTERN.find_iter(text) {
        let rest = &text[found.end()..];
        if let Some((unit, length)) = first_words(rest, &UNIT_WORDS) {
            let span = Span::new(found.end()..found.end() + length);
            out.push(Number {
                span,
                values: vec![ONE],
                unit: Some(unit),
                money: None,
                minutes: None,
            });
        }
    }
    out
}

/// The Roman numerals of a text, in thousandths.
pub(super) fn roman(text: &str) -> Vec<u128> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let is = |word: &&str| {
        word.len() > 1 && word.bytes().all(|b| b"IVXLC".contains(&b)) || matches!(*word, "V" | "X")
    };
    let value = |c: char| match c {
        'I' => 1,
        'V' => 5,
        'X' => 10,
        'L' => 50,
        _ => 100,
    };
    let read = |word: &str| {
        let digits: Vec<u128> = word.chars().map(value).collect();
        let signed = digits.iter().enumerate().map(|(i, digit)| match digits.get(i + 1) {
            Some(next) if next > digit => -(*digit as i64),
            _ => *digit as i64,
        });
        signed.sum::<i64>()
    };
    words.filter(is).filter_map(|word| u128::try_from(read(word)).ok()).map(|n| n * ONE).collect()
}

#[cfg(test)]
mod tests {
    use super::{Language, ONE, in_figures, in_words, readings, roman};
    use crate::document::SegmentText;

    #[test]
    fn both_ways_of_writing() {
        assert_eq!(readings("1,234.5"), [1_234_500]);
        assert_eq!(readings("1.234,5"), [1_234_500]);
        assert_eq!(readings("1.500"), [1_500, 1_500_000]);
        assert_eq!(readings("2023"), [2_023_000]);
        assert_eq!(readings("1.2.3"), Vec::<u128>::new());
    }

    #[test]
    fn words_of_both_languages() {
        for (text, value) in [
            ("dua puluh lima", 25),
            ("twenty-fifth", 25),
            ("the nineteenth century", 19),
            ("abad kesembilan belas", 19),
            ("one hundred and seventeen", 117),
            ("seratus tujuh belas", 117),
            ("two-and-a-half thousand", 2_500),
            ("dua setengah juta", 2_500_000),
            ("half a million", 500_000),
            ("one-point-three billion", 1_300_000_000),
            ("four dozen", 48),
            ("six-and-a-half-million", 6_500_000),
            ("tiga ratus ribu", 300_000),
        ] {
            assert!(in_words(text).values.contains(&(value * ONE)), "{text}: {:?}", in_words(text));
        }
    }

    #[test]
    fn what_is_counted() {
        let read = |text: &str| -> Vec<String> {
            let side = SegmentText::contiguous(text, 0);
            let all = in_figures(&side, Language::En);
            let words = in_words(text).numbers;
            let show = |number: &super::Number| {
                let unit = number.unit.map(|unit| unit.name);
                let money = number.money.map(|money| money.name);
                let counted = unit.or(money).unwrap_or("");
                format!("{} {counted}", number.span.of(text)).trim_end().to_owned()
            };
            all.iter().chain(&words).map(show).collect()
        };
        assert_eq!(
            read("240 kilometers an hour (149 mph)"),
            ["240 kilometres an hour", "149 miles an hour"]
        );
        assert_eq!(
            read("10 to 20 km, 90kg, 5 %"),
            ["10 kilometres", "20 kilometres", "90 kilograms", "5 per cent"]
        );
        assert_eq!(read("$2.5 million and Rp15.000"), ["2.5 million dollars", "15.000 rupiah"]);
        assert_eq!(read("five miles"), ["five miles"]);
        assert_eq!(read("GPT-4, Web3, #12, 3D"), Vec::<String>::new());
        assert_eq!(read("a 48-year-old, the 1980s"), ["48 years", "1980"]);
    }

    #[test]
    fn roman_numerals() {
        assert_eq!(roman("Louis XIV, abad ke-XIX"), [14 * ONE, 19 * ONE]);
        assert_eq!(roman("I saw it. C"), Vec::<u128>::new());
    }
}
