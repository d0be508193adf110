//! The subject of a demo picture, taken from the prompt's words.

/// What a demo picture shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Subject {
    Cabin,
    Cat,
    City,
    Desert,
    Flower,
    Forest,
    Lighthouse,
    Mountains,
    Portrait,
    Sea,
    Ship,
    Space,
}

/// The words of each subject, English ones in the singular.
static WORDS: [(Subject, &str); 12] = [
    (Subject::Cabin, "cabin house cottage hut village farm 木屋 小屋 房子 村庄 农舍"),
    (Subject::Cat, "cat kitten kitty pet 猫"),
    (Subject::City, "city cities town street alley skyline building tower metropolis 城市 都市 街 小巷 高楼 古镇 夜市"),
    (Subject::Desert, "desert dune tent camel 沙漠 沙丘 帐篷 骆驼"),
    (Subject::Flower, "flower rose tulip peony lotus blossom bouquet garden 花 玫瑰 牡丹 荷 樱"),
    (Subject::Forest, "forest wood woods tree jungle bamboo panda fox deer 森林 树林 竹 大树 丛林 熊猫 狐狸"),
    (Subject::Lighthouse, "lighthouse 灯塔"),
    (Subject::Mountains, "mountain peak hill valley lake 群山 雪山 高山 远山 山脉 山峰 山谷 山水 湖"),
    (
        Subject::Portrait,
        "portrait girl boy woman man person face lady people child 肖像 人像 女孩 男孩 少女 少年 女人 男人 女士 姑娘",
    ),
    (Subject::Sea, "sea ocean beach wave coast island 大海 海边 海滩 海洋 海浪 沙滩 岛"),
    (Subject::Ship, "ship boat sail sailboat yacht sailing 船 帆 舟"),
    (
        Subject::Space,
        "space planet galaxy astronaut rocket spaceship nebula universe 太空 宇宙 行星 银河 火箭 宇航员 星系",
    ),
];

/// Words that ask for the night.
const NIGHT: &str = "night moon star stars midnight 夜 月光 月亮 月下 星空";

impl Subject {
    /// The subject that the prompt names first, if it names one.
    pub(super) fn of(prompt: &str) -> Option<Self> {
        let prompt = prompt.to_lowercase();
        let named = WORDS.iter().filter_map(|&(subject, words)| Some((first(&prompt, words)?, subject)));
        named.min_by_key(|&(at, _)| at).map(|(_, subject)| subject)
    }
}

/// True if the prompt asks for the night.
pub(super) fn is_night(prompt: &str) -> bool {
    first(&prompt.to_lowercase(), NIGHT).is_some()
}

/// Where the first of the words stands in a text in lower case.
fn first(text: &str, words: &str) -> Option<usize> {
    words.split(' ').filter_map(|word| find(text, word)).min()
}

/// Where a word stands: an English one between other characters than letters, with or without a plural's `s`.
fn find(text: &str, word: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.match_indices(word).map(|(at, _)| at).find(|&at| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
        let after = after.strip_prefix('s').unwrap_or(after);
        !word.is_ascii() || (!is_letter(before.chars().next_back()) && !is_letter(after.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_subject_that_a_prompt_names_counts_in_either_language() {
        for (prompt, subject) in [
            ("An orange CAT asleep on a house", Subject::Cat),
            ("two cats", Subject::Cat),
            ("窗台上打盹的橘猫，午后阳光", Subject::Cat),
            ("云海上的未来城市", Subject::City),
            ("Mountains in the mist, a small cabin", Subject::Mountains),
            ("月光下的帆船，平静的海", Subject::Ship),
            ("a portrait of a man", Subject::Portrait),
            ("A lighthouse in a storm", Subject::Lighthouse),
        ] {
            assert_eq!(Subject::of(prompt), Some(subject), "{prompt}");
        }
    }

    #[test]
    fn a_word_inside_another_is_no_subject() {
        for prompt in ["category theory", "concatenate", "manual", "a red bicycle", "", "卡车"] {
            assert_eq!(Subject::of(prompt), None, "{prompt}");
        }
        assert!(is_night("under the Moon") && is_night("冬夜") && !is_night("a nightingale's starter"));
    }
}
