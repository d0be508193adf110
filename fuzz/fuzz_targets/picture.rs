//! The error card and the demo picture: whatever text is on them, at whatever size, they are XML and run nothing.
#![no_main]

use free_flux_api::domain::Size;
use free_flux_api::svg::demo;
use free_flux_api::svg::error_card::error_card;
use free_flux_api_fuzz::well_formed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u16, u16, u64, &str)| {
    let (width, height, number, text) = input;
    let side = |number: u16| 64 + u32::from(number) % 1_985;
    let size = Size::of(side(width), side(height)).expect("a size that is taken");
    let wait = Some(number).filter(|number| number % 2 == 0);
    well_formed(&error_card(400 + width % 200, "invalid_parameter", text, wait, size));
    well_formed(&demo::draw(text, size, number));
});
