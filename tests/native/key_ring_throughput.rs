//! Minutes with more callers than the keys can serve, in simulated time: the ring against an upstream that makes
//! two images a minute for each key and model, and refuses the third.

mod simulation;
mod upstream;

use std::fmt::Write as _;
use std::io::Write as _;

use self::simulation::Run;
use self::upstream::RATE;

/// The number of runs for each number of keys and setting; each has another schedule.
const SEEDS: u64 = 3;

#[test]
fn keys_at_two_a_minute_give_nearly_all_their_images_and_no_caller_is_overtaken() {
    let mut table =
        String::from("\n K  setting  model  images    %  refused  overtaken  wait median  wait max  503s\n");
    let kinds = [(None, 1), (Some(2), 1), (None, 2), (Some(2), 2)];
    let runs = [1, 4, 16].into_iter().flat_map(|keys| kinds.map(|(per_minute, models)| (keys, per_minute, models)));
    // Many keys with two models take long to simulate, and are not so different from run to run.
    let seeds = |keys, models| if keys * models > 16 { 1 } else { SEEDS };
    let runs = runs.flat_map(|run| (1..=seeds(run.0, run.2)).map(move |seed| (run, seed)));
    for ((keys, per_minute, models), seed) in runs {
        // Two models take longer to be learned, with one key above all.
        let minutes = match (keys, models) {
            (_, 1) => 10,
            (1, _) => 30,
            _ => 20,
        };
        let run = Run::new(keys, per_minute, models, minutes, seed).finish();
        let all = keys * RATE * minutes;
        let (overtaken, waits) = (run.overtaken, run.waits());
        let (refused, of_one) = run.upstream.refused();
        let setting = per_minute.map_or("off".to_owned(), |rate| rate.to_string());
        let seconds = |at: usize| waits.get(at).map_or(0, |wait| wait / 1_000);
        for (model, images) in (1..).zip(&run.images) {
            let _ = writeln!(
                table,
                "{keys:>2}  {setting:>7}  {model}/{models}    {images:>6}  {:>3}  {:>7}  {overtaken:>9}  {:>9} s  {:>6} s  {:>4}",
                images * 100 / all,
                refused,
                seconds(waits.len() / 2),
                seconds(waits.len().saturating_sub(1)),
                run.turned_away(),
            );
            assert!(images * 100 >= all * 95, "too few images{table}");
        }
        assert!(of_one <= usize::from(per_minute.is_none()), "too many refused for one key and model{table}");
        assert_eq!(overtaken, 0, "overtaken{table}");
        assert!(run.turned_away() > 0, "the load was no more than the keys could bear{table}");
    }
    // Shown with `--nocapture`.
    let _ = std::io::stdout().write_all(table.as_bytes());
}
