// Numbers as a reader wants them.

import { t } from "../words/t.js";

const SUPERSCRIPT = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷",
  8: "⁸", 9: "⁹" };

export function power10(exponent) {
  return "10" + [...String(exponent)].map((digit) => SUPERSCRIPT[digit]).join("");
}

// The figures and the power of ten of a number given by its natural logarithm.
function scientific(logValue, digits) {
  const exponent = Math.floor(logValue / Math.LN10);
  const figures = Math.exp(logValue - exponent * Math.LN10).toFixed(digits);
  return Number(figures) < 10 ? [figures, exponent] : [(1).toFixed(digits), exponent + 1];
}

// 4, 4.05, 12.5: three figures at most, no idle zeros.
export function temperature(T) {
  return String(Number(T.toPrecision(3)));
}

// 37%, 2.0%, 0.12%, 3×10⁻⁵ (a share, no longer a percentage); from the natural logarithm.
export function share(logP) {
  const p = Math.exp(logP);
  if (p >= 0.0995) return `${Math.round(p * 100)}%`;
  if (p >= 0.00995) return `${(p * 100).toFixed(1)}%`;
  if (p >= 0.0000995) return `${(p * 100).toFixed(p >= 0.000995 ? 2 : 3)}%`;
  if (logP === -Infinity) return "0";
  const [figures, exponent] = scientific(logP, 0);
  return `${figures}×${power10(exponent)}`;
}

export function percent(value, digits = 0) {
  return `${(value * 100).toFixed(digits)}%`;
}

// −1.5, 0.0, +2.3
export function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
}

export function count(value) {
  return Math.round(value).toLocaleString("en-US");
}

// How many times: from the natural logarithm of the ratio, which may be too large to write out.
export function times(logRatio) {
  const ratio = Math.exp(logRatio);
  if (ratio < 9.95) return t`${ratio.toFixed(ratio < 1.095 ? 2 : 1)} times`;
  if (ratio < 1e7) return t`${count(ratio)} times`;
  const [figures, exponent] = scientific(logRatio, 1);
  return exponent > 99 ? t`over ${power10(99)} times` : t`${figures} × ${power10(exponent)} times`;
}

// "a 3", "an 8", "an 11", "an Ankle boot".
export function withArticle(name) {
  return /^([aeio]|8|11$|18$)/i.test(name) ? t`an ${name}` : t`a ${name}`;
}

export function memory(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function milliseconds(ms) {
  return ms < 1 ? `${(ms * 1000).toFixed(0)} µs` : `${ms.toFixed(1)} ms`;
}
