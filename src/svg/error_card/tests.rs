use super::*;

const SIZES: [(u32, u32); 9] =
    [(64, 64), (2_048, 64), (64, 2_048), (128, 96), (300, 70), (512, 512), (1_024, 300), (2_048, 680), (2_048, 2_048)];

fn size(width: u32, height: u32) -> Size {
    Size::of(width, height).unwrap_or_else(|| unreachable!())
}

/// The number in the attribute `name` of an element.
fn number(element: &str, name: &str) -> u32 {
    let value = element.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| unreachable!("{name} of {element}"))
}

#[test]
fn no_line_leaves_a_card_of_any_size_however_long_the_message() {
    for (w, h) in SIZES {
        for message in
            ["No.", "“一位女孩” is no size. ", "The upstream refused this. ".repeat(40).as_str(), &"W".repeat(400)]
        {
            let svg = error_card(503, "keys_exhausted", message, Some(42), size(w, h));
            assert!(svg.contains(&format!("width=\"{w}\" height=\"{h}\"")) && svg.contains(">503</text>"));
            for element in svg.split("<text").skip(1) {
                let (baseline, font) = (number(element, "y"), number(element, "font-size"));
                assert!(baseline >= font * 7 / 10 && baseline + font / 5 <= h, "{w}x{h}: {element}");
                let line = element.split(['>', '<']).nth(1).unwrap_or_default();
                let x = if element.contains("middle") { 0 } else { number(element, "x") };
                assert!(x + width(line) * font / EM <= w, "{w}x{h}: {element}");
            }
        }
    }
}

#[test]
fn a_card_shows_as_much_as_there_is_room_for() {
    let large = error_card(404, "image_not_found", "No image is stored under this id.", None, size(512, 512));
    assert!(large.contains("image_not_found</text>") && large.contains("<rect"));
    let small = error_card(404, "image_not_found", "No image is stored under this id.", None, size(64, 64));
    assert!(small.contains("…</text>") && !small.contains("image_not_found</text>") && !small.contains("<rect"));
}

#[test]
fn caller_input_is_shown_as_text() {
    let message = "`size` is “</text></svg><script>x</script>\" onload='x'\0”.";
    let svg = error_card(400, "invalid_parameter", message, None, size(512, 512));
    assert!(!svg.contains("<script") && !svg.contains("' onload") && !svg.contains('\0') && !svg.contains("='x'"));
    assert_eq!(svg.matches("</svg>").count(), 1);
    assert!(svg.contains("&lt;script&gt;"));
}

#[test]
fn a_wait_is_written_and_a_short_one_fills_a_bar() {
    let card = |wait| error_card(503, "keys_exhausted", "Busy.", wait, size(512, 512));
    assert!(card(Some(42)).contains("42 s</text>") && card(Some(42)).contains("animation:w 42s linear"));
    assert!(card(Some(7_200)).contains("7200 s</text>") && !card(Some(7_200)).contains("animation:w 7200s"));
    assert!(!card(None).contains("animation:w "));
}
