//! The forms that most types have, in a line each.

/// An object of these fields. `serde_json`'s `json!` reads as well, but takes each value through serde.
macro_rules! object {
    ($($name:literal: $value:expr),+ $(,)?) => {{
        let mut fields = serde_json::Map::new();
        $($crate::json::put(&mut fields, $name, serde_json::Value::from($value));)+
        serde_json::Value::Object(fields)
    }};
}

/// Gives a struct its form: an object, its fields under the names that stand beside them. Behind `; ..` stands what the
/// fields are read from that are not written.
macro_rules! json_object {
    ($type:ty { $($field:ident: $name:literal),+ $(,)? $(; ..$rest:expr)? }) => {
        impl $crate::json::Json for $type {
            fn to_json(&self) -> serde_json::Value {
                let mut fields = serde_json::Map::new();
                $($crate::json::write(&mut fields, $name, $crate::json::Json::to_json(&self.$field));)+
                serde_json::Value::Object(fields)
            }

            fn from_json(json: &serde_json::Value) -> Option<Self> {
                let fields = json.as_object()?;
                Some(Self { $($field: $crate::json::read(fields, $name)?,)+ $(..$rest)? })
            }
        }
        $crate::json::serde_by_json!($type);
    };
}

/// Gives an enum without content its form: a word for each variant.
macro_rules! json_words {
    ($type:ty { $($variant:ident: $word:literal),+ $(,)? }) => {
        impl $crate::json::Json for $type {
            fn to_json(&self) -> serde_json::Value {
                serde_json::Value::from(match self { $(Self::$variant => $word),+ })
            }

            fn from_json(json: &serde_json::Value) -> Option<Self> {
                match json.as_str()? {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
        $crate::json::serde_by_json!($type);
    };
}

/// Gives a struct of one unnamed field that field's form.
macro_rules! json_inner {
    ($type:ident) => {
        impl $crate::json::Json for $type {
            fn to_json(&self) -> serde_json::Value {
                $crate::json::Json::to_json(&self.0)
            }

            fn from_json(json: &serde_json::Value) -> Option<Self> {
                $crate::json::Json::from_json(json).map(Self)
            }

            fn absent() -> Option<Self> {
                $crate::json::Json::absent().map(Self)
            }
        }
        $crate::json::serde_by_json!($type);
    };
}

/// serde's traits for a type that has a form in JSON.
macro_rules! serde_by_json {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::json::Json::to_json(self).serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = serde_json::Value::deserialize(deserializer)?;
                let wrong = || serde::de::Error::custom(concat!("not the JSON of ", stringify!($type)));
                $crate::json::Json::from_json(&json).ok_or_else(wrong)
            }
        }
    };
}

pub(crate) use {json_inner, json_object, json_words, object, serde_by_json};
