// What the page says, in the reader's language. English is in the code and is the key; what has no
// translation is said in English.

import de from "./de.json" with { type: "json" };

// "pseudo" is for those who build the page: whatever is not said with t stands out, and all runs
// from right to left. A value stands outside of the brackets: it may need words of its own.
const bracketed = (english) => `⟦${english.replaceAll("{}", "⟧{}⟦")}⟧`.replaceAll("⟦⟧", "");
const CATALOGUES = { en: {}, de, pseudo: new Proxy({}, { get: (_, text) => bracketed(text) }) };
/** What each language calls itself. */
export const NAMES = { en: "English", de: "Deutsch" };
let language = "en";

export function speak(name) {
  language = name;
}

/** "ltr" or "rtl". */
export const direction = () => (language === "pseudo" ? "rtl" : "ltr");

/** What an element's lang is to be. */
export const tag = () => (language === "pseudo" ? "en" : language);

/** What a call says in English, for those who compare it, whatever they speak. */
export function inEnglish(say) {
  const before = language;
  language = "en";
  try {
    return say();
  } finally {
    language = before;
  }
}

/** A text that is said later, by t: of a table, or from before anybody chose a language. */
export const key = (texts) => texts.join("{}");

/**
 * Says t`Loss ${before} → ${after} nats`, or t(text) with a text of key`…`. A translation has {} for
 * the values in their order, or {0} and {1} in one of its own. Of texts and numbers a string; where
 * a value is a view, or [text, role], a list of parts.
 */
export const t = (texts, ...values) => (typeof texts === "string" ? put(texts, values)
  : put(key(texts), values));

/** Says what Python says: a text, or a list of a key and its values, which may be such lists. */
export const told = (said) => (Array.isArray(said)
  ? put(said[0], said.slice(1).map((value) => (Array.isArray(value) ? told(value) : value)))
  : put(said, []));

// A number or a name reads as it is, in a text that runs from right to left too.
const apart = (value) => (direction() === "ltr" || typeof value === "object" ? value
  : `\u2068${value}\u2069`);

function put(english, values) {
  const said = CATALOGUES[language][english] ?? english;
  if (values.length === 0) return said; // what others wrote may have braces in it
  const texts = said.split(/\{(\d*)\}/);
  const parts = texts.map((text, i) => (i % 2 ? apart(values[text || (i - 1) / 2]) : text));
  return values.some((value) => typeof value === "object" && value !== null)
    ? parts.filter((part) => part !== "") : parts.join("");
}
