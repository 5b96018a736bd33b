// What a class is asked in Start, for codes and their plot; and what came of it.

import { key, t } from "../../page/words/t.js";
import { knownOf, shareOf } from "./outcome.js";
import { MISSING, T } from "./session.js";

export const GUESSES = [["none", key`None`], ["half", key`About half`], ["most", key`Nearly all`]];

/** The guess that a share in [0, 1] bears out. */
export const guessOf = (share) => (share < 0.25 ? "none" : share < 0.75 ? "half" : "most");

export function ask(lab) {
  const view = lab.session("start").view.value;
  const name = lab.kernel("classes")[MISSING];
  const placeOf = (guess) => {
    const at = GUESSES.findIndex(([each]) => each === guess);
    return at < 0 ? null : at;
  };
  return { name: "start", at: t`without ${name}, T = ${T}`,
    options: GUESSES.map(([, text]) => t(text)),
    asks: t`How many ${t`${name}s`} will a small network know that was never shown one?`,
    value: placeOf(lab.setting("start", "guess").value),
    outcome: view.logits && placeOf(guessOf(shareOf(knownOf(view)[0]))) };
}
