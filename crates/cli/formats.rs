//! `--format`: what is shown, and what is written to files beside it.

use std::path::{Path, PathBuf};

use twosided_files::{IfThere, OutputFile};
use twosided_form::printable;

use crate::{Failure, print};

/// A format and, where it is not for standard output, its file.
#[derive(Clone, Debug)]
pub(crate) struct FormatArgument {
    name: &'static str,
    file: Option<PathBuf>,
}

/// Reads `NAME` or `NAME=FILE` with one of these names.
pub(crate) fn format(
    names: &'static [&'static str],
) -> impl Fn(&str) -> Result<FormatArgument, String> + Clone + Send + Sync + 'static {
    move |text| {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let Some(name) = names.iter().find(|known| **known == name) else {
            return Err(format!("write one of {}, or NAME=FILE to write it to a file", names.join(", ")));
        };
        match file {
            Some("") => Err(format!("write {name}=FILE, with the path of the file")),
            file => Ok(FormatArgument { name, file: file.map(PathBuf::from) }),
        }
    }
}

/// Where each format goes: checked before the work is done.
pub(crate) struct Outputs {
    shown: &'static str,
    files: Vec<(&'static str, OutputFile)>,
}

impl Outputs {
    /// What is asked for. Where no format is for standard output, it has the first of `names`. Files that are there are replaced,
    /// unless the command reads them.
    pub(crate) fn open(formats: &[FormatArgument], default: &'static str, inputs: &[&Path]) -> Result<Self, Failure> {
        let shown: Vec<&'static str> =
            formats.iter().filter(|format| format.file.is_none()).map(|format| format.name).collect();
        if let [one, other, ..] = shown[..] {
            return Err(Failure::Usage(format!(
                "--format {one} and --format {other} are both for standard output; write one as {other}=FILE"
            )));
        }
        let files = formats.iter().filter_map(|format| Some((format.name, format.file.as_deref()?)));
        for (name, file) in files.clone() {
            refuse_what_is_read(name, file, inputs)?;
        }
        let files = files.map(|(name, file)| Ok((name, OutputFile::new(file, inputs, IfThere::Replace)?)));
        let files = files.collect::<Result<_, Failure>>()?;
        Ok(Self { shown: shown.first().copied().unwrap_or(default), files })
    }

    /// Writes the files, then shows the rest.
    pub(crate) fn write(self, render: impl Fn(&str) -> String) -> Result<(), Failure> {
        for (name, file) in self.files {
            file.write(render(name).as_bytes())?;
        }
        print(&render(self.shown))
    }
}

/// Refuses a file in the folder of a report that the command reads, and a scenario, which others may include.
fn refuse_what_is_read(name: &str, file: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_same = |input: &&&Path| input.is_dir() && folder.canonicalize().ok() == input.canonicalize().ok();
    let shown = printable(&file.display().to_string());
    if inputs.iter().any(|input| is_same(&input)) {
        return Err(Failure::Usage(format!(
            "{shown} is in a folder that this command reads; write {name}= a file elsewhere"
        )));
    }
    if file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) && file.exists() {
        return Err(Failure::Usage(format!(
            "{shown} is there and may be part of a scenario; write {name}= a file of another name"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_may_have_a_file() {
        let read = format(&["text", "junit"]);
        let junit = read("junit=out/a=b.xml").expect("it is one of them");
        assert_eq!((junit.name, junit.file), ("junit", Some(PathBuf::from("out/a=b.xml"))));
        assert_eq!(read("text").expect("it is one of them").file, None);
        assert!(read("xml").expect_err("it is none of them").starts_with("write one of text, junit"));
        assert!(read("junit=").is_err());
        let two = [read("text"), read("junit")].map(|format| format.expect("they are known"));
        assert!(matches!(Outputs::open(&two, "text", &[]), Err(Failure::Usage(_))));
    }
}
