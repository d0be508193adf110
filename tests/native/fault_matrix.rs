//! The fault matrix: every call of the service with every fault, the response that the caller then gets, and the state
//! afterwards. The table is `fault_matrix.md`; this test reads and drives it.

mod faults;
mod scenes;

use std::collections::BTreeMap;
use std::io::Write as _;

use self::faults::FAULTS;
use self::scenes::{CALLS, Times, play};

const TABLE: &str = include_str!("fault_matrix.md");

/// A row: the expected results if the first call fails, and if every call fails.
type Row = (String, String);

/// The rows of the table by call and fault. Fails on a duplicate row.
fn rows() -> BTreeMap<(String, String), Row> {
    let mut rows = BTreeMap::new();
    let mut call = String::new();
    for line in TABLE.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut call);
        }
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        let [_, fault, once, always, _] = cells.as_slice() else { continue };
        if fault == "fault" || fault.starts_with("--") {
            continue;
        }
        let earlier = rows.insert((call.clone(), fault.clone()), (once.clone(), always.clone()));
        assert!(earlier.is_none(), "{call} has {fault} twice");
    }
    rows
}

#[test]
fn every_fault_of_every_call_ends_as_the_table_says() {
    let mut rows = rows();
    let (mut tested, mut impossible) = (0, 0);
    let mut wrong = Vec::new();
    for call in CALLS {
        for fault in FAULTS {
            let (once, always) = rows.remove(&(call.name.to_owned(), fault.name().to_owned())).unwrap_or_default();
            let Some(injection) = (call.injection)(*fault) else {
                // If a fault is impossible, the reason takes the place of the result.
                let explained = once == "—" && !always.is_empty();
                impossible += 1;
                if !explained {
                    wrong.push(format!("{} | {} | — | why? |", call.name, fault.name()));
                }
                continue;
            };
            tested += 1;
            let seen = [Times::Once, Times::Always].map(|times| play(call, &injection, times));
            if seen != [once.as_str(), always.as_str()] {
                wrong.push(format!("{} | {} | {} | {} |", call.name, fault.name(), seen[0], seen[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells are not as the table says:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows.is_empty(), "rows of no call or fault: {:?}", rows.keys());
    let size = format!(
        "the fault matrix: {} calls x {} faults = {} cells; {tested} tested, each failing once and always; {impossible} \
         cannot be, and say why\n",
        CALLS.len(),
        FAULTS.len(),
        CALLS.len() * FAULTS.len(),
    );
    assert_eq!(tested + impossible, CALLS.len() * FAULTS.len());
    // Not `println!`, which the test harness hides for a passing test.
    std::io::stderr().write_all(size.as_bytes()).expect("a terminal");
}
