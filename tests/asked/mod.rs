//! What the readers of the files take, found by asking them: a wrong value is answered by what
//! would be right, and a default that is written out changes nothing.

pub(crate) mod left_out;
pub(crate) mod taken;

use std::path::Path;
use std::time::Duration;

use origin_probe::config::Config;
use origin_probe::config::ConfigError;
use origin_probe::config::ConfigErrors;
use origin_probe::config::Fault;
use origin_probe::config::Key;
use origin_probe::config::OriginDefaults;
use origin_probe::config::TargetFile;
use origin_probe::config::WebFile;
use origin_probe::origin::Reachability;
use origin_probe::origin::RenewalPolicy;
use serde_json::Value;
use serde_json::json;

/// Which file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Config,
    Web,
    Targets,
}

/// What may stand under a key.
#[derive(Debug)]
pub(crate) enum Form {
    Section(&'static [Key]),
    /// With keys that the file chooses.
    Mapping,
    Sections(&'static [Key]),
    /// Of what the reader calls by this.
    List(&'static str),
    /// What the reader calls by this.
    Single(&'static str),
}

impl Reader {
    /// Returns the form of what stands at `path`, written as errors have it: `origins[0].id`.
    pub(crate) fn form(self, path: &str) -> Form {
        let entry = format!("{{{NO_KEY}: 1}}");
        if let Some(known) = self.known(path, &entry) {
            return Form::Section(known);
        }
        match wanted(&self.faults(path, &entry, path)) {
            None => {
                // Or nobody reads it.
                let other = wanted(&self.faults(path, "x", path));
                assert_eq!(other, Some("a mapping, `key: value`"), "{path} takes anything");
                Form::Mapping
            }
            Some("a list") => {
                let (item, items) = (format!("{path}[0]"), format!("[{entry}]"));
                match self.known_at(path, &items, &item) {
                    Some(known) => Form::Sections(known),
                    None => Form::List(
                        wanted(&self.faults(path, &items, &item))
                            .unwrap_or_else(|| panic!("{path} takes lists of anything")),
                    ),
                }
            }
            Some(wanted) => Form::Single(wanted),
        }
    }

    /// Returns the keys that the mapping at `path` may have, when it takes no others.
    pub(crate) fn known(self, path: &str, entry: &str) -> Option<&'static [Key]> {
        self.known_at(path, entry, path)
    }

    fn known_at(self, path: &str, raw: &str, at: &str) -> Option<&'static [Key]> {
        self.complaints(path, raw).into_iter().find_map(|error| match error.fault {
            Fault::UnknownKey { known, .. } if error.key.starts_with(at) => Some(known),
            _ => None,
        })
    }

    /// Returns what is said of `at` when `raw`, a text of YAML, stands at `path`.
    pub(crate) fn faults(self, path: &str, raw: &str, at: &str) -> Vec<Fault> {
        let errors = self.complaints(path, raw).into_iter();
        errors.filter(|error| error.key == at).map(|error| error.fault).collect()
    }

    fn complaints(self, path: &str, raw: &str) -> Vec<ConfigError> {
        let mut file = self.base(path);
        place(&mut file, path, Some(json!(HERE)));
        let text = file.to_string().replace(&format!("\"{HERE}\""), raw);
        self.read(&text).err().unwrap_or_default()
    }

    /// Returns what is decided from a file, in a form to compare, and how it is shown.
    pub(crate) fn read(self, text: &str) -> Result<(String, String), Vec<ConfigError>> {
        let place = Path::new("conf/file.yaml");
        let errors = |errors: ConfigErrors| errors.errors().to_vec();
        match self {
            Self::Config => {
                let config = Config::parse(place, text.as_bytes()).map_err(errors)?;
                let origins = (0..config.origins.len()).filter_map(|at| config.show_origin(at));
                Ok((format!("{config:?}"), config.show_settings() + &origins.collect::<String>()))
            }
            Self::Web => {
                let web = WebFile::parse(place, text).map_err(errors)?;
                Ok((format!("{web:?}"), web.show()))
            }
            Self::Targets => {
                let defaults = OriginDefaults {
                    interval: Duration::from_secs(300),
                    reachable_from_here: Reachability::Auto,
                    renewal: RenewalPolicy::default(),
                };
                let file = TargetFile::parse(place, text, &defaults).map_err(errors)?;
                let shown = String::new();
                let origins = format!("{:?}", file.origins);
                file.errors.map_or(Ok((origins, shown)), |wrong| Err(errors(wrong)))
            }
        }
    }

    /// Returns a sound file that has all around `path`, so that what is said is said of it alone.
    pub(crate) fn base(self, path: &str) -> Value {
        match self {
            Self::Config if path.starts_with("origins[0].targets") => json!({"origins": [{
                "id": "shop", "domain": "origin.example.com",
                "targets": [{"server_name": "www.example.com"}],
            }]}),
            Self::Config => {
                let mut file = json!({"origins": [{
                    "id": "shop", "domain": "origin.example.com",
                    "viewer_hosts": ["www.example.com"],
                }]});
                if path.starts_with("discovery.cloudfront[0].targets[0]") {
                    file["discovery"] = json!({"cloudfront": [{"name": "shop", "targets": [{
                        "distribution": "E2EXAMPLE1ABCD", "origin": "app",
                        "server_name": "www.example.com",
                    }]}]});
                } else if path.starts_with("discovery.cloudfront[0]") {
                    file["discovery"] = json!({"cloudfront": [{"name": "shop"}]});
                }
                file
            }
            Self::Web => json!({
                "tls_server_config": {"cert": "C", "key": "K"}, "rate_limit": {"interval": "1s"},
            }),
            Self::Targets => json!([{"targets": ["origin.example.com"]}]),
        }
    }
}

/// Returns what the reader says would be right in place of a mapping.
fn wanted(faults: &[Fault]) -> Option<&'static str> {
    faults.iter().find_map(|fault| match fault {
        Fault::WrongKind { wanted, .. } => Some(*wanted),
        _ => None,
    })
}

/// Puts a value at a path, or takes away what stands there.
pub(crate) fn place(file: &mut Value, path: &str, value: Option<Value>) {
    let mut node = file;
    let mut steps = path.split('.').filter(|step| !step.is_empty()).peekable();
    while let Some(step) = steps.next() {
        let (key, is_item) = step.strip_suffix("[0]").map_or((step, false), |key| (key, true));
        if !is_item && steps.peek().is_none() && value.is_none() {
            node.as_object_mut().map(|mapping| mapping.remove(key));
            return;
        }
        if !key.is_empty() {
            node = &mut node[key];
        }
        if is_item {
            if node.is_null() {
                *node = json!([null]);
            }
            node = &mut node[0];
        }
    }
    *node = value.unwrap_or(Value::Null);
}

/// Stands where the text of YAML comes.
const HERE: &str = "@here@";
/// No key is called so, nor anything like it.
const NO_KEY: &str = "zz--zz";
