//! Rate limits, what a minute taught, and the stored form.

use super::*;

const BASE: u64 = 1_780_000_000_000;

fn window(seconds: &[u64]) -> Window {
    let mut window = Window::default();
    for start in seconds {
        window.add(start * 1_000);
    }
    window
}

#[test]
fn a_call_waits_until_it_leaves_no_more_than_the_rate_in_any_window() {
    let cases: [(&[u64], u64, u32, u64); 8] = [
        (&[], 5, 2, 5),
        (&[0], 5, 2, 5),
        (&[0, 3], 5, 2, 61),
        (&[0, 3, 61], 5, 2, 64),
        // A reservation in between was returned: its time is free again.
        (&[0, 3, 64], 5, 2, 61),
        // A call now would break the rate together with the reservations.
        (&[40, 50], 0, 2, 101),
        (&[0], 5, 1, 61),
        (&[0], 5, 0, 61),
    ];
    for (starts, from, rate, expected) in cases {
        let soonest = window(starts).soonest(from * 1_000, rate);
        assert_eq!(soonest, expected * 1_000, "{starts:?} from {from} at {rate}");
    }
}

#[test]
fn times_at_the_end_of_what_a_number_can_hold_come_to_an_end() {
    let mut window = window(&[0]);
    window.add(u64::MAX - 1);
    window.add(u64::MAX);
    assert_eq!(window.soonest(u64::MAX, 1), u64::MAX);
    window.prune(u64::MAX, u64::MAX);
    assert!(window.is_empty());
}

#[test]
fn a_minutes_most_images_are_counted_within_the_window_before_a_refusal() {
    let cases: [(&[u64], u64, u32); 5] = [
        (&[], 10, 0),
        (&[0, 5], 10, 2),
        // The upstream may still have counted the first, but not together with the last.
        (&[0, 30, 60], 60, 2),
        (&[0, 30], 75, 1),
        (&[0, 5, 20], 10, 2),
    ];
    for (made, end, expected) in cases {
        let mut window = window(made);
        for at in made {
            window.mark_made(at * 1_000);
        }
        assert_eq!(window.most_in_a_minute(end * 1_000), expected, "{made:?} before {end}");
        window.add(end * 1_000);
        assert_eq!(window.most_in_a_minute(end * 1_000), expected, "a call that made none teaches nothing");
    }
}

#[test]
fn a_start_that_made_an_image_is_not_removed() {
    let mut window = window(&[5, 5]);
    window.mark_made(5_000);
    window.remove(5_000);
    window.remove(5_000);
    assert_eq!(window.0, [Start { at_ms: 5_000, made: true }]);
}

#[test]
fn it_is_the_same_again_after_it_was_stored_and_its_text_is_short() {
    let end = u64::MAX / 1_000;
    for starts in [vec![], vec![7], vec![0, 0, 3], vec![1_780_000_000, 1_780_000_061], vec![0, end]] {
        let mut window = window(&starts);
        starts.iter().skip(1).for_each(|at| window.mark_made(at * 1_000));
        for base in [0, BASE, u64::MAX] {
            let text = window.to_text(base);
            assert_eq!(Window::from_text(&text, base), Some(window.clone()), "{text}");
        }
    }
    let mut busy = window(&[1_779_999_990, 1_779_999_999]);
    busy.mark_made(1_779_999_990_000);
    assert_eq!(busy.to_text(BASE), "+-7ps.6y0");
}

#[test]
fn an_invalid_window_is_refused_and_a_too_long_one_is_truncated() {
    for wrong in ["1", ".", "+ 1", ".-", ".1.", ".1.5,", ".zzzzzzzzzzzzzzzz", "ü"] {
        assert_eq!(Window::from_text(wrong, 0), None, "{wrong}");
    }
    let read = Window::from_text(&format!(".0{}", ".1".repeat(9_999)), 0).unwrap_or_default();
    assert_eq!(read.0.len(), MAX_STARTS);
    assert_eq!(read.0.first().map(|start| start.at_ms), Some(7_976));
}
