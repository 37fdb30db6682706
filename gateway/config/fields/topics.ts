/** A topic to read: no wildcards, and not one of the broker's own, which begin with `$`. */
export const TOPIC_PATTERN = /^(?!\$)[^+#\p{Cc}]{1,256}$/u;

/** A topic filter (MQTT 5 §4.7.1): `+` and `#` stand for whole levels, `#` for the last. */
export const FILTER_PATTERN = /^(?!\$)(?:(?:\+|[^+#/\p{Cc}]*)\/)*(?:\+|#|[^+#/\p{Cc}]*)$/u;

/** The tree of every gateway at the broker. */
export const GATEWAY_TOPICS = 'callpoint/v1/#';
