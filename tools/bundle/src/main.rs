//! The step between rustc and esbuild: `bundle IN.wasm OUT_FOLDER` writes `index.js` and `index_bg.wasm`.

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, folder] = arguments.as_slice() else {
        eprintln!("Usage: bundle IN.wasm OUT_FOLDER");
        return ExitCode::FAILURE;
    };
    match bundle(Path::new(input), Path::new(folder)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{input} could not be made a module: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the JavaScript that loads `input`, and the `.wasm` that it loads.
fn bundle(input: &Path, folder: &Path) -> Result<(), Box<dyn std::error::Error>> {
    Bindgen::new()
        .input_path(input)
        .out_name("index")
        .module(true)?
        .typescript(false)
        .debug(false)
        .keep_debug(false)
        // After a trap WebAssembly's memory is in pieces. The first of these lets it be started anew, the second has
        // every trap noticed; src/platform/entry.js does the rest.
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(folder)?;

    // A source-phase import, which esbuild does not know. An ordinary one of a .wasm is the same to workerd: a
    // module that is compiled and not yet started.
    let script = folder.join("index.js");
    let text = fs::read_to_string(&script)?;
    fs::write(script, text.replace("import source ", "import "))?;
    Ok(())
}
