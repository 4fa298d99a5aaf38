//! The files that distributions are read from.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use anyhow::bail;

use crate::discovery::Catalogue;
use crate::discovery::LARGEST;

use super::arguments::DistributionArguments;

/// Reads every file that the arguments name.
pub(super) fn catalogue(arguments: &DistributionArguments) -> anyhow::Result<Catalogue> {
    let files = || arguments.distribution_config.iter().chain(&arguments.related);
    if files().filter(|path| is_standard_input(path)).count() > 1 {
        bail!("standard input can be read once only; give it as one - and the rest as files");
    }
    let mut catalogue = Catalogue::default();
    for path in files() {
        let (place, bytes) = match is_standard_input(path) {
            true => ("standard input".to_owned(), bytes_of(std::io::stdin().lock())),
            false => (path.display().to_string(), File::open(path).and_then(bytes_of)),
        };
        let bytes = bytes.with_context(|| {
            format!("{place}: cannot be read; name a file with what `aws cloudfront` prints, or -")
        })?;
        catalogue.read(&place, &bytes)?;
    }
    catalogue.settle();
    Ok(catalogue)
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn bytes_of(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than is taken tells a source of that size from a larger one.
    source.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
