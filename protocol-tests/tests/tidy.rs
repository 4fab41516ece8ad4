//! The architecture, held by a test: who may depend on whom, what may be named where, and how large a file or a function may grow.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{Delimiter, LineColumn, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;

/// What each crate must not directly depend on, build and development dependencies included unless they are excused below.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "ottla-wire",
        &["tokio", "rand", "ottla", "ottla-core", "ottla-mockbroker", "ottla-mockbroker-core", "rustls", "tracing"],
    ),
    (
        "ottla-core",
        &["tokio", "rand", "ottla", "ottla-mockbroker", "ottla-mockbroker-core", "rustls", "kafka-protocol"],
    ),
    ("ottla", &["ottla-mockbroker", "ottla-mockbroker-core", "kafka-protocol", "rand", "aws-sigv4"]),
    (
        "ottla-mockbroker-core",
        &["tokio", "rand", "ottla", "ottla-core", "ottla-mockbroker", "aws-sigv4", "rustls", "kafka-protocol"],
    ),
    ("ottla-mockbroker", &["ottla", "ottla-core", "kafka-protocol", "aws-sigv4", "rand"]),
];

/// Development dependencies that a layer may have although it must not depend on them.
const EXCUSED_IN_TESTS: &[(&str, &str)] = &[("ottla", "ottla-mockbroker")];

/// A word that may stand only in some files, and why.
struct Ban {
    words: &'static [&'static str],
    within: &'static [&'static str],
    except: &'static [&'static str],
    why: &'static str,
}

const CORES: &[&str] = &["wire/src", "client/core/src", "mockbroker/core/src"];
const SOURCES: &[&str] = &["wire/src", "client/src", "client/core/src", "mockbroker/src", "mockbroker/core/src"];

const BANS: &[Ban] = &[
    Ban {
        words: &["Instant :: now", "SystemTime :: now", "Utc :: now"],
        within: CORES,
        except: &[],
        why: "time is an argument of every core",
    },
    Ban {
        words: &["async", "await", "tokio", "Mutex", "RwLock", "Condvar", "AtomicU64", "AtomicUsize", "AtomicBool"],
        within: CORES,
        except: &[],
        why: "a core decides and never waits",
    },
    Ban {
        words: &["TcpStream", "TcpListener", "UdpSocket", "std :: net", "std :: fs", "std :: env", "std :: thread"],
        within: CORES,
        except: &[],
        why: "a core has no world around it",
    },
    Ban {
        words: &["rand ::", "getrandom", "RandomState", "thread_rng"],
        within: CORES,
        except: &[],
        why: "random bits are arguments of every core",
    },
    Ban {
        words: &["kafka_protocol"],
        within: SOURCES,
        except: &["wire/src/message.rs"],
        why: "the generated messages have one door, ottla_wire::message",
    },
    Ban {
        words: &[
            "TcpStream",
            "tokio :: time",
            "Mutex",
            "RwLock",
            "Notify",
            "mpsc",
            "oneshot",
            "OnceLock",
            "AtomicU64",
            "AtomicUsize",
            "AtomicBool",
        ],
        within: &["client/src"],
        except: &["client/src/io/"],
        why: "sockets, timers and locks live in client/src/io",
    },
    Ban {
        words: &["unbounded_channel", "UnboundedSender", "unbounded"],
        within: SOURCES,
        except: &[],
        why: "everything has a bound",
    },
    Ban {
        words: &["sleep"],
        within: SOURCES,
        except: &["client/src/io/retry.rs"],
        why: "no path sleeps; deadlines are kept by the loop that waits, and the pause between two attempts by the retry",
    },
    Ban { words: &["env :: var", "env :: vars"], within: SOURCES, except: &[], why: "the environment is an argument" },
    Ban {
        words: &["todo !", "unimplemented !", "dbg !", "println !", "eprintln !"],
        within: SOURCES,
        except: &[],
        why: "an unfinished thing is not merged, and a library does not print",
    },
];

/// The one loop that waits, in each of the two shells.
const LOOPS_THAT_WAIT: &[(&str, &str)] =
    &[("client/src", "client/src/io/driver.rs"), ("mockbroker/src", "mockbroker/src/io/serve.rs")];

/// Endings of type names that say nothing (STYLE: Kafka's own nouns).
const EMPTY_NAMES: &[&str] = &["Manager", "Helper", "Util", "Utils", "Data", "Info"];

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const FUNCTION_LINES_P90: usize = 25;

/// Files and functions that may be longer, each with its reason. The list only shrinks.
const LONGER: &[(&str, &str)] = &[];

#[test]
fn no_crate_depends_on_what_its_layer_must_not_know() {
    let packages = direct_dependencies();
    let mut wrong = Vec::new();
    for (package, banned) in LAYERS {
        let dependencies = packages.get(*package).unwrap_or_else(|| panic!("no package {package}"));
        for (dependency, development) in dependencies {
            let excused = *development && EXCUSED_IN_TESTS.contains(&(package, dependency.as_str()));
            if banned.contains(&dependency.as_str()) && !excused {
                wrong.push(format!("{package} must not depend on {dependency}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nobody_gets_the_planted_bugs_who_does_not_ask_for_them() {
    const BUGS: &str = "planted-bugs";
    let mut have_bugs = Vec::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let features: BTreeMap<String, Vec<String>> = serde_json::from_value(package["features"].clone()).unwrap();
        have_bugs.extend(features.contains_key(BUGS).then(|| name.to_owned()));
        let asks = |what: &str| what == BUGS || what.ends_with("/planted-bugs");
        for (feature, includes) in &features {
            assert!(feature == BUGS || !includes.iter().any(|it| asks(it)), "{name}: {feature} includes {BUGS}");
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            assert!(!dependency["features"].as_array().unwrap().contains(&BUGS.into()), "{name} depends on {BUGS}");
        }
    }
    assert_eq!(have_bugs, ["ottla", "ottla-core", "protocol-tests"]);
}

#[test]
fn no_file_names_what_belongs_elsewhere() {
    let mut wrong = Vec::new();
    for ban in BANS {
        for source in ban.within.iter().flat_map(|folder| sources(folder)) {
            if ban.except.iter().any(|allowed| source.name.starts_with(allowed)) {
                continue;
            }
            for word in ban.words.iter().filter(|word| source.names(word)) {
                wrong.push(format!("{} names `{word}`: {}", source.name, ban.why));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn one_loop_waits_in_each_shell() {
    for (folder, home) in LOOPS_THAT_WAIT {
        let waiting: Vec<_> =
            sources(folder).filter(|source| source.names("select !")).map(|source| source.name).collect();
        assert_eq!(waiting, [*home], "select! in {folder}");
        let selects = sources(folder).map(|source| source.code.matches("select !").count()).sum::<usize>();
        assert_eq!(selects, 1, "select! in {folder}");
    }
}

#[test]
fn files_and_functions_stay_small() {
    let mut wrong = Vec::new();
    let mut lengths = Vec::new();
    for source in SOURCES.iter().flat_map(|folder| sources(folder)) {
        if source.lines > FILE_LINES_MAX {
            wrong.push((source.name.clone(), source.lines));
        }
        for (function, lines) in source.functions {
            lengths.push(lines);
            if lines > FUNCTION_LINES_MAX {
                wrong.push((format!("{}::{function}", source.name), lines));
            }
        }
    }
    let excused = |name: &str| LONGER.iter().any(|(longer, _)| *longer == name);
    let unexcused: Vec<_> = wrong.iter().filter(|(name, _)| !excused(name)).collect();
    assert!(
        unexcused.is_empty(),
        "longer than {FILE_LINES_MAX} (file) or {FUNCTION_LINES_MAX} (function) lines: {unexcused:#?}"
    );
    for (name, reason) in LONGER {
        assert!(!reason.is_empty());
        assert!(wrong.iter().any(|(longer, _)| longer == name), "{name} is short enough now: take it off the list");
    }
    lengths.sort_unstable();
    let p90 = lengths[lengths.len() * 9 / 10];
    assert!(p90 <= FUNCTION_LINES_P90, "the ninetieth percentile of function lengths is {p90} lines");
}

#[test]
fn no_type_has_a_name_that_says_nothing() {
    let mut wrong = Vec::new();
    for source in SOURCES.iter().flat_map(|folder| sources(folder)) {
        for name in &source.types {
            if EMPTY_NAMES.iter().any(|empty| name.ends_with(empty)) {
                wrong.push(format!("{}: {name}", source.name));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn nothing_is_marked_unfinished() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    for folder in SOURCES.iter().chain(&["protocol-tests", "examples", "fuzz/fuzz_targets", "fuzz/src"]) {
        for path in rust_files(&root().join(folder)) {
            let text = fs::read_to_string(&path).unwrap();
            for (number, line) in text.lines().enumerate() {
                let marked = marks.iter().any(|mark| line.contains(mark));
                assert!(!marked, "{}:{}: {line}", path.display(), number + 1);
            }
        }
    }
}

/// A source file without its tests.
struct Source {
    name: String,
    /// The tokens, one space before and after each, without comments and literals.
    code: String,
    lines: usize,
    functions: Vec<(String, usize)>,
    types: Vec<String>,
}

impl Source {
    /// Whether `words` stand in the code as whole tokens.
    fn names(&self, words: &str) -> bool {
        self.code.contains(&format!(" {words} "))
    }
}

fn sources(folder: &str) -> impl Iterator<Item = Source> {
    let root = root();
    rust_files(&root.join(folder)).into_iter().filter(|path| !is_test_file(path)).map(move |path| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        read(name, &fs::read_to_string(&path).unwrap())
    })
}

fn is_test_file(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

fn read(name: String, text: &str) -> Source {
    let mut file = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let in_tests: usize = file.items.iter().filter(|item| is_test(item)).map(lines).sum();
    file.items.retain(|item| !is_test(item));
    let mut shape = Shape::default();
    shape.visit_file(&file);
    let mut code = String::from(" ");
    spaced(file.to_token_stream(), &mut code);
    Source { name, code, lines: text.lines().count() - in_tests, functions: shape.functions, types: shape.types }
}

/// The tokens of `stream` with one space between each two; `::` is one token, and literals (doc comments among them) are left out.
fn spaced(stream: TokenStream, out: &mut String) {
    let mut joined = false;
    for token in stream {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                out.push_str(open);
                out.push(' ');
                spaced(group.stream(), out);
                out.push_str(close);
                out.push(' ');
            }
            TokenTree::Ident(ident) => {
                out.push_str(&ident.to_string());
                out.push(' ');
            }
            TokenTree::Punct(punct) => {
                out.push(punct.as_char());
                joined = punct.as_char() == ':' && punct.spacing() == Spacing::Joint && !joined;
                if !joined {
                    out.push(' ');
                }
            }
            TokenTree::Literal(_) => {}
        }
    }
}

fn is_test(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(module) => &module.attrs,
        syn::Item::Fn(function) => &function.attrs,
        syn::Item::Use(import) => &import.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.to_token_stream().to_string().replace(' ', "").contains("cfg(test)")
    })
}

#[derive(Default)]
struct Shape {
    functions: Vec<(String, usize)>,
    types: Vec<String>,
}

impl<'ast> Visit<'ast> for Shape {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.functions.push((function.sig.ident.to_string(), lines(&function.block)));
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.functions.push((function.sig.ident.to_string(), lines(&function.block)));
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.types.push(item.ident.to_string());
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.types.push(item.ident.to_string());
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.types.push(item.ident.to_string());
        syn::visit::visit_item_trait(self, item);
    }
}

fn lines(spanned: &impl Spanned) -> usize {
    let (LineColumn { line: first, .. }, LineColumn { line: last, .. }) =
        (spanned.span().start(), spanned.span().end());
    last - first + 1
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The direct dependencies of each workspace member, and whether each is for development alone.
fn direct_dependencies() -> BTreeMap<String, Vec<(String, bool)>> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let dependencies = |package: &serde_json::Value| {
        let each = package["dependencies"].as_array().unwrap().iter();
        each.map(|dependency| (text(&dependency["name"]), dependency["kind"] == "dev")).collect()
    };
    packages().iter().map(|package| (text(&package["name"]), dependencies(package))).collect()
}

/// The workspace's members, as cargo describes them.
fn packages() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo speaks JSON");
    metadata["packages"].as_array().unwrap().clone()
}
