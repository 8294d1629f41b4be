//! The table of functions.

use std::collections::HashMap;

use super::{Function, Overload, Run};
use super::{
    authz, convert, format, lists, network, operators, optional, printf, quantity, regexes, semver, sets,
    strings, times, url,
};
use crate::types::Type;

/// Kubernetes' own types; the words by which the table calls them, and their names.
const OPAQUE: [(&str, &str); 11] = [
    ("ip", "net.IP"),
    ("cidr", "net.CIDR"),
    ("url", "kubernetes.URL"),
    ("quantity", "kubernetes.Quantity"),
    ("semver", "kubernetes.Semver"),
    ("format", "kubernetes.NamedFormat"),
    ("authorizer", "kubernetes.authorization.Authorizer"),
    ("path", "kubernetes.authorization.PathCheck"),
    ("group", "kubernetes.authorization.GroupCheck"),
    ("resource", "kubernetes.authorization.ResourceCheck"),
    ("decision", "kubernetes.authorization.Decision"),
];

pub(super) fn opaque(name: &str) -> Option<&'static str> {
    OPAQUE.iter().map(|(_, full)| *full).find(|full| *full == name)
}

/// One form a line: function, id, what it takes and gives. A form with a dot is called on what stands before it; capital
/// letters are type variables.
const FORMS: &str = "
_?_:_ conditional (bool,A,A)->A
_&&_ logical_and (bool,bool)->bool
_||_ logical_or (bool,bool)->bool
!_ logical_not (bool)->bool
@not_strictly_false not_strictly_false (bool)->bool
_==_ equals (A,A)->bool
_!=_ not_equals (A,A)->bool
_+_ add_bytes (bytes,bytes)->bytes
_+_ add_double (double,double)->double
_+_ add_duration_duration (duration,duration)->duration
_+_ add_duration_timestamp (duration,timestamp)->timestamp
_+_ add_timestamp_duration (timestamp,duration)->timestamp
_+_ add_int64 (int,int)->int
_+_ add_list (list(A),list(A))->list(A)
_+_ add_string (string,string)->string
_+_ add_uint64 (uint,uint)->uint
_-_ subtract_double (double,double)->double
_-_ subtract_duration_duration (duration,duration)->duration
_-_ subtract_int64 (int,int)->int
_-_ subtract_timestamp_duration (timestamp,duration)->timestamp
_-_ subtract_timestamp_timestamp (timestamp,timestamp)->duration
_-_ subtract_uint64 (uint,uint)->uint
_*_ multiply_double (double,double)->double
_*_ multiply_int64 (int,int)->int
_*_ multiply_uint64 (uint,uint)->uint
_/_ divide_double (double,double)->double
_/_ divide_int64 (int,int)->int
_/_ divide_uint64 (uint,uint)->uint
_%_ modulo_int64 (int,int)->int
_%_ modulo_uint64 (uint,uint)->uint
-_ negate_double (double)->double
-_ negate_int64 (int)->int
@in in_list (A,list(A))->bool
@in in_map (A,map(A,B))->bool
_[_] index_list (list(A),int)->A
_[_] index_map (map(A,B),A)->B
_[_] optional_list_index_int (optional(list(A)),int)->optional(A)
_[_] optional_map_index_value (optional(map(A,B)),A)->optional(B)
_[?_] list_optindex_optional_int (list(A),int)->optional(A)
_[?_] optional_list_optindex_optional_int (optional(list(A)),int)->optional(A)
_[?_] map_optindex_optional_value (map(A,B),A)->optional(B)
_[?_] optional_map_optindex_optional_value (optional(map(A,B)),A)->optional(B)
size size_bytes (bytes)->int
size bytes_size bytes.()->int
size size_list (list(A))->int
size list_size list(A).()->int
size size_map (map(A,B))->int
size map_size map(A,B).()->int
size size_string (string)->int
size string_size string.()->int
type type (A)->type(A)
dyn to_dyn (A)->dyn
bool bool_to_bool (bool)->bool
bool string_to_bool (string)->bool
bytes bytes_to_bytes (bytes)->bytes
bytes string_to_bytes (string)->bytes
double double_to_double (double)->double
double int64_to_double (int)->double
double string_to_double (string)->double
double uint64_to_double (uint)->double
duration duration_to_duration (duration)->duration
duration string_to_duration (string)->duration
int int64_to_int64 (int)->int
int double_to_int64 (double)->int
int duration_to_int64 (duration)->int
int string_to_int64 (string)->int
int timestamp_to_int64 (timestamp)->int
int uint64_to_int64 (uint)->int
string string_to_string (string)->string
string bool_to_string (bool)->string
string bytes_to_string (bytes)->string
string double_to_string (double)->string
string duration_to_string (duration)->string
string int64_to_string (int)->string
string timestamp_to_string (timestamp)->string
string uint64_to_string (uint)->string
string ip_to_string (ip)->string
string cidr_to_string (cidr)->string
timestamp timestamp_to_timestamp (timestamp)->timestamp
timestamp string_to_timestamp (string)->timestamp
timestamp int64_to_timestamp (int)->timestamp
uint uint64_to_uint64 (uint)->uint
uint double_to_uint64 (double)->uint
uint int64_to_uint64 (int)->uint
uint string_to_uint64 (string)->uint
contains contains_string string.(string)->bool
endsWith ends_with_string string.(string)->bool
startsWith starts_with_string string.(string)->bool
matches matches (string,string)->bool
matches matches_string string.(string)->bool
getFullYear timestamp_to_year timestamp.()->int
getFullYear timestamp_to_year_with_tz timestamp.(string)->int
getMonth timestamp_to_month timestamp.()->int
getMonth timestamp_to_month_with_tz timestamp.(string)->int
getDayOfYear timestamp_to_day_of_year timestamp.()->int
getDayOfYear timestamp_to_day_of_year_with_tz timestamp.(string)->int
getDayOfMonth timestamp_to_day_of_month timestamp.()->int
getDayOfMonth timestamp_to_day_of_month_with_tz timestamp.(string)->int
getDate timestamp_to_day_of_month_1_based timestamp.()->int
getDate timestamp_to_day_of_month_1_based_with_tz timestamp.(string)->int
getDayOfWeek timestamp_to_day_of_week timestamp.()->int
getDayOfWeek timestamp_to_day_of_week_with_tz timestamp.(string)->int
getHours timestamp_to_hours timestamp.()->int
getHours timestamp_to_hours_with_tz timestamp.(string)->int
getHours duration_to_hours duration.()->int
getMinutes timestamp_to_minutes timestamp.()->int
getMinutes timestamp_to_minutes_with_tz timestamp.(string)->int
getMinutes duration_to_minutes duration.()->int
getSeconds timestamp_to_seconds timestamp.()->int
getSeconds timestamp_to_seconds_tz timestamp.(string)->int
getSeconds duration_to_seconds duration.()->int
getMilliseconds timestamp_to_milliseconds timestamp.()->int
getMilliseconds timestamp_to_milliseconds_with_tz timestamp.(string)->int
getMilliseconds duration_to_milliseconds duration.()->int
_?._ select_optional_field (dyn,string)->optional(dyn)
optional.of optional_of (A)->optional(A)
optional.ofNonZeroValue optional_ofNonZeroValue (A)->optional(A)
optional.none optional_none ()->optional(A)
value optional_value optional(A).()->A
hasValue optional_hasValue optional(A).()->bool
or optional_or_optional optional(A).(optional(A))->optional(A)
orValue optional_orValue_value optional(A).(A)->A
optional.unwrap optional_unwrap (list(optional(A)))->list(A)
unwrapOpt optional_unwrapOpt list(optional(A)).()->list(A)
cel.@mapInsert cel_@mapInsert_map_key_value (map(A,B),A,B)->map(A,B)
cel.@mapInsert cel_@mapInsert_map_map (map(A,B),map(A,B))->map(A,B)
charAt string_char_at_int string.(int)->string
indexOf string_index_of_string string.(string)->int
indexOf string_index_of_string_int string.(string,int)->int
indexOf list_a_index_of_int list(A).(A)->int
lastIndexOf string_last_index_of_string string.(string)->int
lastIndexOf string_last_index_of_string_int string.(string,int)->int
lastIndexOf list_a_last_index_of_int list(A).(A)->int
join list_join list(string).()->string
join list_join_string list(string).(string)->string
lowerAscii string_lower_ascii string.()->string
upperAscii string_upper_ascii string.()->string
replace string_replace_string_string string.(string,string)->string
replace string_replace_string_string_int string.(string,string,int)->string
split string_split_string string.(string)->list(string)
split string_split_string_int string.(string,int)->list(string)
substring string_substring_int string.(int)->string
substring string_substring_int_int string.(int,int)->string
trim string_trim string.()->string
format string_format string.(list(dyn))->string
strings.quote strings_quote (string)->string
sets.contains list_sets_contains_list (list(A),list(A))->bool
sets.equivalent list_sets_equivalent_list (list(A),list(A))->bool
sets.intersects list_sets_intersects_list (list(A),list(A))->bool
slice list_slice list(A).(int,int)->list(A)
flatten list_flatten list(list(A)).()->list(A)
flatten list_flatten_int list(dyn).(int)->list(dyn)
distinct list_distinct list(A).()->list(A)
reverse list_reverse list(A).()->list(A)
first list_first list(A).()->optional(A)
last list_last list(A).()->optional(A)
lists.range lists_range (int)->list(int)
find string_find_string string.(string)->string
findAll string_find_all_string string.(string)->list(string)
findAll string_find_all_string_int string.(string,int)->list(string)
url string_to_url (string)->url
isURL is_url_string (string)->bool
getScheme url_get_scheme url.()->string
getHost url_get_host url.()->string
getHostname url_get_hostname url.()->string
getPort url_get_port url.()->string
getEscapedPath url_get_escaped_path url.()->string
getQuery url_get_query url.()->map(string,list(string))
ip string_to_ip (string)->ip
ip cidr_ip cidr.()->ip
isIP is_ip (string)->bool
ip.isCanonical ip_is_canonical (string)->bool
family ip_family ip.()->int
isUnspecified ip_is_unspecified ip.()->bool
isLoopback ip_is_loopback ip.()->bool
isLinkLocalMulticast ip_is_link_local_multicast ip.()->bool
isLinkLocalUnicast ip_is_link_local_unicast ip.()->bool
isGlobalUnicast ip_is_global_unicast ip.()->bool
cidr string_to_cidr (string)->cidr
isCIDR is_cidr (string)->bool
containsIP cidr_contains_ip_string cidr.(string)->bool
containsIP cidr_contains_ip_ip cidr.(ip)->bool
containsCIDR cidr_contains_cidr_string cidr.(string)->bool
containsCIDR cidr_contains_cidr cidr.(cidr)->bool
prefixLength cidr_prefix_length cidr.()->int
masked cidr_masked cidr.()->cidr
quantity string_to_quantity (string)->quantity
isQuantity is_quantity_string (string)->bool
sign quantity_sign quantity.()->int
isInteger quantity_is_integer quantity.()->bool
asInteger quantity_get_int quantity.()->int
asApproximateFloat quantity_get_float quantity.()->double
add quantity_add quantity.(quantity)->quantity
add quantity_add_int quantity.(int)->quantity
sub quantity_sub quantity.(quantity)->quantity
sub quantity_sub_int quantity.(int)->quantity
isLessThan quantity_is_less_than quantity.(quantity)->bool
isLessThan semver_is_less_than semver.(semver)->bool
isGreaterThan quantity_is_greater_than quantity.(quantity)->bool
isGreaterThan semver_is_greater_than semver.(semver)->bool
compareTo quantity_compare_to quantity.(quantity)->int
compareTo semver_compare_to semver.(semver)->int
semver string_to_semver (string)->semver
semver string_bool_to_semver (string,bool)->semver
isSemver is_semver_string (string)->bool
isSemver is_semver_string_bool (string,bool)->bool
major semver_major semver.()->int
minor semver_minor semver.()->int
patch semver_patch semver.()->int
format.named format-named (string)->optional(format)
format.dns1123Label format-dns1123Label ()->format
format.dns1123Subdomain format-dns1123Subdomain ()->format
format.dns1035Label format-dns1035Label ()->format
format.qualifiedName format-qualifiedName ()->format
format.dns1123LabelPrefix format-dns1123LabelPrefix ()->format
format.dns1123SubdomainPrefix format-dns1123SubdomainPrefix ()->format
format.dns1035LabelPrefix format-dns1035LabelPrefix ()->format
format.labelValue format-labelValue ()->format
format.uri format-uri ()->format
format.uuid format-uuid ()->format
format.byte format-byte ()->format
format.date format-date ()->format
format.datetime format-datetime ()->format
validate format-validate format.(string)->optional(list(string))
path authorizer_path authorizer.(string)->path
group authorizer_group authorizer.(string)->group
serviceAccount authorizer_serviceaccount authorizer.(string,string)->authorizer
resource groupcheck_resource group.(string)->resource
subresource resourcecheck_subresource resource.(string)->resource
namespace resourcecheck_namespace resource.(string)->resource
name resourcecheck_name resource.(string)->resource
fieldSelector resourcecheck_fieldselector resource.(string)->resource
labelSelector resourcecheck_labelselector resource.(string)->resource
check pathcheck_check path.(string)->decision
check resourcecheck_check resource.(string)->decision
errored decision_errored decision.()->bool
error decision_error decision.()->string
allowed decision_allowed decision.()->bool
reason decision_reason decision.()->string
";

/// Forms that exist for several types, `T` being each in turn.
const FAMILIES: [(&str, &str); 10] = [
    (
        "_<_ less_T (T,T)->bool",
        "bool int uint double string bytes timestamp duration",
    ),
    (
        "_<=_ less_equals_T (T,T)->bool",
        "bool int uint double string bytes timestamp duration",
    ),
    (
        "_>_ greater_T (T,T)->bool",
        "bool int uint double string bytes timestamp duration",
    ),
    (
        "_>=_ greater_equals_T (T,T)->bool",
        "bool int uint double string bytes timestamp duration",
    ),
    (
        "isSorted list_T_is_sorted_bool list(T).()->bool",
        "int uint double bool string bytes timestamp duration",
    ),
    ("sum list_T_sum_T list(T).()->T", "int uint double duration"),
    (
        "min list_T_min_T list(T).()->T",
        "int uint double bool string bytes timestamp duration",
    ),
    (
        "max list_T_max_T list(T).()->T",
        "int uint double bool string bytes timestamp duration",
    ),
    (
        "sort list_T_sort list(T).()->list(T)",
        "int uint double bool duration timestamp string bytes",
    ),
    (
        "@sortByAssociatedKeys list_T_sortByAssociatedKeys list(A).(list(T))->list(A)",
        "int uint double bool duration timestamp string bytes",
    ),
];

/// Numbers of different types compare too.
const MIXED: [&str; 4] = [
    "_<_ less",
    "_<=_ less_equals",
    "_>_ greater",
    "_>=_ greater_equals",
];

/// All functions by name.
pub(super) fn all() -> HashMap<&'static str, Function> {
    let mut out = HashMap::new();
    for line in FORMS.lines().filter(|l| !l.is_empty()) {
        add(&mut out, line);
    }
    for (form, types) in FAMILIES {
        for t in types.split(' ') {
            let (name, rest) = form.split_once(' ').unwrap_or((form, ""));
            // Leaked once: the table lives as long as the program.
            let line = format!("{name} {}", rest.replace('T', t));
            add(&mut out, line.leak());
        }
    }
    for form in MIXED {
        let (name, id) = form.split_once(' ').unwrap_or((form, ""));
        for (a, b) in [
            ("int", "double"),
            ("int", "uint"),
            ("uint", "double"),
            ("uint", "int"),
            ("double", "int"),
            ("double", "uint"),
        ] {
            add(&mut out, format!("{name} {id}_{a}_{b} ({a},{b})->bool").leak());
        }
    }
    out
}

fn add(out: &mut HashMap<&'static str, Function>, line: &'static str) {
    let mut parts = line.split(' ');
    let (Some(name), Some(id), Some(form)) = (parts.next(), parts.next(), parts.next()) else {
        return;
    };
    let Some((args, result)) = form.split_once("->") else {
        return;
    };
    let mut vars = 0;
    let (member, mut types) = match args.find(".(") {
        Some(at) => (true, vec![read(&args[..at], &mut vars)]),
        None => (false, Vec::new()),
    };
    let open = if member {
        args.find(".(").map_or(0, |at| at + 1)
    } else {
        0
    };
    types.extend(
        list(&args[open + 1..args.len() - 1])
            .into_iter()
            .map(|t| read(t, &mut vars)),
    );
    let result = read(result, &mut vars);
    let Some(run) = run(name) else {
        debug_assert!(false, "{name} has no implementation");
        return;
    };
    out.entry(name)
        .or_insert_with(|| Function {
            name,
            overloads: Vec::new(),
            run,
        })
        .overloads
        .push(Overload {
            id,
            member,
            args: types,
            result,
            vars,
        });
}

/// The parts between commas that stand in no parentheses.
fn list(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut out) = (0, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                out.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

fn read(text: &str, vars: &mut u32) -> Type {
    let inner = |prefix: &str| text.strip_prefix(prefix).and_then(|t| t.strip_suffix(')'));
    if let Some(item) = inner("list(") {
        return Type::list(read(item, vars));
    }
    if let Some(of) = inner("optional(") {
        return Type::optional(read(of, vars));
    }
    if let Some(of) = inner("type(") {
        return Type::of_type(read(of, vars));
    }
    if let Some(pair) = inner("map(") {
        let parts = list(pair);
        return Type::map(read(parts[0], vars), read(parts[1], vars));
    }
    match text {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "timestamp" => Type::Timestamp,
        "duration" => Type::Duration,
        "A" | "B" => {
            let var = u32::from(text == "B");
            *vars = (*vars).max(var + 1);
            Type::Var(var)
        }
        other => match OPAQUE.iter().find(|(word, _)| *word == other) {
            Some((_, name)) => Type::Opaque(name),
            None => Type::Dyn,
        },
    }
}

/// What computes a function.
fn run(name: &str) -> Option<Run> {
    Some(match name {
        "_?_:_" | "_&&_" | "_||_" | "@not_strictly_false" | "_?._" => operators::lazy,
        "!_" => operators::not,
        "_==_" => operators::equals,
        "_!=_" => operators::not_equals,
        "_<_" => operators::less,
        "_<=_" => operators::less_equals,
        "_>_" => operators::greater,
        "_>=_" => operators::greater_equals,
        "_+_" => operators::add,
        "_-_" => operators::subtract,
        "_*_" => operators::multiply,
        "_/_" => operators::divide,
        "_%_" => operators::modulo,
        "-_" => operators::negate,
        "@in" => operators::contained,
        "_[_]" => operators::index,
        "_[?_]" => operators::optional_index,
        "size" => operators::size,
        "cel.@mapInsert" => operators::map_insert,
        "type" => convert::type_of,
        "dyn" => convert::same,
        "bool" => convert::bool,
        "bytes" => convert::bytes,
        "double" => convert::double,
        "duration" => convert::duration,
        "int" => convert::int,
        "string" => convert::string,
        "timestamp" => convert::timestamp,
        "uint" => convert::uint,
        "contains" => strings::contains,
        "endsWith" => strings::ends_with,
        "startsWith" => strings::starts_with,
        "charAt" => strings::char_at,
        "indexOf" => lists::index_of,
        "lastIndexOf" => lists::last_index_of,
        "join" => strings::join,
        "lowerAscii" => strings::lower,
        "upperAscii" => strings::upper,
        "replace" => strings::replace,
        "split" => strings::split,
        "substring" => strings::substring,
        "trim" => strings::trim,
        "strings.quote" => strings::quote,
        "format" => printf::format,
        "matches" => regexes::matches,
        "find" => regexes::find,
        "findAll" => regexes::find_all,
        "getFullYear" => times::year,
        "getMonth" => times::month,
        "getDayOfYear" => times::day_of_year,
        "getDayOfMonth" => times::day_of_month,
        "getDate" => times::date,
        "getDayOfWeek" => times::day_of_week,
        "getHours" => times::hours,
        "getMinutes" => times::minutes,
        "getSeconds" => times::seconds,
        "getMilliseconds" => times::milliseconds,
        "optional.of" => optional::of,
        "optional.ofNonZeroValue" => optional::of_non_zero,
        "optional.none" => optional::none,
        "value" => optional::value,
        "hasValue" => optional::has_value,
        "or" | "orValue" => optional::or,
        "optional.unwrap" | "unwrapOpt" => optional::unwrap,
        "sets.contains" => sets::contains,
        "sets.equivalent" => sets::equivalent,
        "sets.intersects" => sets::intersects,
        "isSorted" => lists::is_sorted,
        "sum" => lists::sum,
        "min" => lists::min,
        "max" => lists::max,
        "sort" => lists::sort,
        "@sortByAssociatedKeys" => lists::sort_by_keys,
        "slice" => lists::slice,
        "flatten" => lists::flatten,
        "distinct" => lists::distinct,
        "reverse" => lists::reverse,
        "first" => lists::first,
        "last" => lists::last,
        "lists.range" => lists::range,
        "url" => url::url,
        "isURL" => url::is_url,
        "getScheme" => url::scheme,
        "getHost" => url::host,
        "getHostname" => url::hostname,
        "getPort" => url::port,
        "getEscapedPath" => url::escaped_path,
        "getQuery" => url::query,
        "ip" => network::ip,
        "isIP" => network::is_ip,
        "ip.isCanonical" => network::is_canonical,
        "family" => network::family,
        "isUnspecified" => network::is_unspecified,
        "isLoopback" => network::is_loopback,
        "isLinkLocalMulticast" => network::is_link_local_multicast,
        "isLinkLocalUnicast" => network::is_link_local_unicast,
        "isGlobalUnicast" => network::is_global_unicast,
        "cidr" => network::cidr,
        "isCIDR" => network::is_cidr,
        "containsIP" => network::contains_ip,
        "containsCIDR" => network::contains_cidr,
        "prefixLength" => network::prefix_length,
        "masked" => network::masked,
        "quantity" => quantity::quantity,
        "isQuantity" => quantity::is_quantity,
        "sign" => quantity::sign,
        "isInteger" => quantity::is_integer,
        "asInteger" => quantity::as_integer,
        "asApproximateFloat" => quantity::as_float,
        "add" => quantity::add,
        "sub" => quantity::sub,
        "isLessThan" => semver::is_less,
        "isGreaterThan" => semver::is_greater,
        "compareTo" => semver::compare,
        "semver" => semver::semver,
        "isSemver" => semver::is_semver,
        "major" => semver::major,
        "minor" => semver::minor,
        "patch" => semver::patch,
        "format.named" => format::named,
        "validate" => format::validate,
        "path" => authz::path,
        "group" => authz::group,
        "serviceAccount" => authz::service_account,
        "resource" => authz::resource,
        "subresource" => authz::subresource,
        "namespace" => authz::namespace,
        "name" => authz::name,
        "fieldSelector" => authz::field_selector,
        "labelSelector" => authz::label_selector,
        "check" => authz::check,
        "errored" => authz::errored,
        "error" => authz::error,
        "allowed" => authz::allowed,
        "reason" => authz::reason,
        _ => return format::constructor(name),
    })
}
